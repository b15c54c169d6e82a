"""Beside the road: what another version of the control catalog changes, and for which components, SLAs and catalog entries."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.revision import ControlChange, changes
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.formats.catalogs.controls import read_controls
from musa_pipeline.formats.oscal import NotOscal, catalog_of
from musa_pipeline.formats.values import read_value
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.workspace.files import read_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A change and whom it concerns: components (`application/component`), documents under sla/, entries of the catalogs."""

    change: ControlChange
    components: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()

    @property
    def matters(self) -> bool:
        """Whether anything of this repository names the control."""
        return bool(self.components or self.documents or self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two versions and every change between them; `silent` says what could not be compared."""

    before: ControlCatalog
    after: ControlCatalog
    touched: tuple[Touched, ...]
    silent: tuple[str, ...] = ()


def difference(first: str, second: str | None, catalogs: Catalogs, root: Path, problems: Problems) -> Difference:
    """Compare two control catalogs: ids of the catalogs, files of facts, or OSCAL files; one alone is what would replace the one in force.

    Raises UsageWrong if one of them is none of these.
    """
    old = _catalog(first, catalogs) if second else catalogs.controls
    new = _catalog(second or first, catalogs)
    components, documents, entries = _components(root, problems), _documents(root, problems), _entries(catalogs)
    return Difference(
        before=old,
        after=new,
        touched=tuple(
            Touched(
                change=each,
                components=tuple(components.get(each.control, ())),
                documents=tuple(documents.get(each.control, ())),
                entries=tuple(entries.get(each.control, ())),
            )
            for each in changes(old, new)
        ),
        silent=tuple(_silent(old, new)),
    )


def _catalog(written: str, catalogs: Catalogs) -> ControlCatalog:
    known = {each.id: each for each in (catalogs.controls, *catalogs.older)}
    if written in known:
        return known[written]
    path = Path(written)
    if not path.is_file():
        hint = near(written, known) or f"give an OSCAL file, a file of catalogs/controls, or one of {', '.join(known)}"
        raise UsageWrong(f"there is no control catalog {written!r}", hint)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageWrong(f"{written} cannot be read: {error.strerror}") from error
    facts = read_controls(data.decode("utf-8", "replace"), written, Problems())
    if facts is not None:
        return facts
    try:
        return catalog_of(data)
    except NotOscal as error:
        raise UsageWrong(f"{path.name} is neither facts of a control catalog nor OSCAL: {error.reason}") from error


def _components(root: Path, problems: Problems) -> dict[ControlId, list[str]]:
    """Return the components that each control is required of, of all applications whose risks were assessed here."""
    found: dict[ControlId, list[str]] = defaultdict(list)
    for path in sorted((root / "sla").glob("*/risk.json")):
        shown = path.relative_to(root).as_posix()
        data = read_bytes(path, shown, problems)
        profile = read_value(data, RiskProfile, shown, problems) if data is not None else None
        if profile is None:
            continue
        for required in profile.required:
            found[required.control].append(f"{path.parent.name}/{required.component}")
        for own in profile.organisation:
            found[own.control].append(f"{path.parent.name} (its organisation)")
    return found


def _documents(root: Path, problems: Problems) -> dict[ControlId, list[str]]:
    """Return the templates and SLAs that have a term on each control."""
    found: dict[ControlId, list[str]] = defaultdict(list)
    for path in sorted((root / "sla").rglob("*.xml")):
        shown = path.relative_to(root).as_posix()
        data = read_bytes(path, shown, problems)
        document = read_agreement(data, shown, Problems()) if data is not None else None
        for term in document.terms if document else ():
            found[term.control].append(shown)
    return found


def _entries(catalogs: Catalogs) -> dict[ControlId, list[str]]:
    """Return the entries that name each control: family/id."""
    found: dict[ControlId, list[str]] = defaultdict(list)
    for control, entry in _named(catalogs):
        if entry not in found[control]:
            found[control].append(entry)
    return found


def _named(catalogs: Catalogs) -> Iterator[tuple[ControlId, str]]:
    for threat in catalogs.threats:
        yield from ((link.control, f"threats/{threat.id}") for link in threat.controls)
    for metric in catalogs.metrics:
        yield from ((each.control, f"metrics/{metric.id}") for each in metric.controls)
    for scope in catalogs.scopes:
        yield from ((control, f"scopes/{scope.id}") for control in scope.controls)
    for agent in catalogs.agents:
        yield from ((grant.control, f"agents/{agent.id}") for grant in agent.grants)
    for profile in catalogs.profiles:
        yield from ((added.control, f"profiles/{profile.id}") for added in profile.add)
        yield from ((removed.control, f"profiles/{profile.id}") for removed in profile.remove)
    for offering in catalogs.offerings:
        yield from ((row.control, f"offerings/{offering.provider}") for row in (*offering.provided, *offering.configurable))
    for walk in catalogs.crosswalks:
        yield from ((control, f"crosswalks/{walk.framework}") for control in walk.clauses)


def _silent(old: ControlCatalog, new: ControlCatalog) -> Iterator[str]:
    for what, has in (("who implements a control", "has_levels"), ("baselines", "has_baselines")):
        without = [each for each in (old, new) if not getattr(each, has)]
        if without:
            yield f"{what}: not compared, {' and '.join(f'{each.title!r}' for each in without)} {'says' if len(without) == 1 else 'say'} nothing of it"
