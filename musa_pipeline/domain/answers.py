"""What people answer beside the model: the questionnaire on threats, risk factors and controls."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.source import NOWHERE, Span


class Grant(StrEnum):
    """Who implements a control for a component (MUSA's questionnaire): itself, the cloud service, an agent, or nobody."""

    COMPONENT = "component"
    SERVICE = "service"
    AGENT = "agent"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswer:
    """Yes or no to a threat's question."""

    threat: ThreatId
    yes: bool
    because: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorAnswer:
    """A factor's value 0..9 for one threat, or for all threats of the component (threat None)."""

    factor: str
    value: int
    threat: ThreatId | None = None
    because: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer:
    """Who implements a control, and why one may believe it."""

    control: ControlId
    by: Grant
    because: str = ""
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentAnswers:
    """All answers about one component."""

    component: ComponentId
    questions: tuple[QuestionAnswer, ...] = ()
    factors: tuple[FactorAnswer, ...] = ()
    controls: tuple[ControlAnswer, ...] = ()
    slos: tuple[Slo, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """`answers.yaml`: business impact of the application once, then each component."""

    business: tuple[FactorAnswer, ...] = ()
    components: tuple[ComponentAnswers, ...] = ()
