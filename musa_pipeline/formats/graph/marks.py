"""The marks that a component carries: reachable from outside, what data it holds, how many controls it lacks."""

from collections import Counter
from typing import Final

from musa_pipeline.domain.cpim import Component, DataClass
from musa_pipeline.formats.graph.model import Mark, MarkKind

_SENSITIVE = {DataClass.CONFIDENTIAL, DataClass.PERSONAL, DataClass.SPECIAL}


_FEW: Final = 3
"""Data sets that are named; more are counted by class."""


def marks_of(component: Component, missing: int = 0, *, named: bool = False) -> tuple[Mark, ...]:
    """Return the marks in the order in which they matter; data by its class alone, or `named`."""
    found = [Mark(kind=MarkKind.MISSING, text=f"{missing} missing")] if missing else []
    if component.exposed:
        found.append(Mark(kind=MarkKind.EXPOSED, text="exposed"))
    held = Counter(each.classification for each in component.data)
    for each in reversed(DataClass):
        kind = MarkKind.SENSITIVE if each in _SENSITIVE else MarkKind.DATA
        if named and len(component.data) <= _FEW:
            texts = [f"{data.name} · {each}" for data in component.data if data.classification is each]
        else:
            texts = [f"{each} × {held[each]}" if named and held[each] > 1 else str(each)] if held[each] else []
        found += [Mark(kind=kind, text=text) for text in texts]
    return tuple(found)
