"""What the graph exposes, in words: the way, and what it moved."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from musa_pipeline.domain.cpim import DataClass
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.risk import LONGEST_PATH, Exposure, Factor, FactorMove, RiskProfile

_SHORT: Final = {
    "less-trusted": "used from a less trusted zone",
    "single-point": "single point of failure",
    "uses-plain": "unencrypted traffic",
    "unauthenticated": "used without authentication",
}
_WORST: Final = {each: number for number, each in enumerate(map(str, DataClass))}


def way(each: Exposure) -> str:
    """Return `internet → web → orders`; a way that is told in part begins with dots."""
    begin = ["…"] if len(each.path) == LONGEST_PATH else ["internet"] if each.fact == "reachable" else []
    steps = [*begin, *each.path]
    return " → ".join(steps) if len(steps) > 1 else ""


def exposed_by(profile: RiskProfile, component: ComponentId) -> dict[str, Exposure]:
    """Return the exposure of a component for each fact; of several classes of data that of the most sensitive."""
    mine = (each for each in profile.exposures if each.component == component)
    return {each.fact: each for each in sorted(mine, key=lambda each: _WORST.get(each.value, 0))}


def value_of(factor: Factor) -> str:
    """Return `opportunity 4 → 7`, or the name and the value where it is what it was."""
    moved = factor.before is not None and factor.before != factor.value
    return f"{factor.name} {factor.before} → {factor.value}" if moved else f"{factor.name} {factor.value}"


def because_of(move: FactorMove, exposed: dict[str, Exposure]) -> str:
    """Return a move in words, with what the graph shows and the way."""
    shown = exposed.get(move.fact)
    told = ": ".join(part for part in (shown.because, way(shown)) if part) if shown else ""
    return f"{move.by:+d} {move.because}{f' ({told})' if told else ''}"


def exposure_rows(exposures: Sequence[Exposure]) -> list[list[str]]:
    """Return one row a component: the way to it from the internet, if there is one, and what else the graph shows."""
    by_component: dict[ComponentId, list[Exposure]] = defaultdict(list)
    for each in exposures:
        if each.fact != "data":
            by_component[each.component].append(each)
    return [[name, _reached(found), ", ".join(_others(found))] for name, found in sorted(by_component.items())]


def _reached(found: list[Exposure]) -> str:
    return next((way(each) for each in found if each.fact == "reachable"), "no way from the internet is known")


def _others(found: list[Exposure]) -> Iterator[str]:
    yield from (_SHORT[each.fact] for each in found if each.fact in _SHORT)
    if passed := [each.value for each in found if each.fact == "passes"]:
        yield f"passes {' and '.join(sorted(passed, key=lambda each: -_WORST.get(each, 0))[:2])} data"
