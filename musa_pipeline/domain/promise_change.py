"""What happens to promises between two SLAs of one application: broken, weaker, new, stronger; document by document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.agreement_difference import bound_in_words
from musa_pipeline.domain.ids import control_key
from musa_pipeline.domain.metric import Operator, Slo


class Turn(StrEnum):
    """Which way a promise turned; who relies on the first SLA loses by a broken one alone."""

    BROKEN = "broken"
    NEW = "new"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChange:
    """One promise that is another than before, in a sentence."""

    turn: Turn
    text: str


def promise_changes(before: Sequence[Sla], after: Sequence[Sla]) -> tuple[PromiseChange, ...]:
    """Return what the second set of documents promises otherwise than the first: broken promises first.

    The documents of a set are those of the application and of its components. Laws: nothing for equal sets; a promise that is
    only in the first is broken, one that is only in the second is new.
    """
    found = [each for name in _names(before, after) for each in _document(name, _of(name, before), _of(name, after))]
    found += _elsewhere(before, after)
    order = list(Turn)
    return tuple(sorted(found, key=lambda each: order.index(each.turn)))


def broken(changes: Iterable[PromiseChange]) -> tuple[PromiseChange, ...]:
    """Return the changes by which somebody loses a promise."""
    return tuple(each for each in changes if each.turn is Turn.BROKEN)


def _names(before: Sequence[Sla], after: Sequence[Sla]) -> list[str]:
    return sorted({each.component or "" for each in (*before, *after)})


def _of(name: str, slas: Sequence[Sla]) -> Sla | None:
    return next((each for each in slas if (each.component or "") == name), None)


def _document(name: str, before: Sla | None, after: Sla | None) -> Iterator[PromiseChange]:
    who = name or "the application"
    if before is None or after is None:
        if before is not None:
            yield PromiseChange(turn=Turn.BROKEN, text=f"{who} is no longer part of it")
        elif after is not None:
            yield PromiseChange(turn=Turn.NEW, text=f"{who} is part of it now")
        return
    yield from _controls(who, before, after)
    yield from _bounds(who, before, after)


def _controls(who: str, before: Sla, after: Sla) -> Iterator[PromiseChange]:
    theirs, ours = ({each.control: each for each in sla.terms} for sla in (before, after))
    for control in sorted(theirs.keys() - ours.keys(), key=control_key):
        yield PromiseChange(turn=Turn.BROKEN, text=f"{who} no longer promises {control} {theirs[control].title}")
    for control in sorted(ours.keys() - theirs.keys(), key=control_key):
        yield PromiseChange(turn=Turn.NEW, text=f"{who} promises {control} {ours[control].title} now")
    gone = {each.component for each in before.members} - {each.component for each in after.members}  # told by itself
    for control in sorted(theirs.keys() & ours.keys(), key=control_key):
        kept = {*ours[control].granted_for, *ours[control].not_applicable, *gone}
        lost = sorted(set(theirs[control].granted_for) - kept)
        if lost:
            yield PromiseChange(turn=Turn.BROKEN, text=f"{who} no longer promises {control} for {', '.join(lost)}")
        won = sorted(set(ours[control].granted_for) - {*theirs[control].granted_for, *theirs[control].not_applicable})
        if won:
            yield PromiseChange(turn=Turn.NEW, text=f"{who} promises {control} for {', '.join(won)} now")


def _bounds(who: str, before: Sla, after: Sla) -> Iterator[PromiseChange]:
    theirs, ours = ({(each.metric, each.operator): each for each in sla.slos} for sla in (before, after))
    for key in sorted(theirs.keys() | ours.keys()):
        one, other = theirs.get(key), ours.get(key)
        if one and other is None:
            yield PromiseChange(turn=Turn.BROKEN, text=f"{who} no longer promises {_level(one)}")
        elif other and one is None:
            yield PromiseChange(turn=Turn.NEW, text=f"{who} promises {_level(other)} now")
        elif one and other and (one.bound, one.unit) != (other.bound, other.unit):
            turn = Turn.BROKEN if _weaker(one, other) else Turn.NEW
            yield PromiseChange(turn=turn, text=f"{who} promises {_level(other)}; it was {bound_in_words(one)}")


def _level(slo: Slo) -> str:
    return f"{slo.metric} {bound_in_words(slo)}"


def _weaker(one: Slo, other: Slo) -> bool:
    """Tell whether the other bound holds less than the first; bounds in two units, and two that must just be met, do."""
    if one.unit != other.unit or one.operator is Operator.EQ:
        return True
    return other.bound < one.bound if one.operator in (Operator.GE, Operator.GT) else other.bound > one.bound


def _elsewhere(before: Sequence[Sla], after: Sequence[Sla]) -> Iterator[PromiseChange]:
    one, other = _of("", before), _of("", after)
    if one and other and one.resources != other.resources:
        where = " and ".join(sorted({f"{each.offering} {each.zone}".strip() for each in other.resources}))
        yield PromiseChange(turn=Turn.OTHER, text=f"it runs elsewhere: {where}")
