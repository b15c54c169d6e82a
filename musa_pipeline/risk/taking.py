"""From what a report tells to evidence: each finding is brought to a component and held against the threats; the rest is counted."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.evidence import DAY, Account, Bearing, Dossier, Evidence, EvidenceKind, Observation, Told, fingerprint
from musa_pipeline.domain.ids import ComponentId, ControlId, control_key
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.risk.evidence import Relevance
from musa_pipeline.risk.placing import Places

_LONGEST: Final = 200
"""Letters of a tool's or series' name that are kept."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one file told: its account, and by reason what was not taken from it."""

    account: Account
    new: int
    left: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Gathered:
    """All that was read: the rows, what each file told, the names that mean no component, the words that bear on no threat."""

    evidence: list[Evidence] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    nowhere: Counter[str] = field(default_factory=Counter)
    nothing: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What findings are held against: catalogs, the names of components, which control an identifier of elsewhere means."""

    catalogs: Catalogs
    relevance: Relevance
    places: Places
    correlate: Callable[[str], ControlId | None]


class Taking:
    """Takes in reports one after another. `now`: UTC seconds since 1970; `about`: the component that all of them are about, if said."""

    def __init__(self, known: Known, old: Dossier, problems: Problems, now: float, about: ComponentId | None = None) -> None:
        self.known, self.old, self.problems, self.now, self.about = known, old, problems, now, about
        self.kept = {name for each in old.evidence for name in each.ids}
        self.found = Gathered()

    def take(self, shown: str, name: str, sha256: str, told: Told) -> None:
        """Take in what one tool told in a file that people call `shown`. Code: E013."""
        tool, series = calm(told.tool), calm(told.series)
        series = f"{series} @{self.about}" if series and self.about else series
        time = self._time(told, sha256)
        kept = new = future = 0
        left: Counter[str] = Counter({calm(reason): number for reason, number in told.passed_over})
        for each in told.observations:
            when = each.time if each.time is not None else time
            if when > self.now + DAY:
                future, when = future + 1, self.now
            row = self._row(each, tool, series, int(min(when, self.now)), left)
            if row:
                kept += 1
                new += row.ids[0] not in self.kept
                self.found.evidence.append(row)
        if future:
            said = f"{future} findings are of a time to come; they count as of today"
            self.problems.warn("E013", Span(shown), said, help="is a clock wrong, or a time written in another unit?")
        account = Account(
            tool=tool,
            form=told.form,
            series=series,
            file=name,
            time=int(min(time, self.now)),
            sha256=sha256,
            found=len(told.observations),
            kept=kept,
        )
        self.found.reads.append(Read(account, new, tuple(sorted(left.items()))))

    def _time(self, told: Told, sha256: str) -> float:
        """Return of when a report is: as it says, as its newest finding says, as it was taken the first time, or now."""
        newest = max((each.time for each in told.observations if each.time is not None), default=None)
        before = (each.time for each in self.old.accounts if sha256 and each.sha256 == sha256 and each.tool == calm(told.tool))
        return next((each for each in (told.time, newest, next(before, None)) if each is not None), self.now)

    def _row(self, each: Observation, tool: str, series: str, time: int, left: Counter[str]) -> Evidence | None:
        bearing = in_force(each, self.known.catalogs, self.known.correlate)
        settles = each.kind is EvidenceKind.PASSED and not each.bearing
        if not settles and not self.known.relevance.of(bearing):
            left["that bear on no threat"] += 1
            self.found.nothing[calm(_what(each, bearing))] += 1
            return None
        component = self.about or self.known.places.of(each.places)
        if component is None:
            left["about no component"] += 1
            self.found.nowhere[calm(each.places[0]) if each.places else "(no place is named)"] += 1
            return None
        name = fingerprint(each.id, component) if self.about else fingerprint(each.id)
        return Evidence(
            component=component,
            kind=each.kind,
            severity=each.severity,
            time=time,
            tool=tool,
            series=series,
            bearing=bearing,
            ids=(name,),
        )


def calm(word: str) -> str:
    r"""Return a word of a report without signs that a terminal obeys, not even colours, and not too long.

    >>> calm("a \x1b[31mred\u202e tool")
    'a ?[31mred? tool'
    """
    return "".join(each if each.isprintable() else "?" for each in word[:_LONGEST])


def in_force(each: Observation, catalogs: Catalogs, correlate: Callable[[str], ControlId | None]) -> Bearing:
    """Return what a finding bears on, with controls in force: withdrawn ones by their successors, those that others name otherwise by ours."""
    controls: set[ControlId] = set()
    for name in (*each.bearing.controls, *(found for word in each.elsewhere if (found := correlate(word)))):
        control = catalogs.control.get(name)
        if control:
            controls.update(control.moved_to if control.withdrawn else (name,))
    return replace(each.bearing, controls=tuple(sorted(controls & catalogs.control.keys(), key=control_key)))


def _what(each: Observation, bearing: Bearing) -> str:
    """Return the words of a finding that led nowhere, for people to see what is not known."""
    named = (*bearing.weaknesses, *bearing.techniques, *bearing.controls, *each.elsewhere)
    return ", ".join(named[:4]) or each.title[:60]
