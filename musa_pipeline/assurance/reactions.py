"""What the controller remembers: actions in their life, marks of what was heard, and one turn of changes to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.policy import Action, Life, Mode, Step

LASTING: Final = frozenset((Step.LOAD, Step.SET_PERIOD, Step.DETECT, Step.BLOCK))
"""What stays until it is taken back or its time is over."""
TOUCHING: Final = frozenset((Step.LOAD, Step.UNLOAD, Step.SET_PERIOD, Step.BLOCK, Step.PLAYBOOK))
"""What changes something on a machine."""
COMMANDS: Final = frozenset((Step.LOAD, Step.UNLOAD, Step.SET_PERIOD, Step.BLOCK))
"""What an agent does."""
MAIN: Final[Mapping[Step, str]] = {
    Step.SET_PERIOD: "input",
    Step.LOAD: "program",
    Step.UNLOAD: "program",
    Step.DETECT: "algorithm",
    Step.BLOCK: "source",
    Step.PLAYBOOK: "playbook",
    Step.NOTIFY: "to",
}
_IN_FORCE: Final = frozenset((Life.PLANNED, Life.WAITING, Life.SENT, Life.APPLIED, Life.VERIFIED, Life.SHADOWED))
_UNDER_WAY: Final = frozenset((Life.PLANNED, Life.WAITING, Life.SENT, Life.APPLIED))
_OVER: Final = frozenset((Life.HELD, Life.REVERTED, Life.EXPIRED, Life.FAILED))
RENEWED: Final = "done again, for longer"
UNDO: Final = "undo"
"""The argument that turns a step into taking it back, where there is no step for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belts:
    """What holds reactions back, whatever a policy says; all on by default. Times in seconds.

    `protected` components and machines are never touched, `addresses` (and networks) never dropped; at most `total` actions in
    `seconds` on the whole; nothing lasts longer than `longest`; events older than `stale` start nothing; who is asked has `approval`
    time; an agent is asked `attempts` times and has `answer` time. `most`: the farthest mode of all.
    """

    protected: frozenset[str] = frozenset()
    addresses: tuple[str, ...] = ()
    total: int = 60
    seconds: float = 600.0
    longest: float = 3600.0
    stale: float = 300.0
    approval: float = 900.0
    attempts: int = 3
    answer: float = 30.0
    most: Mode = Mode.ENFORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One action with what must be known to send, verify, repeat and take it back.

    `path` and `order`: its place in the policy; `after` names actions that must be verified before (make before break); `event` is what its policy saw; `before` what the agent
    found; `lasts` how long it may last and `until` its end; `begun`: sent
    first; `due`: not sent before; `later`: until
    then it is done when there is room; `undone`: the action that takes it back; `unwanted`: why it is taken back when its answer comes.
    """

    action: Action
    component: str
    machine: str
    path: str
    order: int = 0
    after: tuple[str, ...] = ()
    verify: str = ""
    within: float = 60.0
    event: dict[str, Plain] = field(default_factory=dict)
    lasts: float = 0.0
    until: float | None = None
    attempts: int = 0
    begun: float = 0.0
    due: float = 0.0
    sent: float = 0.0
    applied: float = 0.0
    command: str = ""
    before: Plain = None
    later: float = 0.0
    undone: str = ""
    unwanted: str = ""

    @property
    def id(self) -> str:
        return self.action.id

    @property
    def step(self) -> Step:
        return self.action.step

    @property
    def life(self) -> Life:
        return self.action.life

    @property
    def main(self) -> str:
        """The program, source, playbook that it is about."""
        value = self.action.arguments.get(MAIN[self.step])
        return value if isinstance(value, str) else ""

    @property
    def takes_back(self) -> bool:
        """Whether it takes something away again."""
        return bool(self.action.undoes)

    @property
    def in_force(self) -> bool:
        """Whether doing the same again would be for nothing."""
        if self.takes_back or self.undone or self.unwanted:
            return False
        return self.life in (_IN_FORCE if self.step in LASTING else _UNDER_WAY)

    def same_as(self, other: "Record") -> bool:
        """Whether both are about the same thing on the same machine."""
        return (self.step, self.machine, self.main) == (other.step, other.machine, other.main)

    @property
    def over(self) -> bool:
        """Whether nothing more becomes of it."""
        if self.life is Life.HELD and self.later:
            return False
        return self.life in _OVER or (
            self.life in (Life.VERIFIED, Life.SHADOWED) and (self.step not in LASTING or self.takes_back)
        )

    def now(self, life: Life, time: float, reason: str = "") -> "Record":
        """Return it in another state of its life."""
        return replace(self, action=replace(self.action, life=life, time=time, reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is remembered about a rule and a target. `touched`: when it was changed last.

    `times` of triggers or runs, each with the value that was counted; `fired`: event time when the rule fired; `said`: what was
    told last, so that it is not told again; `component` and `machine`: of the target.
    """

    touched: float
    times: tuple[tuple[float, str], ...] = ()
    fired: float | None = None
    said: str = ""
    component: str = ""
    machine: str = ""


Key: TypeAlias = tuple[str, str, str]
"""Policy, path of the rule, target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of the audit log: what happened, of which policy and action, and why."""

    time: float
    what: str
    policy: str = ""
    action: str = ""
    text: str = ""
    trace: str = ""
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """All that the controller remembers; never changed, only followed by another. `stopped`: the kill switch."""

    records: Mapping[str, Record] = field(default_factory=dict)
    marks: Mapping[Key, Mark] = field(default_factory=dict)
    stopped: bool = False


class Turn:
    """Changes to a state while one event, answer or moment is dealt with; what it holds is to be kept before anything is done."""

    def __init__(self, state: State, now: float) -> None:
        self.before, self.time = state, now
        self.records: dict[str, Record] = {}
        self.marks: dict[Key, Mark | None] = {}
        self.dropped: set[str] = set()
        self.notes: list[Note] = []

    def __bool__(self) -> bool:
        return bool(self.records or self.marks or self.dropped or self.notes)

    @property
    def stopped(self) -> bool:
        return self.before.stopped

    def record(self, name: str) -> Record | None:
        """Return an action as it is now."""
        return self.records.get(name) or self.before.records.get(name)

    def all(self) -> Iterable[Record]:
        """Return all actions as they are now."""
        yield from (self.records.get(name, each) for name, each in self.before.records.items())
        yield from (each for name, each in self.records.items() if name not in self.before.records)

    def mark(self, key: Key) -> Mark | None:
        return self.marks[key] if key in self.marks else self.before.marks.get(key)

    def put(self, record: Record, what: str = "", trace: str = "") -> None:
        """Keep an action, and note what became of it."""
        self.records[record.id] = record
        action = record.action
        about = (("step", str(action.step)), ("on", action.target), ("machine", record.machine), (MAIN[action.step], record.main))
        self.note(what or str(record.life), action.policy, record.id, action.reason, trace, about)

    def note(
        self,
        what: str,
        policy: str = "",
        action: str = "",
        text: str = "",
        trace: str = "",
        about: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Add a line for the audit log."""
        self.notes.append(
            Note(
                time=self.time,
                what=what,
                policy=policy,
                action=action,
                text=text,
                trace=trace,
                about=tuple(each for each in about if each[1]),
            )
        )

    def after(self) -> State:
        """Return the state that follows."""
        if not (self.records or self.marks or self.dropped):
            return self.before
        records = {**self.before.records, **self.records}
        for name in self.dropped:
            records.pop(name, None)
        marks = {**self.before.marks, **{key: mark for key, mark in self.marks.items() if mark is not None}}
        for key, mark in self.marks.items():
            if mark is None:
                marks.pop(key, None)
        return State(records, marks, self.before.stopped)
