"""Event-condition-action policies, and the actions they ask for."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.source import NOWHERE, Source, Span


class Mode(StrEnum):
    """How far a policy may go: only say what it would do; ask; act."""

    SHADOW = "shadow"
    APPROVE = "approve"
    ENFORCE = "enforce"


class Step(StrEnum):
    """The kinds of action."""

    SET_PERIOD = "set-period"
    LOAD = "load"
    UNLOAD = "unload"
    DETECT = "detect"
    BLOCK = "block"
    PLAYBOOK = "playbook"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a rule: a finding by type, a verdict by state, an incident by stage, or silence (`without`) for some time.

    `within`: only that long (seconds) after the rule above it fired, for the same target. `count` of them in `seconds`, or as many
    different values of the field `distinct`; for silence, `seconds` is its length.
    """

    what: str
    which: str
    metric: str = ""
    confidence: float = 0.0
    within: float | None = None
    count: int = 1
    seconds: float = 0.0
    distinct: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One action as the policy writes it; a text value that is a dotted name of the event is replaced by its value.

    `verify` is a condition that must come to hold `within` seconds after the action was applied, or it failed.
    """

    step: Step
    arguments: dict[str, Plain]
    verify: str = ""
    within: float = 60.0
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """on, when, do, else; `then` are rules that wait for this one to fire. `when` is CEL over `event`, `context`, `lists`.

    `on_missing`: what an unknown condition counts as (False: not acted upon, and told).
    """

    on: Trigger
    when: str = ""
    do: tuple[Ask, ...] = ()
    otherwise: tuple[Ask, ...] = ()
    then: tuple["Rule", ...] = ()
    on_missing: bool = False
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Belts of one policy: at most `count` runs in `seconds` for a target, and a share of the hosts touched at once, 0..1."""

    count: int = 3
    seconds: float = 600.0
    share: float = 0.34
    cool_down: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """When what was done is taken back: `after` seconds in which the trigger `without` did not come."""

    after: float
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy file. `lists`: what a named list holds as long as the team's settings do not say it."""

    id: str
    title: str
    rule: Rule
    mode: Mode
    limits: Limits = Limits()
    undo: Undo | None = None
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sources: tuple[Source, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a test expects: at `time` an action of this kind with these arguments, in this state of its life (empty: done)."""

    time: float
    step: Step
    main: str
    on: str = ""
    life: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTest:
    """One test of a policy: what is known, what happens (time, kind, fields), what must be done, until a time."""

    title: str
    policy: str
    services: dict[str, dict[str, Plain]] = field(default_factory=dict)
    hosts: dict[str, dict[str, Plain]] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    mode: Mode | None = None
    events: tuple[tuple[float, dict[str, Plain]], ...] = ()
    expect: tuple[Expected, ...] = ()
    until: float = 0.0
    at: Span = field(default=NOWHERE, compare=False)


class Life(StrEnum):
    """Where an action is in its life."""

    PLANNED = "planned"
    WAITING = "waiting"
    """for approval"""
    HELD = "held"
    """a belt held it back"""
    SHADOWED = "shadowed"
    SENT = "sent"
    APPLIED = "applied"
    VERIFIED = "verified"
    REVERTED = "reverted"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing asked for by a policy. The id comes from the policy, the event and the place of the step, so it is done once.

    `trace` is the condition with the values it saw; `undoes` names the action that this one takes back.
    """

    id: str
    policy: str
    step: Step
    target: str
    arguments: dict[str, Plain]
    life: Life
    time: float
    event: str
    reason: str = ""
    trace: str = ""
    undoes: str = ""
