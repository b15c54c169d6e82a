"""Beside the road: an SLA is offered, agreed, amended or terminated; what was agreed once is only ever added to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from musa_pipeline.domain.agreement_record import Act, Agreement, History, Kept, Predecessor, Record, State, Waived
from musa_pipeline.domain.composition import Gap
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.promise_change import PromiseChange
from musa_pipeline.domain.verification import Verified
from musa_pipeline.formats.records import write_record
from musa_pipeline.stages import values
from musa_pipeline.stages.agreed import agreed
from musa_pipeline.stages.document_checks import SIGNED, Against
from musa_pipeline.stages.sla import DOCUMENT, changes_from, documents_of, sound_history
from musa_pipeline.stages.verify import verified
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.agreements import add_record, alone, freeze
from musa_pipeline.workspace.files import digest, read_bytes
from musa_pipeline.workspace.places import Place, called

_MOST: Final = 1_000
"""Changes that a record tells one by one; broken promises come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the parties say: who, why, and from when until when, both days included; None: not said. `today` is when they say it."""

    today: date
    by: tuple[str, ...]
    reason: str = ""
    since: date | None = None
    until: date | None = None
    with_gaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of it: the record and its files; or, without a record, why not: checks that failed, gaps that nobody answers for.

    `waived` are gaps that somebody answers for; `changes` is what is promised otherwise than by the agreement before.
    """

    record: Record | None = None
    file: str = ""
    failed: tuple[Verified, ...] = ()
    gaps: tuple[Gap, ...] = ()
    waived: tuple[Waived, ...] = ()
    changes: tuple[PromiseChange, ...] = ()


def propose(work: Work, said: Said, against: Against) -> Acted:
    """Freeze the draft as an offer: the other party can accept it as it is, whatever the model does meanwhile."""
    with alone(work.place):
        return _frozen(work, Act.OFFERED, said, against, sound_history(work.place))


def agree(work: Work, said: Said, against: Against) -> Acted:
    """Freeze the draft as an agreement.

    Raises UsageWrong if one stands already: an agreement is amended, never replaced in silence.
    """
    with alone(work.place):
        past = sound_history(work.place)
        if standing := past.standing(said.today):
            name = called(work.place)
            way = f"musa sla amend {name} --by … --reason …, which supersedes it; or musa sla terminate {name} first"
            raise UsageWrong(f"agreement {standing.number} of {work.place.application} stands", way)
        return _frozen(work, Act.AGREED, said, against, past)


def amend(work: Work, said: Said, against: Against) -> Acted:
    """Freeze the draft as an agreement that takes the place of the one that stands, from today.

    Raises UsageWrong if none stands, or if nothing would change.
    """
    with alone(work.place):
        past = sound_history(work.place)
        standing = past.standing(said.today)
        if standing is None:
            text = f"no agreement of {work.place.application} stands that could be amended"
            raise UsageWrong(text, f"musa sla agree {called(work.place)}")
        until = said.until or standing.terms.until
        if until == standing.terms.until and _kept(_documents(work)) == standing.opening.documents:
            way = "run the model first, or give another --until"
            raise UsageWrong(f"the draft is what agreement {standing.number} says: nothing is amended", way)
        return _frozen(work, Act.AGREED, replace(said, until=until), against, past, standing)


def accept(work: Work, number: int, said: Said) -> Acted:
    """Agree to an offer as it was frozen; an agreement that stands is superseded by it.

    Raises UsageWrong if there is no such offer, or it is no longer open.
    """
    with alone(work.place):
        past = sound_history(work.place)
        offer = _open(past, number, said.today, State.OFFERED)
        standing = past.standing(said.today)
        since = max(said.since or offer.terms.since or said.today, said.today)
        reason = said.reason or offer.terms.reason
        if standing and (since > said.today or not reason):
            lack = "--reason says why" if not reason else f"accept it on {since}, or terminate agreement {standing.number}"
            raise UsageWrong(f"offer {number} would supersede agreement {standing.number}", lack)
        until = said.until or offer.terms.until
        _lasting(since, until, said.today)
        changes = changes_from(work, standing, documents_of(work, offer)) if standing else ()
        record = Record(
            sequence=len(past.records) + 1,
            number=number,
            act=Act.AGREED,
            day=said.today,
            by=said.by,
            sla=offer.opening.sla,
            reason=reason,
            since=since,
            until=until,
            supersedes=_predecessor(standing),
            changes=_sentences(changes),
            previous=past.seal,
        )
        return Acted(record=record, file=_added(work, record), waived=offer.opening.waived, changes=changes)


def terminate(work: Work, number: int | None, said: Said) -> Acted:
    """End an agreement, or withdraw an offer; its documents stay.

    Raises UsageWrong if there is none, or it has ended already.
    """
    with alone(work.place):
        past = sound_history(work.place)
        found = _open(
            past,
            number or _only(past, said.today, work.place),
            said.today,
            State.OFFERED,
            State.AGREED,
            State.EXPIRED,
        )
        record = Record(
            sequence=len(past.records) + 1,
            number=found.number,
            act=Act.TERMINATED,
            day=said.today,
            by=said.by,
            sla=found.opening.sla,
            reason=said.reason,
            previous=past.seal,
        )
        return Acted(record=record, file=_added(work, record))


def _frozen(work: Work, act: Act, said: Said, against: Against, past: History, standing: Agreement | None = None) -> Acted:
    """Freeze the derived documents, signed where somebody signed them, under the next number."""
    since = said.since or said.today
    _lasting(since, said.until, said.today)
    failed = tuple(each for each in verified(work, against=against) if not each.holds)
    if failed:
        return Acted(failed=failed)
    open_, waived = _gaps(work, said.today)
    if open_ or (waived and not said.with_gaps):
        return Acted(gaps=open_, waived=waived)
    documents = _documents(work)
    whole = agreed(work, _below(work))
    changes = changes_from(work, standing, whole) if standing else ()
    record = Record(
        sequence=len(past.records) + 1,
        number=max((each.number for each in past.agreements), default=0) + 1,
        act=act,
        day=said.today,
        by=said.by,
        sla=whole[0].id,
        reason=said.reason,
        since=since,
        until=said.until,
        documents=_kept(documents),
        inputs=_inputs(work),
        waived=waived,
        supersedes=_predecessor(standing),
        changes=_sentences(changes),
        previous=past.seal,
    )
    freeze(work.place, record.number, {**documents, f"{act}.yaml": write_record(record)})
    return Acted(record=record, file=f"{work.place.sla}/agreements/{record.number}/{act}.yaml", waived=waived, changes=changes)


def _added(work: Work, record: Record) -> str:
    return add_record(work.place, record.number, record.act, write_record(record))


def _lasting(since: date, until: date | None, today: date) -> None:
    if until is None:
        raise UsageWrong("an SLA needs a last day", "give --until YYYY-MM-DD")
    if until < max(since, today):
        raise UsageWrong(f"its last day, {until}, is before its first, {max(since, today)}", "give a later --until")


def _open(past: History, number: int, today: date, *states: State) -> Agreement:
    found = past.numbered(number)
    if found is None:
        numbers = ", ".join(str(each.number) for each in past.agreements) or "none yet"
        raise UsageWrong(f"there is no SLA {number}", f"in the repository: {numbers}")
    state = found.state(today)
    if state in states:
        return found
    last = found.records[-1]
    when = {
        State.TERMINATED: f"it was terminated on {last.day}",
        State.SUPERSEDED: f"SLA {found.successor} superseded it",
        State.EXPIRED: f"its last day was {found.terms.until}",
        State.AGREED: f"it was agreed on {found.terms.day}",
    }
    raise UsageWrong(f"SLA {number} is {state} already: {when.get(state, str(state))}", "musa sla list shows what is open")


def _only(past: History, today: date, place: Place) -> int:
    if standing := past.standing(today):
        return standing.number
    offers = [each.number for each in past.agreements if each.state(today) is State.OFFERED]
    if len(offers) != 1:
        what = f"several offers are open: {', '.join(map(str, offers))}" if offers else "nothing stands or is offered"
        raise UsageWrong(f"{place.application}: {what}", f"musa sla terminate {called(place)} NUMBER" if offers else "")
    return offers[0]


def _gaps(work: Work, today: date) -> tuple[tuple[Gap, ...], tuple[Waived, ...]]:
    """Return the gaps that nobody answers for, and what somebody does answer for; the model was derived in this process."""
    gaps = [each for each in values.composition(work).gaps if each.control]
    waivers = [each for each in values.decisions(work).waivers if each.term.since <= today <= each.term.expires]
    by = {(each.component, each.control): each for each in waivers}
    covering = [
        by.get((gap.component, gap.control or ControlId(""))) or by.get((None, gap.control or ControlId(""))) for gap in gaps
    ]
    counted = Counter((each.component, each.control) for each in covering if each)
    waived = (
        Waived(component=each.component, control=each.control, owner=each.term.owner, expires=each.term.expires, gaps=number)
        for each in waivers
        if (number := counted[each.component, each.control])
    )
    return tuple(gap for gap, waiver in zip(gaps, covering, strict=True) if waiver is None), tuple(waived)


def _below(work: Work) -> str:
    """Return the folder of what is frozen: the signed documents if somebody signed them; they were verified."""
    return f"{SIGNED}/" if (work.place.out / work.place.sla / SIGNED / DOCUMENT).exists() else ""


def _documents(work: Work) -> dict[str, bytes]:
    below = _below(work)
    whole, _ = agreed(work, below)
    names = (DOCUMENT, *(each.document for each in whole.members))
    found = {}
    for name in names:
        shown = f"{work.place.sla}/{below}{name}"
        data = read_bytes(work.place.out / shown, shown, work.problems)
        work.stop_if_wrong()
        assert data is not None  # noqa: S101  else it was reported
        found[name] = data
    return found


def _kept(documents: dict[str, bytes]) -> tuple[Kept, ...]:
    return tuple(Kept(name=name, sha256=digest(data)) for name, data in documents.items())


def _inputs(work: Work) -> tuple[Kept, ...]:
    """Return what the draft was derived from: files of the repository by name, catalogs by folder."""
    from musa_pipeline.stages.compose import READS

    seen = {name.rpartition("/")[2] if name.startswith("/") else name: found for name, found in work.inputs.seen.items() if found}
    folders = {name: work.inputs.token(name) for name in READS if name.startswith("catalogs/")}
    return tuple(Kept(name=name, sha256=found) for name, found in sorted((seen | folders).items()) if found and len(found) == 64)


def _predecessor(standing: Agreement | None) -> Predecessor | None:
    if standing is None:
        return None
    document = next(each for each in standing.opening.documents if each.name == DOCUMENT)
    return Predecessor(number=standing.number, id=standing.opening.sla, sha256=document.sha256)


def _sentences(changes: Iterable[PromiseChange]) -> tuple[str, ...]:
    told = [f"{each.turn}: {each.text}" for each in changes]
    return tuple(told if len(told) <= _MOST else [*told[:_MOST], f"and {len(told) - _MOST} more, as the documents of both say"])
