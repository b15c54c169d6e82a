"""The prose of an OSCAL catalog: what the standard says of each control, for reading, never for the repository."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from musa_pipeline.domain.control import Wording
from musa_pipeline.domain.ids import ControlId, control_id
from musa_pipeline.formats.oscal.document import CATALOG, NotOscal, Property, decoder

_INSERT: Final = re.compile(r"\{\{\s*(?:insert:\s*param,\s*)?([A-Za-z0-9_.-]+)\s*\}\}")
_DEEPEST: Final = 12


class _Part(msgspec.Struct):
    name: str
    prose: str = ""
    props: list[Property] = []
    parts: list["_Part"] = []


class _Select(msgspec.Struct, rename="kebab"):
    choice: list[str] = []
    how_many: str = ""


class _Parameter(msgspec.Struct):
    id: str
    label: str = ""
    select: _Select | None = None


class _Worded(msgspec.Struct):
    id: str
    params: list[_Parameter] = []
    parts: list[_Part] = []
    controls: list["_Worded"] = []


class _Group(msgspec.Struct):
    controls: list[_Worded] = []
    groups: list["_Group"] = []


class _File(msgspec.Struct):
    catalog: _Group


def read_wording(text: str | bytes) -> dict[ControlId, Wording]:
    """Return statement and guidance of every control that has them, with the organisation's parameters in brackets.

    Raises NotOscal.
    """
    try:
        catalog = decoder(_File).decode(text).catalog
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotOscal(CATALOG, str(error)) from error
    found: dict[ControlId, Wording] = {}
    for control in _controls(catalog):
        labels = {each.id: each for each in control.params}
        parts = {name: tuple(_lines(control.parts, name, labels)) for name in ("statement", "guidance")}
        if (name := control_id(control.id)) and any(parts.values()):
            found[name] = Wording(**parts)
    return found


def _controls(group: _Group) -> Iterator[_Worded]:
    groups = [group]
    while groups:
        each = groups.pop()
        groups.extend(each.groups)
        waiting = list(each.controls)
        while waiting:
            control = waiting.pop()
            yield control
            waiting.extend(control.controls)


def _lines(parts: list[_Part], name: str, labels: dict[str, _Parameter]) -> Iterator[str]:
    for part in parts:
        if part.name == name:
            yield from _part(part, labels, 0)


def _part(part: _Part, labels: dict[str, _Parameter], depth: int) -> Iterator[str]:
    label = next((each.value for each in part.props if each.name == "label"), "")
    if part.prose:
        text = " ".join(_filled(part.prose, labels).split())
        yield "  " * max(depth - 1, 0) + (f"{label} {text}" if label and depth else text)
    if depth < _DEEPEST:
        for each in part.parts:
            yield from _part(each, labels, depth + 1)


def _filled(prose: str, labels: dict[str, _Parameter], *, nested: bool = False) -> str:
    """Return prose with its parameters as people read them: `[Assignment: ...]`, `[Selection: a; b]`."""

    def said(found: re.Match[str]) -> str:
        parameter = labels.get(found[1])
        if parameter is None:
            return f"[{found[1]}]"
        if parameter.select and parameter.select.choice:
            choices = [each if nested else _filled(each, labels, nested=True) for each in parameter.select.choice]
            return f"[Selection: {'; '.join(choices)}]"
        return f"[Assignment: {parameter.label or parameter.id}]"

    return _INSERT.sub(said, prose).replace("] ;", "];")
