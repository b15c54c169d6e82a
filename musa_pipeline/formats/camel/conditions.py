"""Conditions of CAMEL 2 and 3: a constraint, its metric context, its metric and template as a bound on a component."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from musa_pipeline.formats.camel.draft import Draft, Reading, last_name

_UNITS: Final = {
    "percentage": "%",
    "percent": "%",
    "ratio": "ratio",
    "milliseconds": "ms",
    "microseconds": "us",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "days": "d",
    "weeks": "w",
    "months": "months",
    "bytes": "B",
    "kilobytes": "KB",
    "megabytes": "MB",
    "gigabytes": "GB",
    "requestspersecond": "requests/s",
    "bytespersecond": "B/s",
    "megabytespersecond": "MB/s",
}


def unit_of(name: str) -> str:
    """Return the unit that a name means, of the metamodel or of a unit model; '' for one that says nothing.

    >>> unit_of("REQUESTS_PER_SECOND"), unit_of("Percentage"), unit_of("Furlongs")
    ('requests/s', '%', '')
    """
    return _UNITS.get(name.lower().replace("_", ""), "")


@dataclass(slots=True)
class Condition:
    """One comparison: by what names its metric goes, in which unit, on which component (None: it names none)."""

    node: Any
    names: list[str]
    unit: str
    component: Any
    target: Draft | None
    operator: str
    threshold: str


def conditions(reading: Reading, constraint: Any) -> Iterator[Condition | Any]:
    """Yield the comparisons that a constraint is made of; what cannot be taken apart is yielded as its statement."""
    waiting, seen = [constraint], set()
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        kind = type(each).__name__
        if kind == "LogicalConstraint" and each.operator == "and":
            waiting += [part.inner or reading.node(part.of) for part in each.constraints]
        elif kind == "MetricConstraint":
            yield _by_context(reading, each)
        elif kind == "VariableConstraint":
            yield _by_variable(reading, each)
        else:
            yield each


def _by_context(reading: Reading, node: Any) -> Condition:
    context = reading.node(node.context)
    found = Condition(node, [], "", None, None, node.operator, node.threshold or "0.0")
    if not context:
        found.names = [last_name(node.context)]
        return found
    _of_metric(reading, found, context.metric)
    about = reading.node(context.object)
    if about:
        found.component = about.component
        found.target = reading.draft(about.component)
    return found


def _by_variable(reading: Reading, node: Any) -> Condition:
    variable = reading.node(node.variable)
    found = Condition(node, [last_name(node.variable)], "", None, None, node.operator, node.threshold or "0.0")
    if variable:
        found.component, found.target = variable.component, reading.draft(variable.component)
        _of_template(reading, found, variable.template)
    return found


def _of_metric(reading: Reading, found: Condition, ref: Any) -> None:
    if ref is None:
        return
    metric = reading.node(ref)
    found.names.append(metric.named.name if metric else last_name(ref))
    if metric:
        _of_template(reading, found, metric.template)


def _of_template(reading: Reading, found: Condition, ref: Any) -> None:
    if ref is None:
        return
    template = reading.node(ref)
    found.names.append(template.named.name if template else last_name(ref))
    if template and template.attribute is not None:
        found.names.append(last_name(template.attribute))
    if template and template.unit is not None:
        found.unit = unit_of(last_name(template.unit))
