"""Who implements a control: ids of the revision in force; those of an older one are followed to where they moved."""

from collections.abc import Iterable

from musa_pipeline.domain.answers import ControlAnswer, Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import ControlId, control_id
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.answers.said import Said
from musa_pipeline.text.expect import text_of, way_out
from musa_pipeline.text.yaml import Node

_MEANT = {
    **dict.fromkeys(("provider", "csp", "cloud", "host", "cloud service"), Grant.SERVICE),
    **dict.fromkeys(("self", "itself", "us", "application", "code"), Grant.COMPONENT),
    **dict.fromkeys(("none", "no", "no one", "not implemented"), Grant.NOBODY),
}
"""Words that people use for the four of the questionnaire."""


def read_control(name: str, at: Span, node: Node, catalogs: Catalogs, problems: Problems) -> Iterable[ControlAnswer]:
    """Return the answer on one control: one, or one for each control that a withdrawn one moved into."""
    controls = _controls(name, at, catalogs, problems)
    said = Said(node, "by", f"control {name!r}", problems)
    if said.node is None:
        return ()
    word = text_of(said.node).strip().lower()
    if word not in set(Grant):
        way = f"did you mean {str(_MEANT[word])!r}?" if word in _MEANT else near(word, Grant) or f"one of {', '.join(Grant)}"
        problems.report("Q010", said.node.at, f"control {name!r} cannot be implemented by {said.form}", help=way)
        return ()
    return [ControlAnswer(control=each, by=Grant(word), because=said.because, at=at) for each in controls]


def _controls(name: str, at: Span, catalogs: Catalogs, problems: Problems) -> tuple[ControlId, ...]:
    titled = () if control_id(name) else catalogs.named(name)
    if len(titled) > 1:
        text = f"{name!r} is the title of {len(titled)} controls"
        problems.report("Q008", at, text, help=f"say which: {', '.join(titled[:12])}")
        return ()
    wanted = titled[0] if titled else control_id(name)
    control = catalogs.control.get(wanted) if wanted else None
    if wanted is None or control is None:
        problems.report(
            "Q008", at, f"{catalogs.controls.name} has no control {name!r}", help=_way(name, wanted, catalogs, problems)
        )
        return ()
    if not control.withdrawn:
        return (wanted,)
    heirs = _heirs(wanted, catalogs)
    if heirs:
        text = f"control {name!r} is withdrawn; the answer is taken for {', '.join(heirs)}"
        problems.warn("Q009", at, text, help=f"write {' and '.join(heirs)} instead")
    else:
        text = f"control {name!r} is withdrawn and nothing takes its place; the answer is not used"
        problems.warn("Q009", at, text, help="remove it")
    return heirs


def _heirs(control: ControlId, catalogs: Catalogs) -> tuple[ControlId, ...]:
    """Return the controls in force that a withdrawn one moved into, which may have moved on themselves."""
    found: dict[ControlId, None] = {}
    waiting, seen = [control], {control}
    while waiting:
        each = catalogs.control.get(waiting.pop(0))
        if each is None:
            continue
        if not each.withdrawn:
            found[each.id] = None
            continue
        new = [moved for moved in each.moved_to if moved not in seen]
        seen.update(new)
        waiting += new
    return tuple(found)


def _way(name: str, wanted: ControlId | None, catalogs: Catalogs, problems: Problems) -> str:
    if wanted is None:
        return way_out(name, catalogs.control, "write it as SC-8 or SC-8(1)", problems)
    for older in catalogs.older:
        if any(each.id == wanted for each in older.controls):
            return f"{older.title} has it; name the control that answers the same today"
    return way_out(wanted, catalogs.control, "`musa catalog list controls` shows the known ones", problems)
