"""How single values read: ratings in colour, bounds with units, money."""

import re

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
_BREAK = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_COLORS = {
    Rating.CRITICAL: "bright_red",
    Rating.HIGH: "red",
    Rating.MEDIUM: "yellow",
    Rating.LOW: "green",
    Rating.VERY_LOW: "green",
}


def one_line(text: str) -> str:
    r"""Return somebody's words as one line: none of theirs begins a line of ours, where a pipeline would read it as a command.

    >>> one_line("Jane\n::error::x\r\n")
    'Jane ::error::x '
    """
    return text if text.isprintable() else _BREAK.sub(" ", text)


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
