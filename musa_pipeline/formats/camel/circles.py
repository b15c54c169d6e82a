"""What must not be part of itself: places within places, domains within domains, groups of requirements."""

from typing import Any, Final

from musa_pipeline.formats.camel.draft import Reading
from musa_pipeline.formats.camel.meanings import title

_WITHIN: Final = {
    "Region": ("parents",),
    "Country": ("parents",),
    "CloudLocation": ("above", "region"),
    "Domain": ("parts",),
    "Group": ("requirements",),
}
"""Statements, and their references that lead to what they lie in or consist of."""


def tell_circles(reading: Reading) -> None:
    """Warn of each circle once, where it was entered first; whoever follows such references must not follow them for ever."""
    done: set[int] = set()
    for node in (each for kind in _WITHIN for each in reading.all(kind)):
        if id(node) not in done:
            _walk(reading, node, done)


def _walk(reading: Reading, start: Any, done: set[int]) -> None:
    """Go on from one statement, depth first and without recursion: files nest references as deep as they like."""
    way: dict[int, Any] = {id(start): iter(_next(reading, start))}
    while way:
        last = next(reversed(way))
        found = next(way[last], None)
        if found is None:
            del way[last]
            done.add(last)
        elif id(found) in way:
            text = f"{title(type(found).__name__)} {found.named.name!r} is, by way of others, part of itself"
            reading.problems.warn("K016", reading.at(found), text, help="drop one of the references that lead round")
        elif id(found) not in done:
            way[id(found)] = iter(_next(reading, found))


def _next(reading: Reading, node: Any) -> list[Any]:
    found = []
    for name in _WITHIN.get(type(node).__name__, ()):
        said = getattr(node, name, None)
        refs = said if isinstance(said, list | tuple) else [said]
        found += [each for each in map(reading.node, refs) if each is not None]
    return found
