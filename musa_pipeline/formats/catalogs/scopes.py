"""Scopes: `catalogs/scopes/<id>.yaml`, where some controls apply, whether they travel, whether the boundary may grant them."""

from collections.abc import Iterator

from musa_pipeline.domain.control import Level, Scope
from musa_pipeline.domain.ids import ControlId, control_key
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.formats.catalogs.references import Controls
from musa_pipeline.text.yaml import Mapping, Scalar

KEYS = ("id", "controls", "applies", "travels", "boundary", "borne", "because", "source")


def read_scope(
    node: Mapping, conditions: Conditions, controls: Controls, taken: dict[ControlId, str], problems: Problems
) -> Scope:
    """Return one scope; `taken` says which scope has each control so far. Codes: C011 a control in two scopes, or borne for nothing."""
    entry = Entry(node, problems, KEYS)
    name = entry.text("id")
    if not entry.has("controls"):
        entry.missing("controls", "a list of control ids")
    own = tuple(sorted(_controls(entry, name, controls, taken), key=control_key))
    return Scope(
        id=name,
        controls=own,
        because=entry.text("because"),
        source=entry.source(),
        applies=conditions.read(node.get("applies")),
        travels=entry.flag("travels"),
        boundary=entry.flag("boundary"),
        borne=tuple(sorted(_borne(entry, own, controls), key=lambda each: control_key(each[0]))),
        at=node.at,
    )


def _controls(entry: Entry, scope: str, controls: Controls, taken: dict[ControlId, str]) -> Iterator[ControlId]:
    for each in entry.scalars("controls"):
        control = controls.read(each.text, each.at)
        if control is None:
            continue
        if control in taken:
            other = f"scope {taken[control]!r}" if taken[control] != scope else "this scope"
            entry.problems.report("C011", each.at, f"control {control!r} is in {other} already", help="leave it in one of them")
            continue
        taken[control] = scope
        yield control


def _borne(entry: Entry, own: tuple[ControlId, ...], controls: Controls) -> Iterator[tuple[ControlId, str]]:
    """Yield controls of the organisation's level of which a component bears a part, with the reason."""
    node = entry.node.get("borne")
    if node is None:
        return
    if not isinstance(node, Mapping):
        entry.wrong(node.at, "'borne' must say control: reason")
        return
    for written, reason in node:
        at = node.keys[written]
        control = controls.read(written, at)
        because = reason.text.strip() if isinstance(reason, Scalar) else ""
        if control is None:
            continue
        if not because:
            entry.wrong(reason.at, f"say why a component bears a part of {written!r}")
        elif control not in own:
            entry.problems.report("C011", at, f"control {written!r} is not of this scope", help="name it under controls too")
        elif controls.by_id and controls.by_id[control].level is not Level.ORGANIZATION:
            way_out = "leave it out of 'borne'"
            entry.problems.report(
                "C011", at, f"control {written!r} is of the system's level, so components bear it anyway", help=way_out
            )
        else:
            yield control, because
