"""A controller with a real bus and a real context in a folder, agents that obey as real ones do, and a clock that can be set."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from musa_pipeline.assurance.reactions import Belts
from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.command import Command, Outcome, Result, Verb
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Event, EventType, Finding, MachineId, Plain, Topic
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.policy import Policy
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.verdict import Incident, Stage
from musa_pipeline.formats.commands import is_signed
from musa_pipeline.formats.events import read_command, write_payload
from musa_pipeline.formats.policies import read_policy
from musa_pipeline.services.controller import Controller, Means
from musa_pipeline.services.notices import Ended
from tests.support import ROOT

KEY = "the key of the machine"
DIGEST = "d" * 64


def shipped(name: str) -> Policy:
    problems = Problems()
    path = f"catalogs/policies/{name}.yaml"
    found = read_policy((ROOT / path).read_text(), path, problems).policy
    assert found and not problems.errors, [str(each) for each in problems]
    return found


def written(text: str) -> Policy:
    problems = Problems()
    found = read_policy(text, "", problems).policy
    assert found, [str(each) for each in problems]
    return found


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Agent:
    """Obeys signed commands with growing numbers, once each, and remembers what it did."""

    bus: Embedded
    clock: Callable[[], float]
    says: Callable[[Command], tuple[Outcome, str]] = lambda _: (Outcome.APPLIED, "")
    obeyed: list[Command] = field(default_factory=list)
    deaf: bool = False
    last: dict[str, int] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.subscription = self.bus.subscribe([Topic.COMMANDS], "agents")

    def obey(self, wait: float = 0.0) -> int:
        told = self.subscription.poll(wait)
        results = []
        for each in told:
            command = read_command(each.event.data)
            assert isinstance(command, Command)
            if not self.deaf:
                results.append(self._one(command))
        if results:
            self.bus.publish(Topic.RESULTS, [_result(each) for each in results])
        self.subscription.commit()
        return len(told)

    def _one(self, command: Command) -> Result:
        def answer(outcome: Outcome, reason: str = "", before: Plain = None, after: Plain = None) -> Result:
            return Result(
                command=command.id,
                machine=command.machine,
                outcome=outcome,
                time=self.clock(),
                reason=reason,
                before=before,
                after=after,
            )

        if not is_signed(command, KEY):
            return answer(Outcome.REFUSED, "its signature is not right")
        if command.number <= self.last.get(command.machine, 0) or command.expires <= self.clock():
            return answer(Outcome.REFUSED, "it is an old one")
        self.last[command.machine] = command.number
        outcome, reason = self.says(command)
        if outcome is not Outcome.APPLIED:
            return answer(outcome, reason)
        self.obeyed.append(command)
        before: Plain = None
        after: Plain = None
        match command.verb:
            case Verb.LOAD | Verb.UNLOAD:
                name = f"{command.arguments['program']}@{command.machine}"
                before = {"state": "loaded" if name in self.loaded else "absent"}
                (self.loaded.add if command.verb is Verb.LOAD else self.loaded.discard)(name)
                after = {"state": "loaded" if name in self.loaded else "absent"}
            case Verb.SET_PERIOD:
                before, after = {"programs musa@": 10.0}, {"programs musa@": command.arguments["seconds"]}
            case Verb.BLOCK:
                after = {"left": command.arguments["seconds"], "packets": 0, "octets": 0}
            case Verb.UNBLOCK:
                after = {"left": 0.0, "packets": 0, "octets": 0}
        return answer(outcome, "", before, after)

    def did(self) -> list[str]:
        return [
            f"{each.verb} {each.arguments.get('program') or each.arguments.get('source') or each.arguments.get('input')}"
            for each in self.obeyed
        ]


@dataclass
class World:
    """Everything around a controller; `again` is a controller after a restart."""

    folder: Path
    policies: Sequence[Policy]
    belts: Belts = field(default_factory=Belts)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    playbooks: Callable[..., Ended] | None = None
    notify: Callable[..., Ended] | None = None
    hosts: Mapping[str, Mapping[str, Plain]] = field(default_factory=lambda: {"m1": {"exposed": True, "components": ["web"]}})
    services: Mapping[str, Mapping[str, Plain]] = field(default_factory=lambda: {"web": {"exposed": True, "machine": "m1"}})

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.bus = Embedded(self.folder / "bus.sqlite", clock=time.time)
        self.context = SqliteContext(self.folder / "context.sqlite")
        seed(self.context, self.hosts, self.services, self.clock())
        self.agent = Agent(self.bus, self.clock)
        self.controller = self.again()

    def again(self) -> Controller:
        means = Means(
            bus=self.bus,
            context=self.context,
            clock=self.clock,
            key=lambda machine: KEY if machine in self.hosts else None,
            digest=lambda program: DIGEST if program == "source-counters" else None,
            playbooks=self.playbooks,
            notify=self.notify,
        )
        self.controller = Controller(self.policies, means, self.folder, self.belts, self.lists)
        return self.controller

    def settle(self, rounds: int = 12) -> None:
        """Let everything that follows from what was said happen, at this moment of the clock."""
        quiet = 0
        for _ in range(rounds):
            time.sleep(0.002)
            self.clock.now += 0.001
            self.controller._ticked = 0.0
            busy = self.controller.step() + self.agent.obey() + self.controller.hands.under_way
            quiet = 0 if busy else quiet + 1
            if quiet > 2:
                return

    def wait(self, seconds: float) -> None:
        """Let time go by, a second at a time."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + 1.0)
            self.settle()

    def say(self, *events: Event) -> None:
        self.bus.publish(Topic.EVENTS, events)
        self.settle()

    def lives(self) -> dict[str, str]:
        """Return what became of each action, by what it is."""
        found = {}
        for each in sorted(self.controller.store.records(), key=lambda each: (each.begun, each.id)):
            found[f"{'un' if each.takes_back and each.step is not each.step.UNLOAD else ''}{each.step} {each.main}"] = str(
                each.life
            )
        return found

    def notes(self) -> list[str]:
        return [json.loads(line)["what"] for line in (self.folder / "audit.jsonl").read_text().splitlines()]

    def close(self) -> None:
        self.controller.close()
        self.bus.close()
        self.context.close()


def seed(
    context: SqliteContext, hosts: Mapping[str, Mapping[str, Plain]], services: Mapping[str, Mapping[str, Plain]], now: float
) -> None:
    for kind, things in ((Kind.HOST, hosts), (Kind.SERVICE, services)):
        context.apply(
            [
                Change(id=f"seed:{kind}:{name}", kind=kind, entity=name, time=now, desired=dict(said))
                for name, said in things.items()
            ]
        )


def finding(
    name: str, which: str, now: float, *, component: str = "", machine: str = "m1", source: str = "", confidence: float = 0.95
) -> Event:
    said = Finding(
        id=name,
        type=which,
        component=ComponentId(component),
        machine=MachineId(machine),
        time=now,
        confidence=confidence,
        algorithm="test",
        source=source,
    )
    return _event(name, EventType.FINDING, component or machine, now, write_payload(said))


def incident(
    name: str, stage: str, now: float, *, component: str = "web", cause: str = "web", metric: str = "availability"
) -> Event:
    said = Incident(
        id=name,
        objective=f"{component}:{metric}",
        component=ComponentId(component),
        metric=MetricId(metric),
        stage=Stage(stage),
        began=now,
        told=now,
        ended=now if stage == "closed" else None,
        cause=ComponentId(cause),
        machine=MachineId("m1"),
        because="3 of 3 probes failed",
        recommendation="redundancy",
    )
    return _event(f"{name}-{stage}", EventType.INCIDENT, component, now, write_payload(said))


def incident_entity(context: SqliteContext, name: str, now: float, *, closed: bool) -> None:
    seen: dict[str, Plain] = {"component": "web", "metric": "availability", "cause": "web", "began": now}
    seen["ended"] = now if closed else None
    context.apply([Change(id=f"{name}:{closed}", kind=Kind.INCIDENT, entity=name, time=now, observed=seen)])


def _event(name: str, kind: EventType, subject: str, now: float, data: bytes) -> Event:
    return Event(id=name, type=kind, source="test", subject=subject, time=now, data=data)


def _result(result: Result) -> Event:
    return _event(f"{result.command}:result", EventType.RESULT, result.machine, result.time, write_payload(result))
