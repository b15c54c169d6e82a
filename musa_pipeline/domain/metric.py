"""Security metrics and the bounds promised on them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from musa_pipeline.domain.condition import ALWAYS, Condition
from musa_pipeline.domain.ids import ControlId, MetricId, ThreatId
from musa_pipeline.domain.source import NOWHERE, Source, Span

Value: TypeAlias = bool | int | float
"""A measured or promised value: yes/no as bool, everything else as a number in the metric's unit."""


class Scale(StrEnum):
    """What a value is."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    PERCENT = "percent"
    LEVEL = "level"


class Operator(StrEnum):
    """Comparison of a measurement with its bound, in the words of the SPECS schema."""

    EQ = "eq"
    GE = "geq"
    LE = "leq"
    GT = "gt"
    LT = "lt"


class Combine(StrEnum):
    """How bounds of members make the bound of the whole."""

    MIN = "min"
    MAX = "max"
    ALL = "all"
    PRODUCT = "product"


class Weight(StrEnum):
    """Importance, in the words of the SPECS schema."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricLink:
    """A control whose working the metric shows."""

    control: ControlId
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. `reference` is its id in the source (M13); `max_age` is how old evidence may be, in seconds."""

    id: MetricId
    title: str
    definition: str
    unit: str
    scale: Scale
    operator: Operator
    combine: Combine
    max_age: int
    source: Source
    reference: str = ""
    default: Value | None = None
    lowest: float | None = None
    highest: float | None = None
    controls: tuple[MetricLink, ...] = ()
    threats: tuple[ThreatId, ...] = ()
    applies: Condition = ALWAYS
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """A service level objective: `metric operator bound`, in the metric's unit; `alert` is reached before the bound breaks."""

    metric: MetricId
    operator: Operator
    bound: Value
    unit: str
    weight: Weight = Weight.MEDIUM
    alert: Value | None = None
    because: str = ""
    at: Span = field(default=NOWHERE, compare=False)
