"""The life of Security SLAs as a chain of records: offered, agreed, amended, terminated; each record holds the seal of the one before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.problems import Problem
from musa_pipeline.domain.source import NOWHERE, Span

RESTORE: Final = "bring back what was committed: `git log -p` on the folder shows who changed it"


class Act(StrEnum):
    """What was done to an SLA, in the words of WS-Agreement: an offer, an agreement, a termination."""

    OFFERED = "offered"
    AGREED = "agreed"
    TERMINATED = "terminated"


class State(StrEnum):
    """Where an SLA stands on a day. What a run derives, and nobody has offered, is a draft."""

    DRAFT = "draft"
    OFFERED = "offered"
    AGREED = "agreed"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file by its name and the SHA-256 of its bytes, in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A required control that the SLA lacks at a component, or (None) wherever it does; `gaps` counts the places.

    `owner` answers for it until the day `expires`.
    """

    component: ComponentId | None
    control: ControlId
    owner: str
    expires: date
    gaps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The agreement that this one takes the place of: its number, its document's id, and the SHA-256 of that document."""

    number: int
    id: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One act on one SLA. `sequence` counts the acts of the application from 1, `number` its SLAs.

    `by` are the parties who did it. `documents` are those of the SLA, in the record that opens its number; `inputs` what they were derived from; `changes` what
    is promised otherwise than by the predecessor. `previous` is the seal of the record before, `seal` the SHA-256 of this one.
    """

    sequence: int
    number: int
    act: Act
    day: date
    by: tuple[str, ...]
    sla: str
    reason: str = ""
    since: date | None = None
    until: date | None = None
    documents: tuple[Kept, ...] = ()
    inputs: tuple[Kept, ...] = ()
    waived: tuple[Waived, ...] = ()
    supersedes: Predecessor | None = None
    changes: tuple[str, ...] = ()
    previous: str = ""
    seal: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One SLA of the repository, by its records in order; `successor` is the number of the agreement that took its place, or 0."""

    number: int
    records: tuple[Record, ...]
    successor: int = 0

    @property
    def opening(self) -> Record:
        """The record that has its documents."""
        return self.records[0]

    @property
    def terms(self) -> Record:
        """The record that says from when until when it holds: the agreement, else the offer."""
        return next((each for each in self.records if each.act is Act.AGREED), self.opening)

    def state(self, today: date) -> State:
        """Return where it stands on a day."""
        acts = {each.act for each in self.records}
        if Act.TERMINATED in acts:
            return State.TERMINATED
        if self.successor:
            return State.SUPERSEDED
        if self.terms.until and self.terms.until < today:
            return State.EXPIRED
        return State.AGREED if Act.AGREED in acts else State.OFFERED

    def begun(self, today: date) -> bool:
        """Tell whether its first day has come."""
        return self.terms.since is None or self.terms.since <= today


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All SLAs of an application's repository, by number, and all its records, in order."""

    agreements: tuple[Agreement, ...] = ()
    records: tuple[Record, ...] = ()

    def standing(self, today: date) -> Agreement | None:
        """Return the agreement that is agreed on a day, begun or not; there is one at most."""
        return next((each for each in self.agreements if each.state(today) is State.AGREED), None)

    def numbered(self, number: int) -> Agreement | None:
        """Return an SLA by its number."""
        return next((each for each in self.agreements if each.number == number), None)

    @property
    def seal(self) -> str:
        """The seal of the last record."""
        return self.records[-1].seal if self.records else ""


def history(records: Sequence[Record]) -> History:
    """Return what some records tell, whatever their order."""
    ordered = tuple(sorted(records, key=lambda each: (each.sequence, each.number)))
    by_number: dict[int, list[Record]] = {}
    successors: dict[int, int] = {}
    for each in ordered:
        by_number.setdefault(each.number, []).append(each)
        if each.act is Act.AGREED and each.supersedes:
            successors[each.supersedes.number] = each.number
    agreements = (
        Agreement(number=number, records=tuple(found), successor=successors.get(number, 0))
        for number, found in sorted(by_number.items())
    )
    return History(agreements=tuple(agreements), records=ordered)


def unchained(found: History) -> Iterator[Problem]:
    """Yield where the chain is broken (R003) or tells what cannot have happened (R005)."""
    seal = ""
    for place, each in enumerate(found.records, 1):
        if each.sequence != place:
            what = "record", f"{place} is missing" if each.sequence > place else f"{each.sequence} is there twice"
            yield _problem("R003", each, " ".join(what))
            return
        if each.previous != seal:
            text = f"record {each.sequence} does not follow record {place - 1}: that one was changed or replaced"
            yield _problem("R003", each, text)
        seal = each.seal
    for agreement in found.agreements:
        yield from _impossible(agreement, found)


_AFTER: Final = {
    (): (Act.OFFERED, Act.AGREED),
    (Act.OFFERED,): (Act.AGREED, Act.TERMINATED),
    (Act.AGREED,): (Act.TERMINATED,),
    (Act.OFFERED, Act.AGREED): (Act.TERMINATED,),
}


def _impossible(agreement: Agreement, found: History) -> Iterator[Problem]:
    before: tuple[Act, ...] = ()
    for each in agreement.records:
        if each.act not in _AFTER.get(before, ()):
            yield _problem("R005", each, f"SLA {each.number} cannot be {each.act} when it is {before[-1] if before else 'new'}")
        before = (*before, each.act)
    opening = agreement.opening
    if not any(each.name == "sla.xml" for each in opening.documents):
        yield _problem("R005", opening, f"SLA {opening.number} has no document 'sla.xml'")
    taken = agreement.terms.supersedes
    if taken and agreement.terms.act is Act.AGREED:
        earlier = found.numbered(taken.number)
        same = earlier and Kept(name="sla.xml", sha256=taken.sha256) in earlier.opening.documents
        if taken.number == agreement.number or not earlier or not same:
            yield _problem(
                "R005", agreement.terms, f"SLA {agreement.number} supersedes SLA {taken.number}, which is not there so"
            )


def _problem(code: str, record: Record, text: str) -> Problem:
    return Problem(code=code, at=record.at, text=text, help=RESTORE)
