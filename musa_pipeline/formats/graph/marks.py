"""The marks that a component carries: reachable from outside, what data it holds, how many controls it lacks."""

from musa_pipeline.domain.cpim import Component, DataClass
from musa_pipeline.formats.graph.model import Mark, MarkKind

_SENSITIVE = {DataClass.CONFIDENTIAL, DataClass.PERSONAL, DataClass.SPECIAL}


def marks_of(component: Component, missing: int = 0) -> tuple[Mark, ...]:
    """Return the marks in the order in which they matter."""
    found = [Mark(kind=MarkKind.MISSING, text=f"{missing} missing")] if missing else []
    if component.exposed:
        found.append(Mark(kind=MarkKind.EXPOSED, text="exposed"))
    held = {each.classification for each in component.data}
    found += [
        Mark(kind=MarkKind.SENSITIVE if each in _SENSITIVE else MarkKind.DATA, text=each)
        for each in reversed(DataClass)
        if each in held
    ]
    return tuple(found)
