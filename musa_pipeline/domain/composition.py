"""What composition finds: for each control who grants it, who fails, by which rule; and what could be done about it."""

from dataclasses import dataclass, field

from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.risk import OfOrganisation
from musa_pipeline.domain.source import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A claim that holds or fails, the rule that decides it, and the claims beneath; a leaf names a place that can be opened."""

    holds: bool
    claim: str
    rule: str = ""
    beneath: tuple["Proof", ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One control over the whole application. Promised only if `failing` is empty and somebody is granted it.

    `boundary`: it is met at the entry points for all. `proof` tells why it is not promised; of what is, `musa explain` proves it.
    """

    control: ControlId
    promised: bool
    granted_for: tuple[ComponentId, ...]
    failing: tuple[ComponentId, ...]
    not_applicable: tuple[ComponentId, ...]
    boundary: bool = False
    proof: Proof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentOutcome:
    """Which controls that anybody requires one component is granted after all rules, and which required of it are missing."""

    component: ComponentId
    granted: tuple[ControlId, ...]
    missing: tuple[ControlId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One change that grants a missing control, verified by composing again; `price` in EUR a month.

    `changes` are its parts in words; `agent` is set when it is one agent to add.
    """

    changes: tuple[str, ...]
    price: float = 0.0
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Asked for but not promised: a control of a component, or a metric that nobody can measure.

    `asked`: it is required of this very component; if not, the component stands in the way of what others need, and the
    score is 0.
    """

    component: ComponentId
    reason: str
    control: ControlId | None = None
    metric: MetricId | None = None
    score: int = 0
    asked: bool = True
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A control that the offering lets the customer configure and that the component's SLA counts on: somebody must do it."""

    component: ComponentId
    control: ControlId
    offering: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedSlo:
    """A bound on the whole application, and the members' bounds it was made of."""

    slo: Slo
    combine: str
    members: tuple[tuple[ComponentId, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The result: outcomes of every control that anybody requires, by component, composed SLOs, gaps worst first, duties.

    `organisation`: what the risks call for and no component can implement; it is no gap, and nothing here promises it.
    """

    application: str
    outcomes: tuple[Outcome, ...]
    components: tuple[ComponentOutcome, ...]
    slos: tuple[ComposedSlo, ...] = ()
    gaps: tuple[Gap, ...] = ()
    duties: tuple[Duty, ...] = ()
    organisation: tuple[OfOrganisation, ...] = ()
