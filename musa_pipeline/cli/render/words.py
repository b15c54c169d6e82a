"""How single values read: ratings in colour, bounds with units, money."""

import click

from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.metric import Operator, Slo
from musa_pipeline.domain.risk import Rating
from musa_pipeline.text.quantity import format_bound

GRANTED_BY = {
    Grant.COMPONENT: "the component",
    Grant.SERVICE: "the cloud service",
    Grant.AGENT: "an agent",
    Grant.NOBODY: "nobody yet",
}
SIGNS = {Operator.GE: "≥", Operator.LE: "≤", Operator.GT: ">", Operator.LT: "<", Operator.EQ: "="}
_COLORS = {
    Rating.CRITICAL: "bright_red",
    Rating.HIGH: "red",
    Rating.MEDIUM: "yellow",
    Rating.LOW: "green",
    Rating.VERY_LOW: "green",
}


def rating(value: Rating) -> str:
    """Return a rating in its colour."""
    return click.style(str(value), fg=_COLORS[value], bold=value is Rating.CRITICAL)


def bound(slo: Slo) -> str:
    """Return `≥ 99 %`."""
    return f"{SIGNS[slo.operator]} {format_bound(slo.bound, slo.unit)}"


def money(value: float) -> str:
    """Return `412.40 EUR/month`."""
    return f"{value:.2f} EUR/month"


def tick(good: bool) -> str:
    """Return a mark with meaning for those who see no colour too."""
    return click.style("✓", fg="green") if good else click.style("✗", fg="red")
