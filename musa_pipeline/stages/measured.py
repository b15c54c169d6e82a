"""Evidence between runs: reports are read, their findings are brought to components and threats, and `measured.yaml` keeps them."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.evidence import (
    DAY,
    Account,
    Bearing,
    Dossier,
    Evidence,
    EvidenceKind,
    Observation,
    Told,
    day_of,
    seconds_of,
)
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.risk import FactorMove, RiskProfile
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured import (
    LARGEST,
    Correlation,
    fingerprint,
    form_of,
    read_report,
    records_of,
    unpacked,
    write_measured,
)
from musa_pipeline.formats.measured.form import Form
from musa_pipeline.risk import assess
from musa_pipeline.risk.dossier import MOST, merged
from musa_pipeline.risk.evidence import Relevance, moves
from musa_pipeline.risk.placing import Places
from musa_pipeline.stages import values
from musa_pipeline.workspace.files import write_whole
from musa_pipeline.workspace.places import shipped
from musa_pipeline.workspace.reports import Report, is_address, report_file, reports_at

if TYPE_CHECKING:
    from musa_pipeline.domain.catalog import Catalogs
    from musa_pipeline.domain.event import Event
    from musa_pipeline.stages.work import Work

NAME: Final = "measured.yaml"
_KINDS: Final = ("musa.incident", "musa.verdict", "musa.finding")
_MOST_EVENTS: Final = 100_000
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
class Measured:
    """What measuring did: the profile before and after, the moves behind both, and the file as it is to be."""

    before: RiskProfile
    after: RiskProfile
    moves: dict[tuple[ComponentId, ThreatId], tuple[FactorMove, ...]]
    gathered: Gathered
    dossier: Dossier
    path: Path
    text: bytes
    changed: bool


def measure(work: "Work", named: Sequence[str], now: float, *, component: str = "") -> Measured:
    """Read reports and rate the model without and with what they say; nothing is written. `now`: UTC seconds since 1970.

    Raises FilesWrong with every problem found, UsageWrong and OutsideFailed where a report cannot be had.
    """
    old = values.dossier(work)
    about = _component(work, component) if component else None
    work.stop_if_wrong()
    gathered = _Gatherer(work, old, now, about).gather(named)
    work.stop_if_wrong()
    accounts = tuple(each.account for each in gathered.reads)
    new = replace(old, as_of=day_of(now), accounts=accounts, evidence=tuple(gathered.evidence))
    dossier = merged(old, new)
    if sum(len(each.ids) for each in dossier.evidence) >= MOST:
        said = f"{MOST:,} findings are kept, the worst and newest; others are left out and have no weight"
        work.problems.warn(
            "E014", Span(work.place.shown(work.place.folder / NAME)), said, help="let tools leave out what is harmless"
        )
    path = work.place.folder / NAME
    was = work.inputs.text(path, optional=True) or ""
    text = write_measured(dossier, work.place.application, was)
    half_life = work.settings.risk.half_life
    relevance = Relevance(work.catalogs)
    after = moves(dossier, work.catalogs, half_life, relevance)
    return Measured(
        before=_rated(work, moves(old, work.catalogs, half_life, relevance)),
        after=_rated(work, after),
        moves=after,
        gathered=gathered,
        dossier=dossier,
        path=path,
        text=text,
        changed=text != was.encode(),
    )


def keep(found: Measured) -> None:
    """Write `measured.yaml`. Raises OutsideFailed if that is not possible."""
    if found.changed:
        write_whole(found.path, found.text)


def tell_stale(work: "Work", now: float) -> None:
    """Warn where `measured.yaml` is of a day more than a half-life ago: it says little of today by then. Code: E012."""
    dossier, half_life = values.dossier(work), work.settings.risk.half_life
    if dossier.as_of and dossier.evidence and now - seconds_of(dossier.as_of) > half_life:
        days = (day_of(now) - dossier.as_of).days
        said = f"what was measured is of {dossier.as_of}, {days} days ago: more than the half-life of {half_life / DAY:g} days"
        way_out = f"measure again: musa risk {work.place.application} --measured FILE"
        work.problems.warn("E012", dossier.at, said, help=way_out)


def _rated(work: "Work", evidence: dict[tuple[ComponentId, ThreatId], tuple[FactorMove, ...]]) -> RiskProfile:
    return assess(values.cpim(work), values.answers(work), work.catalogs, work.settings.risk, evidence=evidence)


def _component(work: "Work", said: str) -> ComponentId | None:
    from musa_pipeline.domain.errors import UsageWrong
    from musa_pipeline.domain.problems import near

    known = values.cpim(work).components
    found = Places(values.cpim(work)).of((said,))
    if found is None:
        raise UsageWrong(f"--component: the model has no component {said!r}", near(said, [str(each.id) for each in known]))
    return found


class _Gatherer:
    """Reads reports one after another; what cannot be used is counted, never dropped in silence."""

    def __init__(self, work: "Work", old: Dossier, now: float, about: ComponentId | None) -> None:
        self.work, self.old, self.now, self.about = work, old, now, about
        self.relevance = Relevance(work.catalogs)
        self.places = Places(values.cpim(work), old.places, addresses(work))
        self.known = {name for each in old.evidence for name in each.ids}
        self.found = Gathered()

    @cached_property
    def _correlated(self) -> Correlation:
        return Correlation((shipped() / "catalogs/identifiers/cci.txt").read_text("utf-8"))

    def gather(self, named: Sequence[str]) -> Gathered:
        for each in named:
            for shown, name, sha256, told in self._told(each):
                self._take(shown, name, sha256, told)
        return self.found

    def _told(self, named: str) -> Iterator[tuple[str, str, str, Told]]:
        if (Path(named) / "context.sqlite").is_file():
            yield named, "context.sqlite", "", self._remembered(Path(named) / "context.sqlite")
            return
        for report in reports_at(named, LARGEST) if is_address(named) else self._file(named):
            data = unpacked(report.data, report.shown, self.work.problems)
            if data is None:
                continue
            is_ours = data.lstrip()[:1] != b"<" and form_of(data) is Form.EVENTS
            tools = (
                (self._events(data, report.shown),)
                if is_ours or _is_empty_page(data)
                else read_report(data, report.name, self.work.problems)
            )
            for told in tools:
                yield report.shown, report.name, report.sha256, told

    def _file(self, named: str) -> Iterable[Report]:
        report = report_file(named, LARGEST, self.work.problems)
        return (report,) if report else ()

    def _remembered(self, place: Path) -> Told:
        """Return what `musa assure` remembers of an application."""
        from musa_pipeline.context.open import open_context
        from musa_pipeline.context.port import ContextAway

        try:
            with closing(open_context("embedded", place)) as context:
                events = [each for kind in _KINDS for each in context.told(which=kind, most=_MOST_EVENTS)]
        except ContextAway as error:
            raise OutsideFailed(f"{place} cannot be read now: {error}", "try again, or give the platform's address") from error
        passed_over: Counter[str] = Counter()
        found = [one for each in events if (one := self._observed(each, passed_over))]
        return _of_ours(found, passed_over)

    def _events(self, data: bytes, shown: str) -> Told:
        """Return what a file of CloudEvents tells, each line or item by itself."""
        import msgspec

        from musa_pipeline.formats.events import Corrupt, read_event

        passed_over: Counter[str] = Counter()
        found = []
        for at, record in records_of(data, shown, self.work.problems):
            event = read_event(msgspec.json.encode(record))
            if isinstance(event, Corrupt):
                self.work.problems.warn("E003", at, f"no event can be read here: {event.why}", help="the others are read")
            elif one := self._observed(event, passed_over):
                found.append(one)
        return _of_ours(found, passed_over)

    def _observed(self, event: "Event", passed_over: Counter[str]) -> Observation | None:
        from musa_pipeline.domain.event import Finding
        from musa_pipeline.domain.verdict import Incident, Verdict
        from musa_pipeline.formats.events import Corrupt, read_payload
        from musa_pipeline.risk.told import of_finding, of_incident, of_verdict

        if event.type not in _KINDS:
            passed_over[f"an event of the type {event.type[:40]}"] += 1
            return None
        match read_payload(event):
            case Incident() as incident:
                return of_incident(incident, self.work.catalogs)
            case Finding() as finding:
                return of_finding(finding)
            case Verdict() as verdict:
                said = of_verdict(verdict, self.work.catalogs)
                if isinstance(said, Observation):
                    return said
                passed_over[said] += 1
            case Corrupt(why=_):
                passed_over["an event whose content cannot be read"] += 1
        return None

    def _take(self, shown: str, name: str, sha256: str, told: Told) -> None:
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
                new += row.ids[0] not in self.known
                self.found.evidence.append(row)
        if future:
            said = f"{future} findings are of a time to come; they count as of today"
            self.work.problems.warn("E013", Span(shown), said, help="is a clock wrong, or a time written in another unit?")
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
        bearing = in_force(each, self.work.catalogs, self._correlated)
        settles = each.kind is EvidenceKind.PASSED and not each.bearing
        if not settles and not self.relevance.of(bearing):
            left["that bear on no threat"] += 1
            self.found.nothing[calm(_what(each, bearing))] += 1
            return None
        component = self.about or self.places.of(each.places)
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


def _is_empty_page(data: bytes) -> bool:
    """Tell whether this is a page of the platform's events without any."""
    return len(data) < 200 and data.lstrip().startswith(b"{") and b'"events":[]' in data.replace(b" ", b"")


def _of_ours(found: list[Observation], passed_over: Counter[str]) -> Told:
    said = tuple(sorted(passed_over.items()))
    return Told(form="CloudEvents", tool="musa", series="", time=None, observations=tuple(found), passed_over=said)


def in_force(each: Observation, catalogs: "Catalogs", correlated: Correlation) -> Bearing:
    """Return what a finding bears on, with controls in force: withdrawn ones by their successors, those of CCI's by DISA's list."""
    controls: set[ControlId] = set()
    for name in (*each.bearing.controls, *(found for word in each.elsewhere if (found := correlated.of(word)))):
        control = catalogs.control.get(name)
        if control:
            controls.update(control.moved_to if control.withdrawn else (name,))
    return replace(each.bearing, controls=tuple(sorted(controls & catalogs.control.keys(), key=control_key)))


def _what(each: Observation, bearing: Bearing) -> str:
    """Return the words of a finding that led nowhere, for people to see what is not known."""
    named = (*bearing.weaknesses, *bearing.techniques, *bearing.controls, *each.elsewhere)
    return ", ".join(named[:4]) or each.title[:60]


def addresses(work: "Work") -> dict[str, ComponentId]:
    """Return the machines of the plan and their addresses, as far as there are any: each with the host component whose parts it bears."""
    place = work.place
    if not (place.out / place.playbook / "plan.json").is_file():
        return {}
    host = {each.id: each.host for each in values.cpim(work).components}
    found: dict[str, ComponentId] = {}
    for machine in (each for csp in values.plan(work).csps for pool in csp.pools for each in pool.machines):
        hosts = {host.get(each.id) or each.id for each in machine.components}
        if len(hosts) == 1:
            found[machine.id] = next(iter(hosts))
    return found | {address: found[name] for name, address in _inventory(work) if name in found}


def _inventory(work: "Work") -> Iterator[tuple[str, str]]:
    """Yield the hosts of an inventory beside the model with their addresses, whatever groups they are in."""
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.text.yaml import plain, read_yaml

    for name in ("hosts.yml", "hosts.yaml"):
        path = work.place.folder / name
        text = work.inputs.text(path, optional=True)
        waiting = [plain(read_yaml(text, os.fspath(path), Problems()))] if text else []
        while waiting:
            group = waiting.pop()
            for key, value in group.items() if isinstance(group, dict) else ():
                if isinstance(value, dict) and isinstance(value.get("ansible_host"), str):
                    yield str(key), value["ansible_host"]
                elif isinstance(value, dict):
                    waiting.append(value)
