"""Service levels in OSCAL, which has no word for them: properties with the bound as people read it."""

from typing import Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.metric import Operator, Slo
from musa_pipeline.formats.oscal.elements import Plain, prop
from musa_pipeline.formats.oscal.system import System

_SIGNS: Final = {Operator.EQ: "=", Operator.GE: "≥", Operator.LE: "≤", Operator.GT: ">", Operator.LT: "<"}


def bound(slo: Slo) -> str:
    """Return a bound with its unit."""
    value = ("yes" if slo.bound else "no") if isinstance(slo.bound, bool) else f"{slo.bound:.10g}"
    return f"{_SIGNS[slo.operator]} {value} {slo.unit}".rstrip()


def levels(system: System) -> list[Plain]:
    """Return the promised levels: the metric's id is the name, after a sign that no id of a metric may lack."""
    return [prop(f"slo.{slug(each.metric)}", bound(each), of="service-level") for each in system.whole.slos]
