"""Service levels: a CAMEL slo, its condition, context and metric as one bound on a component."""

from dataclasses import replace
from typing import Any, Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.metric import Metric, Operator, Scale, Slo, Value, Weight
from musa_pipeline.domain.problems import near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.conditions import Condition, conditions, unit_of
from musa_pipeline.formats.camel.draft import Draft, Reading
from musa_pipeline.formats.camel.meanings import title
from musa_pipeline.formats.camel.names import Named, unquoted
from musa_pipeline.text.quantity import bound_fault, format_bound, read_bound

OPERATORS: Final = {
    ">": Operator.GT,
    ">=": Operator.GE,
    "<": Operator.LT,
    "<=": Operator.LE,
    "=": Operator.EQ,
    "==": Operator.EQ,
}
_OF_2015: Final = ("MetricCondition", "PropertyCondition")
_EMPTY_WORDS: Final = frozenset(
    [
        "a",
        "application",
        "template",
        "the",
        "of",
        "metric",
        "measure",
        "property",
        "raw",
        "composite",
        "average",
        "mean",
        "value",
        "level",
        "index",
        "percentage",
    ]
)


class Levels:
    """Finds the catalog's metric that a name means, and reads bounds on it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.known: dict[str, Metric] = {}
        for metric in sorted(reading.catalogs.metrics, key=lambda each: each.id):
            for name in (metric.id, metric.title, metric.reference):
                self.known.setdefault(_essence(name), metric)
        self.known.pop("", None)
        self.owners: dict[Named, list[tuple[Draft, int]]] = {}  # the bounds that a named level made, for alerts

    def metric(self, *names: str) -> Metric | None:
        """Return the catalog's metric that the first fitting name means."""
        for name in names:
            exact = self.known.get(_essence(name))
            if exact:
                return exact
        return None

    def read(self) -> None:
        """Put every CAMEL slo on the component that its context names."""
        for node in (*self.reading.all("ServiceLevel"), *self.reading.all("SecurityServiceLevel")):
            condition = self.reading.node(node.condition) if node.condition is not None else None
            if condition and type(condition).__name__ not in _OF_2015:
                for each in conditions(self.reading, condition):
                    self._compared(node, each)
                continue
            context = self.reading.node(condition.context) if condition else None
            if context:
                self._level(node, condition, context)

    def _level(self, node: Any, condition: Any, context: Any) -> None:
        problems, where = self.reading.problems, self.reading.at(node)
        name = node.named.name
        measured = self.reading.node(getattr(context, "metric", None))
        property_ = self.reading.node(measured.property if measured else getattr(context, "property", None))
        if not measured and not property_:
            return
        names = [each.named.name for each in (measured, property_) if each]
        metric = self.metric(*names)
        if not metric:
            help_ = near(slug(names[0]), [each.id for each in self.reading.catalogs.metrics])
            problems.warn("K030", where, f"slo {name!r} is left out: no catalog has a metric {names[0]!r}", help=help_)
            return
        target = self.reading.draft(context.component)
        if not target:
            if context.component is None:
                text = f"slo {name!r} is left out: its context names no component"
                problems.warn("K031", where, text, help="add `component: ...` to the metric context")
            return
        unit = self.reading.node(getattr(measured, "unit", None)) or self.reading.node(getattr(condition, "unit", None))
        said = f"{condition.threshold or 0.0} {unit_of(unit.unit) if unit else ''}".strip()
        bound = self.bound(said, metric, self.reading.at(condition))
        operator = self.operator(condition.operator, self.reading.at(condition))
        if bound is not None and operator:
            self.promise(node, target, metric, operator, bound)

    def _compared(self, node: Any, said: Any) -> None:
        """Put a comparison of CAMEL 2 or 3 on the component that its context names."""
        problems, where, name = self.reading.problems, self.reading.at(node), node.named.name
        if not isinstance(said, Condition):
            text = f"slo {name!r} is left out: {title(type(said).__name__)} {said.named.name!r} is more than bounds that all hold"
            problems.warn("K036", where, text, help="join metric constraints by `and`, or write one slo for each")
            return
        metric = self.metric(*said.names)
        if not metric:
            help_ = near(slug(said.names[0]), [each.id for each in self.reading.catalogs.metrics]) if said.names else ""
            shown = said.names[0] if said.names else said.node.named.name
            problems.warn("K030", where, f"slo {name!r} is left out: no catalog has a metric {shown!r}", help=help_)
            return
        if not said.target:
            if said.component is None:
                text = f"slo {name!r} is left out: its context names no component"
                problems.warn("K031", where, text, help="add an `object context` with a `component` to the metric context")
            return
        at = self.reading.at(said.node)
        operator, bound = self.operator(said.operator, at), self.bound(_in_unit(said, metric), metric, at)
        if bound is not None and operator:
            self.promise(node, said.target, metric, operator, bound)

    def promise(self, node: Any, target: Draft, metric: Metric, operator: Operator, bound: Value, because: str = "") -> None:
        """Put a bound on a component."""
        at = self.reading.at(node)
        self.owners.setdefault(node.named, []).append((target, len(target.slos)))
        target.slos.append(
            Slo(metric=metric.id, operator=operator, bound=bound, unit=metric.unit, because=because or node.named.name, at=at)
        )

    def refine(self, level: Named, alert: Value | None, weight: Weight | None = None) -> None:
        """Set the alert and the weight of the bounds that a named level made."""
        for draft, index in self.owners.get(level, ()):
            slo = draft.slos[index]
            draft.slos[index] = replace(slo, alert=slo.alert if alert is None else alert, weight=weight or slo.weight)

    def alert(self, said: str, slo: Slo, at: Span) -> Value | None:
        """Read an alert, which is reached before the bound breaks."""
        metric = self.reading.catalogs.metric[slo.metric]
        value = self.bound(said, metric, at)
        if value is None:
            return None
        rising, falling = slo.operator in (Operator.GE, Operator.GT), slo.operator in (Operator.LE, Operator.LT)
        if not rising and not falling:
            self.reading.problems.report("K034", at, "an alert needs a bound that is not '='", help="take the alert away")
            return None
        if (rising and value < slo.bound) or (falling and value > slo.bound):
            bound = format_bound(slo.bound, metric)
            side = "above" if rising else "below"
            text = f"the alert {said!r} is reached only after the bound {bound!r} breaks"
            self.reading.problems.report("K033", at, text, help=f"an alert lies {side} {bound}")
            return None
        return value

    def bound(self, said: str, metric: Metric, at: Span) -> Value | None:
        """Read a bound in the unit of its metric."""
        number, _, unit = said.partition(" ")
        if metric.scale is Scale.BOOLEAN and not unit and number in ("1", "1.0", "0", "0.0"):
            return number.startswith("1")
        if metric.scale is Scale.LEVEL and number.endswith(".0"):
            said = f"{number[:-2]} {unit}".strip()
        value = read_bound(said, metric)
        if value is None:
            self.reading.problems.report("K032", at, f"{said!r} {bound_fault(said, metric)}")
        return value

    def operator(self, written: str | None, at: Span) -> Operator | None:
        """Read a comparison, blanks within it allowed as CAMEL writes it."""
        found = OPERATORS.get("".join((written or "").split()))
        if not found:
            self.reading.problems.report(
                "K035", at, f"a service level cannot be compared by {written or 'nothing'!r}", help="use > >= < <= or =="
            )
        return found


def _in_unit(said: Condition, metric: Metric) -> str:
    """Return a threshold with its unit; a ratio is a share of one, but above one it can only be meant in percent."""
    if said.unit != "ratio":
        return f"{said.threshold} {said.unit}".strip()
    value = float(said.threshold) if said.threshold and len(said.threshold) < 20 else 0.0
    return f"{value * 100:g}" if metric.scale is Scale.PERCENT and abs(value) <= 1 else said.threshold


def _essence(name: str) -> str:
    """Return what is left of a name without words that say nothing, as one word.

    >>> _essence("AvailabilityMetric"), _essence("Vulnerability Measure"), _essence("M13 - Scanning Frequency")
    ('availability', 'vulnerability', 'm13scanningfrequency')
    """
    return "".join(word for word in slug(unquoted(name)).split("-") if word not in _EMPTY_WORDS) if name else ""
