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


class Grade(StrEnum):
    """How much of a control a metric shows: all that can be seen of it, a part of it, or only what it needs or brings about."""

    DIRECT = "direct"
    PARTIAL = "partial"
    INDIRECT = "indirect"


class Measurer(StrEnum):
    """Who can take a value besides the agents of the catalog."""

    PROVIDER = "provider"
    SCANNER = "scanner"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricLink:
    """A control whose working the metric shows; what nobody graded shows it indirectly."""

    control: ControlId
    because: str = ""
    grade: Grade = Grade.INDIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Somebody who can take the value, and by what."""

    by: Measurer
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. `reference` is its name in the source (M13), `uuid` its id there; `max_age` is how old evidence may be, in seconds.

    `target` is what the source compares with, where its scale is another: `isIn SHA-256, SHA-3`. `because`: why this default.
    """

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
    uuid: str = ""
    target: tuple[str, ...] = ()
    because: str = ""
    measured_by: tuple[Measured, ...] = ()
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
