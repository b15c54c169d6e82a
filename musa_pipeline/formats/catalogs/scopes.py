"""Scopes: `catalogs/scopes/<id>.yaml`, where some controls apply, whether they travel, whether the boundary may grant them."""

from collections.abc import Iterator

from musa_pipeline.domain.control import Scope
from musa_pipeline.domain.ids import ControlId, control_key
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.formats.catalogs.references import Controls
from musa_pipeline.text.yaml import Mapping

KEYS = ("id", "controls", "applies", "travels", "boundary", "because", "source")


def read_scope(
    node: Mapping, conditions: Conditions, controls: Controls, taken: dict[ControlId, str], problems: Problems
) -> Scope:
    """Return one scope; `taken` says which scope has each control so far. Code: C011 a control in two scopes."""
    entry = Entry(node, problems, KEYS)
    name = entry.text("id")
    if not entry.has("controls"):
        entry.missing("controls", "a list of control ids")
    return Scope(
        id=name,
        controls=tuple(sorted(_controls(entry, name, controls, taken), key=control_key)),
        because=entry.text("because"),
        source=entry.source(),
        applies=conditions.read(node.get("applies")),
        travels=entry.flag("travels"),
        boundary=entry.flag("boundary"),
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
