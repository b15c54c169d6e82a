"""Evidence: what scanners, checks and the running platform found out about components, as it is told and as it is kept."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import NOWHERE, Span

DAY: Final = 86_400
_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EvidenceKind(StrEnum):
    """What was found: harm done, an attempt seen, a promise not held, a weakness, a check that failed, one that passed."""

    INCIDENT = "incident"
    DETECTION = "detection"
    VIOLATION = "violation"
    VULNERABILITY = "vulnerability"
    FAILED = "failed"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """What a finding bears on: controls, CWE's, ATT&CK techniques, threats named outright; each sorted."""

    controls: tuple[ControlId, ...] = ()
    weaknesses: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    threats: tuple[ThreatId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.controls or self.weaknesses or self.techniques or self.threats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One finding as a tool tells it. `id` is the same in every report of the tool; `time` UTC seconds, None where it is not said.

    `places` are names of what it is about, the surest first: a component, a host, an address, the parts of a path.
    `elsewhere` are identifiers of frameworks that we do not map.
    """

    id: str
    kind: EvidenceKind
    severity: Rating
    time: float | None
    title: str
    places: tuple[str, ...] = ()
    bearing: Bearing = Bearing()
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one tool tells in one file.

    `series` names what this is the whole account of: a later account of the same series takes its place. Empty: a stream,
    whose findings add up. `passed_over` counts, by reason, what is no finding to keep.
    """

    form: str
    tool: str
    series: str
    time: float | None
    observations: tuple[Observation, ...]
    passed_over: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Findings of one tool on one component that are alike and of one moment; `ids` tell them apart, sorted, twelve letters each."""

    component: ComponentId
    kind: EvidenceKind
    severity: Rating
    time: int
    tool: str
    series: str
    bearing: Bearing
    ids: tuple[str, ...]
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A file that was read: the newest of its tool and series. `found` findings were in it, `kept` of them bear on a threat here."""

    tool: str
    form: str
    series: str
    file: str
    time: int
    sha256: str
    found: int
    kept: int
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What `measured.yaml` holds. `as_of` is the day from which ages are counted; `places` and `ignored` are people's words:
    the component that a host, address or path means, and ids of findings that do not count, each with the reason.
    """

    as_of: date | None = None
    places: tuple[tuple[str, ComponentId], ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    accounts: tuple[Account, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


NOTHING_MEASURED: Final = Dossier()


def day_of(time: float) -> date:
    """Return the day, in UTC, of a time in seconds since 1970.

    >>> day_of(1767225600.0)
    datetime.date(2026, 1, 1)
    """
    return (_BEGIN + timedelta(seconds=time)).date()


def seconds_of(day: date) -> int:
    """Return the seconds since 1970 at which a day ends.

    >>> seconds_of(date(1970, 1, 1))
    86400
    """
    return (day - _BEGIN.date()).days * DAY + DAY


def fingerprint(*parts: str) -> str:
    """Return a name of twelve letters for a finding, the same for the same parts.

    >>> fingerprint("a", "b") == fingerprint("a", "b"), fingerprint("ab", "") == fingerprint("a", "b"), len(fingerprint("x"))
    (True, False, 12)
    """
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
