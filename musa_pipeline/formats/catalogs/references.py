"""What entries may name: controls (withdrawn ones named with their successor), kinds, threats, metrics."""

from collections.abc import Collection

from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.ids import ControlId, control_id
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span


class Controls:
    """The controls in force. Codes: C005 unknown control, C010 withdrawn control."""

    def __init__(self, catalog: ControlCatalog, problems: Problems) -> None:
        self.by_id: dict[str, Control] = {each.id: each for each in catalog.controls}
        self.problems = problems

    def read(self, written: str, at: Span) -> ControlId | None:
        """Return the control that was meant; None, reported, when there is none."""
        found = control_id(written)
        if found is None or found not in self.by_id:
            if not self.by_id:
                return found  # a missing control catalog is one problem, not a thousand
            help = near(written.upper(), self.by_id) or "an id of SP 800-53 rev 5, as SC-5 or SC-5(3)"  # noqa: A001
            self.problems.report("C005", at, f"no control {written!r} in the catalog in force", help=help)
            return None
        control = self.by_id[found]
        if control.withdrawn:
            successors = " and ".join(control.moved_to)
            way_out = f"say {successors} instead" if successors else "it has no successor; leave it out"
            self.problems.warn("C010", at, f"control {found!r} is withdrawn", help=way_out)
        return found


def known(what: str, name: str, names: Collection[str], at: Span, problems: Problems) -> bool:
    """Tell whether a name is known, and report it when it is not (C006)."""
    if name in names:
        return True
    problems.report("C006", at, f"no {what} {name!r} in the catalogs", help=near(name, names) or f"known: {_some(names)}")
    return False


def _some(names: Collection[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:5]) + (", ..." if len(ordered) > 5 else "") if ordered else "none"
