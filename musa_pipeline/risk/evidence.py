"""The law by which what was measured moves factors: each finding has a weight, ages, and adds up to a bounded move (docs/risk.md)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import floor
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.evidence import Bearing, Dossier, Evidence, EvidenceKind, day_of, seconds_of
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.risk import FactorMove, Rating
from musa_pipeline.domain.threat import Strength

MOST_UP, MOST_DOWN = 4, 2
"""Steps of the scale by which evidence moves a factor at most: bad news nearly half the scale, good news a quarter of it."""

SEVERITY: Final = {
    Rating.VERY_LOW: 0.05,
    Rating.LOW: 0.2,
    Rating.MEDIUM: 0.55,
    Rating.HIGH: 0.8,
    Rating.CRITICAL: 0.95,
}
"""The middle of each band of CVSS 3.1 (section 5), over ten."""

KIND: Final = {
    EvidenceKind.INCIDENT: 1.0,
    EvidenceKind.VULNERABILITY: 1.0,
    EvidenceKind.DETECTION: 0.5,
    EvidenceKind.VIOLATION: 0.5,
    EvidenceKind.FAILED: 0.5,
    EvidenceKind.PASSED: 0.5,
}
"""What happened or is there counts whole; what was tried, what failed once and what a checklist says, half."""

STRENGTH: Final = {Strength.STRONG: 0.5, Strength.PARTIAL: 0.25}
"""How far a finding on a control bears on a threat that the control answers: it speaks of the answer, not of the threat."""

_NEAR: Final = 0.5
"""A technique bears half on a threat that names another refinement of it, or only what it refines."""

_WATCHES: Final = ("AU-", "SI-4", "IR-4", "IR-5", "IR-6")
"""Controls by which an attack is noticed: a finding on one moves `detection`."""

_RAISES: Final = {
    EvidenceKind.INCIDENT: ("motive", "exploit", "awareness"),
    EvidenceKind.DETECTION: ("motive", "exploit", "awareness"),
    EvidenceKind.VIOLATION: ("exploit",),
    EvidenceKind.VULNERABILITY: ("discovery", "exploit"),
}
"""OWASP: discovery and exploit are 9 where tools do it by themselves, as a scanner does; who attacks has a motive and knows the way."""

_WORDS: Final = {
    EvidenceKind.INCIDENT: ("incident", "incidents"),
    EvidenceKind.DETECTION: ("detection", "detections"),
    EvidenceKind.VIOLATION: ("violation", "violations"),
    EvidenceKind.VULNERABILITY: ("vulnerability", "vulnerabilities"),
    EvidenceKind.FAILED: ("failed check", "failed checks"),
    EvidenceKind.PASSED: ("passed check", "passed checks"),
}
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Matter:
    """What a piece of evidence means for one threat: how far it bears on it 0..1, by which word, and the control if by one."""

    threat: ThreatId
    share: float
    by: str
    control: ControlId | None = None


class Relevance:
    """Which threats findings bear on, by the catalog's own words: its weaknesses, techniques and links to controls."""

    def __init__(self, catalogs: Catalogs) -> None:
        self._catalogs = catalogs
        self._known: dict[Bearing, tuple[Matter, ...]] = {}

    @cached_property
    def _weakness(self) -> Mapping[str, tuple[ThreatId, ...]]:
        return _by_word((word, each.id) for each in self._catalogs.threats for word in each.weaknesses)

    @cached_property
    def _technique(self) -> Mapping[str, tuple[ThreatId, ...]]:
        return _by_word((word, each.id) for each in self._catalogs.threats for word in each.techniques)

    @cached_property
    def _family(self) -> Mapping[str, tuple[ThreatId, ...]]:
        return _by_word((word.partition(".")[0], each.id) for each in self._catalogs.threats for word in each.techniques)

    @cached_property
    def _control(self) -> Mapping[ControlId, list[tuple[ThreatId, float]]]:
        found: dict[ControlId, list[tuple[ThreatId, float]]] = defaultdict(list)
        for threat in self._catalogs.threats:
            for link in threat.controls:
                found[link.control].append((threat.id, STRENGTH[link.strength]))
        return found

    def of(self, bearing: Bearing) -> tuple[Matter, ...]:
        """Return what it means for each threat, the strongest meaning once; findings that bear on the same share one answer."""
        if bearing not in self._known:
            best: dict[tuple[ThreatId, bool], Matter] = {}
            for each in self._all(bearing):
                key = (each.threat, each.control is not None and each.control.startswith(_WATCHES))
                if key not in best or (-each.share, each.by) < (-best[key].share, best[key].by):
                    best[key] = each
            self._known[bearing] = tuple(best[key] for key in sorted(best))
        return self._known[bearing]

    def _all(self, bearing: Bearing) -> Iterator[Matter]:
        for named in bearing.threats:
            yield Matter(named, 1.0, named)
        for word in bearing.weaknesses:
            yield from (Matter(each, 1.0, word) for each in self._weakness.get(word, ()))
        for word in bearing.techniques:
            yield from (Matter(each, 1.0, word) for each in self._technique.get(word, ()))
            yield from (Matter(each, _NEAR, word) for each in self._family.get(word.partition(".")[0], ()))
        for control in bearing.controls:
            yield from (Matter(threat, share, control, control) for threat, share in self._control.get(control, ()))


def _by_word(pairs: Iterable[tuple[str, ThreatId]]) -> dict[str, tuple[ThreatId, ...]]:
    found: dict[str, list[ThreatId]] = defaultdict(list)
    for word, threat in pairs:
        found[word].append(threat)
    return {word: tuple(dict.fromkeys(threats)) for word, threats in found.items()}


@dataclass(frozen=True, slots=True)
class _Load:
    """One piece of evidence as each of its findings weighs on one factor of one threat."""

    weight: float
    ids: tuple[str, ...]
    by: str
    evidence: Evidence


def moves(
    dossier: Dossier, catalogs: Catalogs, half_life: float, relevance: Relevance | None = None
) -> dict[tuple[ComponentId, ThreatId], tuple[FactorMove, ...]]:
    """Return by how much evidence moves factors of threats to components; `half_life` in seconds.

    More bad findings never lower a factor, more good ones never raise it; order means nothing, and nothing found moves nothing.
    """
    relevance = relevance or Relevance(catalogs)
    ignored = {name for name, _ in dossier.ignored}
    up: dict[tuple[ComponentId, ThreatId, str], list[_Load]] = defaultdict(list)
    down: dict[tuple[ComponentId, ThreatId, str], list[_Load]] = defaultdict(list)
    for each in dossier.evidence:
        counted = tuple(name for name in each.ids if name not in ignored)
        alone = KIND[each.kind] * SEVERITY[each.severity] * faded(each.time, dossier.as_of, half_life)
        for matter in relevance.of(each.bearing) if counted else ():
            for factor in _factors(each.kind, matter):
                side = down if each.kind is EvidenceKind.PASSED else up
                side[each.component, matter.threat, factor].append(_Load(alone * matter.share, counted, matter.by, each))
    found: dict[tuple[ComponentId, ThreatId], list[FactorMove]] = defaultdict(list)
    for side, most, sign in ((up, MOST_UP, 1), (down, MOST_DOWN, -1)):
        for (component, threat, factor), loads in sorted(side.items()):
            if by := steps(_sum(loads), most):
                found[component, threat].append(_move(factor, sign * by, loads))
    return {key: tuple(each) for key, each in sorted(found.items())}


def _factors(kind: EvidenceKind, matter: Matter) -> tuple[str, ...]:
    """Return the factors that evidence of a kind moves; a finding on a control that watches moves `detection`."""
    if matter.control and kind is not EvidenceKind.VULNERABILITY:
        return ("detection",) if matter.control.startswith(_WATCHES) else ("exploit",)
    return _RAISES.get(kind, ("exploit",))


def faded(time: float, as_of: date | None, half_life: float) -> float:
    """Return what is left of a finding's weight, 0..1: half after each half-life. What is younger than the day counts whole.

    >>> faded(0.0, date(1970, 1, 10), 864_000.0), faded(1_728_000.0, date(1970, 1, 11), 864_000.0)
    (0.5, 1.0)
    """
    age = max(0.0, seconds_of(as_of) - time) if as_of else 0.0
    return float(0.5 ** (age / half_life))


def steps(weight: float, most: int) -> int:
    """Return the steps that weights which sum to this move a factor: each unit of weight halves what is left to `most`.

    >>> [steps(each, 4) for each in (0.0, 0.1, 0.2, 0.55, 1.0, 2.0, 3.0, 100.0)]
    [0, 0, 1, 1, 2, 3, 4, 4]
    """
    return floor(most * (1 - float(0.5**weight)) + 0.5)


def _sum(loads: Iterable[_Load]) -> float:
    """Return what findings weigh together; what one tool tells in several accounts counts once, at its heaviest."""
    heaviest: dict[tuple[str, str], float] = {}
    for each in loads:
        for name in each.ids:
            key = (each.evidence.tool, name)
            heaviest[key] = max(each.weight, heaviest.get(key, 0.0))
    return sum(sorted(heaviest.values()))


def _move(factor: str, by: int, loads: list[_Load]) -> FactorMove:
    """Word a move: the heaviest reasons, how many findings of which kind, and the newest day."""
    ordered = sorted(loads, key=lambda each: (-each.weight, each.by, each.evidence.time, each.evidence.ids))
    told: dict[EvidenceKind, set[tuple[str, str]]] = defaultdict(set)
    for each in ordered:
        told[each.evidence.kind].update((each.evidence.tool, name) for name in each.ids)
    kinds = ", ".join(f"{len(told[kind])} {_WORDS[kind][len(told[kind]) != 1]}" for kind in EvidenceKind if told[kind])
    named = list(dict.fromkeys(each.by for each in ordered))
    tools = sorted({each.evidence.tool for each in ordered})
    by_what = ", ".join(named[:_MOST_NAMED]) + (" …" if len(named) > _MOST_NAMED else "")
    by_whom = ", ".join(tools[:_MOST_NAMED]) + (" …" if len(tools) > _MOST_NAMED else "")
    newest = day_of(max(each.evidence.time for each in ordered))
    return FactorMove(
        factor=factor, by=by, because=f"measured: {kinds} ({by_what}) by {by_whom}, newest {newest}", at=ordered[0].evidence.at
    )
