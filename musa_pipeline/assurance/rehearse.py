"""Policies rehearsed with a simulated clock: agents that obey at once, a context made of what the test says, and what was done."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from musa_pipeline.assurance.heard import heard
from musa_pipeline.assurance.life import Order, answered, dispatch, finished, listen_to_silence, tick
from musa_pipeline.assurance.react import react
from musa_pipeline.assurance.reactions import Belts, Note, Record, State, Turn
from musa_pipeline.assurance.sight import View
from musa_pipeline.domain.command import Outcome, Result, Verb
from musa_pipeline.domain.context import Bucket, Entity, Kind
from musa_pipeline.domain.event import Event, EventType, Finding, MachineId, Plain
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.policy import Expected, Life, Policy, PolicyTest, Step
from musa_pipeline.domain.problems import Problem
from musa_pipeline.domain.verdict import Incident, Stage, Verdict
from musa_pipeline.domain.verdict import State as Verdicted

Payload: TypeAlias = Finding | Verdict | Incident | Mapping[str, Plain]
_BEGIN: Final = 1_000_000_000.0
"""When simulated time begins; tests count from there."""
_EXACT: Final = 1.0
_LOOKING: Final = frozenset((Step.DETECT, Step.SET_PERIOD))
"""What only looks closer need not be named by a test."""
_TOLD: Final[Mapping[Life, str]] = {
    Life.SENT: "done",
    Life.HELD: "held",
    Life.SHADOWED: "shadowed",
    Life.WAITING: "waiting",
    Life.FAILED: "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing that was done (or held, shadowed, left waiting) at a time, with the record of it."""

    time: float
    is_: str
    record: Record

    def __str__(self) -> str:
        action = self.record.action
        on = f" on {action.target}" if action.target else ""
        state = "" if self.is_ == "done" else f", {self.is_}"
        why = f" ({action.reason})" if self.is_ in ("held", "failed") and action.reason else ""
        return f"{action.step} {self.record.main}{on}{state}{why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of a test: everything that was done, the notes with their traces, and what is not as it should be."""

    test: PolicyTest
    done: tuple[Done, ...]
    notes: tuple[Note, ...]
    faults: tuple[Problem, ...]


def rehearse(policy: Policy, test: PolicyTest, belts: Belts | None = None, lists: Collection[str] = ()) -> Rehearsal:
    """Follow a test of a policy; `lists` that it does not give are empty. Codes: P020 something expected was not done, P021 something was done that nobody expects."""
    belts = belts or Belts()
    belts = replace(belts, protected=belts.protected | frozenset(test.protected))
    policy = replace(policy, mode=test.mode or policy.mode)
    play = _Play((policy,), belts, {**dict.fromkeys(lists, ()), **test.lists}, World(test.services, test.hosts))
    times = sorted({0.0, *(time for time, _ in test.events), *_moments(test.until)})
    events = list(enumerate(test.events))
    for time in times:
        while events and events[0][1][0] <= time:
            number, (_, fields) = events.pop(0)
            play.hear(f"test-{number}", _BEGIN + time, fields)
        play.go_on(_BEGIN + time)
    done = tuple(replace(each, time=each.time - _BEGIN) for each in play.done)
    return Rehearsal(test=test, done=done, notes=tuple(play.notes), faults=tuple(_faults(test, done)))


def _moments(until: float) -> Iterator[float]:
    """Yield every second, of long tests fewer moments."""
    step = max(1.0, until / 7200)
    yield from (step * number for number in range(1, int(until / step) + 1))


class World:
    """The context as a test makes it up, and as what is done changes it."""

    def __init__(self, services: Mapping[str, Mapping[str, Plain]], hosts: Mapping[str, Mapping[str, Plain]]) -> None:
        self.entities: dict[tuple[Kind, str], Entity] = {}
        self.events: list[Event] = []
        on: dict[str, list[Plain]] = {name: [] for name in hosts}
        for name, said in services.items():
            machine = said.get("machine")
            where = machine if isinstance(machine, str) and machine else name
            on.setdefault(where, []).append(name)
            self.set(Kind.SERVICE, name, desired={**said, "machine": where})
        for name, there in on.items():
            self.set(Kind.HOST, name, desired={"components": there, **hosts.get(name, {})})

    def set(
        self, kind: Kind, name: str, *, desired: Mapping[str, Plain] | None = None, observed: Mapping[str, Plain] | None = None
    ) -> None:
        """Change an entity."""
        old = self.entities.get((kind, name), Entity(kind=kind, id=name))
        self.entities[kind, name] = replace(
            old, desired={**old.desired, **(desired or {})}, observed={**old.observed, **(observed or {})}
        )

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None:  # noqa: ARG002  the present is all there is
        return self.entities.get((kind, entity))

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]:  # noqa: ARG002
        found = (each for (other, _), each in sorted(self.entities.items()) if other is kind)
        return [each for each in found if all((each.desired | each.observed).get(name) == value for name, value in where.items())]

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]:  # noqa: ARG002
        return ()

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]:
        found = [
            each
            for each in reversed(self.events)
            if which in ("", each.type)
            and subject in ("", each.subject)
            and since <= each.time
            and (until is None or each.time < until)
        ]
        return found[:most]


class Past(World):
    """The context as it was: asked of the real one as of the time that is simulated, with what is simulated laid over it."""

    def __init__(self, view: View) -> None:
        super().__init__({}, {})
        self.view, self.now = view, 0.0

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None:
        return self.entities.get((kind, entity)) or self.view.get(kind, entity, self.now if at is None else at)

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]:
        return self.view.find(kind, self.now if at is None else at, **where)

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]:
        return self.view.series(subject, metric, since, min(until, self.now), step)

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]:
        end = self.now if until is None else min(until, self.now)
        return self.view.told(which=which, subject=subject, since=since, until=end, most=most)


def replay(
    policies: Sequence[Policy],
    events: Sequence[tuple[str, float, Payload]],
    view: View,
    belts: Belts,
    lists: Mapping[str, tuple[str, ...]],
) -> tuple[tuple[Done, ...], tuple[Note, ...]]:
    """Let policies meet what really happened (id, time, payload; by time): what they would have done, and why. Nothing is done."""
    past = Past(view)
    play = _Play(policies, belts, lists, past)
    for name, time, said in events:
        for moment in play.moments(time):
            past.now = moment
            play.go_on(moment)
        past.now = time
        play.meet(name, time, said)
    return tuple(play.done), tuple(play.notes)


class _Play:
    """Policies at work in a made-up world."""

    def __init__(self, policies: Sequence[Policy], belts: Belts, lists: Mapping[str, tuple[str, ...]], world: World) -> None:
        self.policies, self.belts, self.lists, self.world = policies, belts, lists, world
        self.state = State()
        self.done: list[Done] = []
        self.notes: list[Note] = []
        self._seen: set[str] = set()
        self._last = 0.0

    def hear(self, name: str, time: float, fields: Mapping[str, Plain]) -> None:
        said = _payload(name, time, fields)
        self._remember(said, time)
        self.meet(name, time, said)

    def meet(self, name: str, time: float, said: Payload) -> None:
        event = heard(name, time, said, self.world)
        self._last = time
        self._follow(react(self.policies, self.state, event, self.world, self.belts, time, self.lists))
        self._obey(time)

    def moments(self, until: float) -> Iterator[float]:
        """Yield the moments before a time at which something may become due."""
        while True:
            open_ones = [each for each in self.state.records.values() if not each.over]
            ends = [each.until for each in open_ones if each.until is not None]
            if not open_ones and not any(path.endswith(":silence") for _, path, _ in self.state.marks):
                return
            last = self._last
            step = min([last + 10.0, *(each for each in ends if each > last)])
            if step >= until:
                return
            yield step

    def go_on(self, time: float) -> None:
        self._last = time
        while turn := listen_to_silence(self.policies, self.state, self.world, self.belts, time, self.lists):
            self._follow(turn)
        self._follow(tick(self.policies, self.state, self.world, self.belts, time, self.lists))
        self._obey(time)

    def _follow(self, turn: Turn) -> None:
        self.notes += turn.notes
        for record in turn.records.values():
            told = _TOLD.get(record.life)
            if told and record.id not in self._seen:
                self._seen.add(record.id)
                self.done.append(Done(time=turn.time, is_=told, record=record))
        self.state = turn.after()

    def _obey(self, time: float) -> None:
        while True:
            turn, orders = dispatch(self.state, time)
            self._follow(turn)
            if not orders:
                return
            for order in orders:
                self._one(order, time)

    def _one(self, order: Order, time: float) -> None:
        record = order.record
        if order.verb is None:
            self._follow(finished(self.state, record.id, self.belts, time, done=True))
            return
        sent = replace(record, command=record.id)
        self.state = State({**self.state.records, record.id: sent}, self.state.marks, self.state.stopped)
        before: Plain = {"seconds": 10.0} if order.verb is Verb.SET_PERIOD else None
        result = Result(command=record.id, machine=MachineId(record.machine), outcome=Outcome.APPLIED, time=time, before=before)
        self._follow(answered(self.state, result, self.belts, time))
        if order.verb in (Verb.LOAD, Verb.UNLOAD):
            state = "loaded" if order.verb is Verb.LOAD else "absent"
            self.world.set(Kind.PROGRAM, f"{record.main}@{record.machine}", observed={"state": state})
        elif order.verb in (Verb.BLOCK, Verb.UNBLOCK):
            until = time + record.lasts if order.verb is Verb.BLOCK else time
            self.world.set(Kind.BLOCK, f"{record.main}@{record.machine}", observed={"until": until})

    def _remember(self, said: Payload, time: float) -> None:
        match said:
            case Finding():
                text = f'{{"type":"{said.type}"}}'.encode()
                subject = said.component or said.machine
                told = Event(id=said.id, type=EventType.FINDING, source="test", subject=subject, time=time, data=text)
                self.world.events.append(told)
            case Verdict():
                desired: dict[str, Plain] = {"component": said.component, "metric": said.metric}
                self.world.set(Kind.SLO, said.objective, desired=desired, observed={"state": str(said.state)})
            case Incident():
                self.world.set(
                    Kind.INCIDENT,
                    said.id,
                    observed={
                        "component": said.component,
                        "metric": said.metric,
                        "cause": said.cause,
                        "stage": str(said.stage),
                        "ended": said.ended,
                    },
                )


def _payload(name: str, time: float, fields: Mapping[str, Plain]) -> Payload:
    def text(key: str, otherwise: str = "") -> str:
        value = fields.get(key)
        return otherwise if value is None else str(value)

    def number(key: str, otherwise: float) -> float:
        value = fields.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise

    component, machine, metric = ComponentId(text("component")), MachineId(text("machine")), MetricId(text("metric"))
    if "finding" in fields:
        return Finding(
            id=text("id", name),
            type=text("finding"),
            component=component,
            machine=machine,
            time=time,
            confidence=number("confidence", 1.0),
            algorithm=text("algorithm", "test"),
            source=text("source"),
            detail=text("detail"),
        )
    if "verdict" in fields:
        return Verdict(
            objective=text("objective", f"{component}:{metric}"),
            component=component,
            metric=metric,
            state=Verdicted(text("verdict")) if text("verdict") in set(Verdicted) else Verdicted.NOT_DETERMINED,
            time=time,
            value=number("value", 0.0),
            samples=int(number("samples", 1)),
            beyond=0,
            last=time,
            confidence=number("confidence", 1.0),
            reason=text("reason"),
        )
    if "incident" in fields:
        closed = text("incident") == "closed"
        return Incident(
            id=text("id", f"{component}:{metric}"),
            objective=text("objective", f"{component}:{metric}"),
            component=component,
            metric=metric,
            stage=Stage.CLOSED if closed else Stage.OPEN,
            began=time,
            told=time,
            ended=time if closed else None,
            cause=ComponentId(text("cause", component)),
            machine=machine,
            because=text("because"),
            recommendation=text("recommendation"),
        )
    return {"what": text("management"), **fields}


def _faults(test: PolicyTest, done: Sequence[Done]) -> Iterator[Problem]:
    left = list(done)
    for wanted in test.expect:
        found = next((each for each in left if _is(each, wanted)), None)
        if found is not None:
            left.remove(found)
            continue
        near = next((each for each in left if each.record.step is wanted.step), None)
        way = f"what was done: at {near.time:g} s {near}" if near else "nothing of that kind was done"
        what = f"{wanted.step} {wanted.main}" + (f" on {wanted.on}" if wanted.on else "")
        state = "" if wanted.life == "done" else f", {wanted.life}"
        yield Problem(code="P020", at=wanted.at, text=f"expected at {wanted.time:g} s: {what}{state}", help=way)
    for each in left:
        if each.record.step not in _LOOKING and not (each.is_ == "done" and each.time > test.until):
            yield Problem(code="P021", at=test.at, text=f"at {each.time:g} s, not expected: {each}", help="name it under expect")


def _is(done: Done, wanted: Expected) -> bool:
    record = done.record
    return (
        abs(done.time - wanted.time) <= _EXACT
        and record.step is wanted.step
        and record.main == wanted.main
        and wanted.on in ("", record.component, record.machine, record.action.target)
        and wanted.life in ("", done.is_)
    )
