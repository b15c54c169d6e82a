"""What became of a promise: verdicts on objectives, with the evidence behind them, and incidents."""

from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.event import MachineId
from musa_pipeline.domain.ids import ComponentId, ControlId, MetricId
from musa_pipeline.domain.metric import Combine, Slo


class State(StrEnum):
    """Verdict on a guarantee. The first, third and fourth are WS-Agreement's (Fulfilled, Violated, NotDetermined)."""

    FULFILLED = "fulfilled"
    AT_RISK = "at-risk"
    VIOLATED = "violated"
    NOT_DETERMINED = "not-determined"
    NOT_APPLICABLE = "not-applicable"


class Over(StrEnum):
    """How the samples of a window make one value: their mean, the worst of them, or the newest, which stands until it is too old."""

    MEAN = "mean"
    WORST = "worst"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much evidence a verdict takes, in seconds of event time.

    `length` of the window, `step` between two windows, `late`: how long late data is waited for; `fewest` samples;
    `confirm`: samples beyond the bound before a violation is told (one failed probe is none); `recover`: good samples in a row
    that end an incident; `max_age`: evidence older than this is none.
    """

    length: float
    step: float
    late: float
    fewest: int
    confirm: int
    recover: int
    max_age: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One promise to watch. `component` empty: of the application, combined of its `members` as the metric's catalog entry says.

    `agents` measure it, every `period` seconds (0: whenever they look); no agents: nobody does, and the verdict can never be `fulfilled`.
    `controls`: whose working the metric shows. `void` says why the promise does not apply here, if it does not.
    """

    id: str
    component: ComponentId
    slo: Slo
    window: Window
    combine: Combine
    members: tuple[ComponentId, ...] = ()
    agents: tuple[str, ...] = ()
    period: float = 0.0
    controls: tuple[ControlId, ...] = ()
    title: str = ""
    over: Over = Over.MEAN
    void: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state of one objective at `time` (the end of its window), and why.

    `value` over `samples` samples, `beyond` of them beyond the bound; `last` is the event time of the newest evidence;
    `confidence` 0..1 is the share of the samples that were expected in the window; `agents` gave the evidence.
    """

    objective: str
    component: ComponentId
    metric: MetricId
    state: State
    time: float
    value: float | None
    samples: int
    beyond: int
    last: float | None
    confidence: float
    reason: str
    agents: tuple[str, ...] = ()


class Stage(StrEnum):
    """Where an incident is in its life."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A violation from its first bad sample to its recovery. The id comes from the objective and `began`, so it is told once.

    `cause` names the component (and machine) whose evidence broke the promise; `because` says how that is known;
    `recommendation` comes from the catalog.
    """

    id: str
    objective: str
    component: ComponentId
    metric: MetricId
    stage: Stage
    began: float
    told: float
    ended: float | None
    cause: ComponentId
    machine: MachineId
    because: str
    recommendation: str
