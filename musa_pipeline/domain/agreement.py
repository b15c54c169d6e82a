"""Security SLAs: templates (SLAT) that say what a component asks for, and SLAs that say what is promised."""

from dataclasses import dataclass, field

from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.control import Control, ControlType
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, ThreatId
from musa_pipeline.domain.metric import Slo, Weight
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.domain.threat import Stride


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatNote:
    """A threat as the document shows it."""

    threat: ThreatId
    title: str
    stride: Stride
    rating: Rating
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlatTerm:
    """One control a component asks for: who is to implement it, how much it weighs (score 1..9), and why.

    `answered`: the questionnaire says so; otherwise it is our proposal. `agents` are those of the catalog that could grant it here.
    """

    control: ControlId
    title: str
    by: Grant
    score: int
    weight: Weight
    answered: bool = False
    because: str = ""
    threats: tuple[ThreatId, ...] = ()
    agents: tuple[AgentId, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slat:
    """The template of one component, before any deployment (paper, section 2.2)."""

    id: str
    application: str
    component: ComponentId
    name: str
    kind: KindId
    framework: str
    terms: tuple[SlatTerm, ...]
    slos: tuple[Slo, ...] = ()
    threats: tuple[ThreatNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTerm:
    """One control promised: by which rule it is granted, by whom; for an application, for which components it is granted."""

    control: ControlId
    title: str
    weight: Weight
    rule: str
    granted_by: tuple[str, ...]
    granted_for: tuple[ComponentId, ...] = ()
    not_applicable: tuple[ComponentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Where the service runs: an offering in a region, and the machine size."""

    provider: str
    offering: str
    zone: str
    title: str
    os: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A component SLA that the application's SLA is composed of; digest is SHA-256 of the document, in hex."""

    component: ComponentId
    document: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """What is promised: of one component (`component` set), or of the whole application (`members` set)."""

    id: str
    application: str
    name: str
    framework: str
    terms: tuple[SlaTerm, ...]
    component: ComponentId | None = None
    kind: KindId | None = None
    slos: tuple[Slo, ...] = ()
    threats: tuple[ThreatNote, ...] = ()
    resources: tuple[Resource, ...] = ()
    members: tuple[Member, ...] = ()
    customer: str = "customer"


def type_of(control: Control, by: Grant | None) -> ControlType:
    """Return the type that composition uses: the answer to the questionnaire overrides the control's own (DESIGN, rule 3).

    The component or an agent implements it: specific. The service is to implement it: common. Otherwise the default.
    """
    match by:
        case Grant.COMPONENT | Grant.AGENT:
            return ControlType.SPECIFIC
        case Grant.SERVICE:
            return ControlType.COMMON
        case _:
            return control.type


def type_in(term: SlatTerm, control: Control) -> ControlType:
    """Return the type of a control for the component of a term: only an answer overrides the default, never our proposal."""
    return type_of(control, term.by if term.answered else None)


def weight_of(score: int) -> Weight:
    """Return the importance of a risk score 1..9: from 7 high, from 5 medium, else low."""
    if score >= 7:
        return Weight.HIGH
    return Weight.MEDIUM if score >= 5 else Weight.LOW
