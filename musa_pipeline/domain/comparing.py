"""Two states of one application compared, topic by topic; a state that is not there (the model is new, or gone) has nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from musa_pipeline.domain.comparing_promises import gaps, objectives, promises
from musa_pipeline.domain.comparing_risks import required, risks
from musa_pipeline.domain.comparison import Change, Derived, Effect, Fact, Topic, Turn, in_order
from musa_pipeline.domain.decision import DecidedRisk, Waiver
from musa_pipeline.domain.difference import differences
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.selection import Placement

T = TypeVar("T")
Decision: TypeAlias = DecidedRisk | Waiver


def compare(before: Derived | None, after: Derived | None) -> tuple[Change, ...]:
    """Return every change between two states, in the order of topics and effects; nothing between equal ones."""
    parts = (promises, gaps, risks, objectives, _cost, _providers, _agents, _decisions, required, _model)
    return in_order(change for part in parts for change in part(before, after))


def _cost(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    was, now = (_prices(each) for each in (before, after))
    for name in ("services", "agents"):
        if was[name] != now[name]:
            yield Change(
                topic=Topic.COST,
                turn=Turn.MOVED,
                effect=Effect.WORSE if now[name] > was[name] else Effect.BETTER,
                component=None,
                subject=name,
                facts=(Fact(name="EUR a month", before=f"{was[name]:.2f}", after=f"{now[name]:.2f}"),),
            )


def _prices(of: Derived | None) -> dict[str, float]:
    if of is None:
        return {"services": 0.0, "agents": 0.0}
    return {"services": round(of.selection.price, 2), "agents": round(of.selection.agents_price, 2)}


def _providers(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    was, now = ({each.unit: each for each in of.selection.placements} if of else {} for of in (before, after))
    for unit, old, new in _pairs(was, now):
        facts = _facts(_placed(old) if old else (), _placed(new) if new else ())
        if turn := _turn(old, new, facts):
            because = (new.because,) if new and new.because else ()
            yield Change(
                topic=Topic.PROVIDER, turn=turn, effect=Effect.OTHER, component=unit, subject=unit, facts=facts, because=because
            )


def _placed(of: Placement) -> Iterator[tuple[str, str]]:
    yield "offering", of.offering
    yield "region", f"{of.region} ({of.country})"
    yield "copies", str(of.copies)
    yield "EUR a month", f"{of.price:.2f}"
    yield "components", ", ".join(sorted(of.members))


def _agents(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    was, now = ({(each.component, each.agent): each for each in of.selection.agents} if of else {} for of in (before, after))
    for (component, agent), old, new in _pairs(was, now):
        if turn := _turn(old, new, ()):
            one = new or old
            because = (one.because,) if one and one.because else ()
            yield Change(topic=Topic.AGENT, turn=turn, effect=Effect.OTHER, component=component, subject=agent, because=because)


def _decisions(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    was, now = _by_name(before), _by_name(after)
    for (component, subject), old, new in _pairs(was, now):
        facts = _facts(_decided(old) if old else (), _decided(new) if new else ())
        if turn := _turn(old, new, facts):
            one = new or old
            because = (one.term.reason,) if one and one.term.reason else ()
            yield Change(
                topic=Topic.DECISION,
                turn=turn,
                effect=Effect.OTHER,
                component=ComponentId(component) if component else None,
                subject=subject,
                facts=facts,
                because=because,
            )


def _by_name(of: Derived | None) -> dict[tuple[str, str], Decision]:
    decisions = of.decisions if of else ()
    return {(each.component or "", each.threat if isinstance(each, DecidedRisk) else each.control): each for each in decisions}


def _decided(of: Decision) -> Iterator[tuple[str, str]]:
    yield "what", str(of.state) if isinstance(of, DecidedRisk) else "waived"
    yield "by", of.term.owner
    yield "from", str(of.term.since)
    yield "until", str(of.term.expires)
    yield "to", of.to if isinstance(of, DecidedRisk) else ""
    yield "ticket", of.term.ticket


def _model(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    if before is None or after is None:
        return
    for each in differences(before.cpim, after.cpim):
        turn = Turn.NEW if not each.before else Turn.GONE if not each.after else Turn.MOVED
        fact = Fact(name=each.fact, before=each.before, after=each.after)
        yield Change(
            topic=Topic.MODEL, turn=turn, effect=Effect.OTHER, component=each.component, subject=each.fact, facts=(fact,)
        )


K = TypeVar("K", bound=ComponentId | tuple[str, str])


def _pairs(was: Mapping[K, T], now: Mapping[K, T]) -> Iterator[tuple[K, T | None, T | None]]:
    for key in sorted(was.keys() | now.keys(), key=str):
        yield key, was.get(key), now.get(key)


def _facts(old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    was, now = dict(old), dict(new)
    found = (Fact(name=name, before=was.get(name, ""), after=now.get(name, "")) for name in dict.fromkeys((*was, *now)))
    return tuple(each for each in found if each.before or each.after)


def _turn(old: object, new: object, facts: Iterable[Fact]) -> Turn | None:
    if old is None or new is None:
        return Turn.NEW if old is None else Turn.GONE
    return Turn.MOVED if any(each.differs for each in facts) else None
