"""Objectives of a document: SPECS as the schema has it, and as the MUSA SLA generator wrote it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lxml import etree

from musa_pipeline.domain.ids import MetricId, slug
from musa_pipeline.domain.metric import Operator, Value, Weight
from musa_pipeline.formats.wsag.elements import Elements, child, children, text_of
from musa_pipeline.formats.wsag.read_controls import read_weight
from musa_pipeline.formats.wsag.values import value_of

_OPERATORS = {
    "eq": Operator.EQ,
    "=": Operator.EQ,
    "==": Operator.EQ,
    "geq": Operator.GE,
    "ge": Operator.GE,
    "gte": Operator.GE,
    ">=": Operator.GE,
    "leq": Operator.LE,
    "le": Operator.LE,
    "lte": Operator.LE,
    "<=": Operator.LE,
    "gt": Operator.GT,
    ">": Operator.GT,
    "lt": Operator.LT,
    "<": Operator.LT,
}
_ALWAYS = ("", "true")
_RANGES = {"in_included": (Operator.GE, Operator.LE), "in_excluded": (Operator.GT, Operator.LT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObjective:
    """One bound; two of them with one id say a range."""

    ref: str
    metric: MetricId
    operator: Operator
    bound: Value
    unit: str
    weight: Weight
    element: etree._Element


class Objectives:
    """Reads objectives of one document, following references to variables and metrics."""

    def __init__(self, elements: Elements) -> None:
        self._elements = elements
        self._variables: dict[str, str] = {}
        self._metrics: dict[str, tuple[MetricId, str]] = {}
        self._folded: dict[str, str] = {}

    def learn(self, terms: etree._Element) -> None:
        """Take note of the metrics and variables among some terms."""
        described = ("wsag:ServiceDescriptionTerm", "specs:serviceDescription", "specs:security_metrics", "specs:Metric")
        found = list(children(terms, *described))
        for key in ("referenceId", "name"):
            for metric in found:
                self._metric_is(metric.get(key, ""), metric)
        for variable in children(terms, "wsag:ServiceProperties", "wsag:VariableSet", "wsag:Variable"):
            name, metric_name = self._elements.wsag(variable, "Name"), self._elements.wsag(variable, "Metric")
            if name and metric_name:
                self._variables.setdefault(name, metric_name)
                self._folded.setdefault(name.casefold(), name)

    def read(self, guarantee: etree._Element) -> Iterator[FoundObjective]:
        """Return what a guarantee term promises; promises of the customer and conditional ones are none."""
        obligated = self._elements.wsag(guarantee, "Obligated")
        if obligated == "ServiceConsumer":
            self._elements.left_out(guarantee, "this is a duty of the customer, not a promise: it is left out")
            return
        condition = child(guarantee, "wsag:QualifyingCondition")
        if condition is not None and (len(condition) or text_of(condition).strip().lower() not in _ALWAYS):
            self._elements.left_out(condition, "a guarantee under a condition is no promise: it is left out")
            return
        level = child(guarantee, "wsag:ServiceLevelObjective")
        listed = child(level, "wsag:CustomServiceLevel", "specs:objectiveList")
        if listed is None:
            self._elements.left_out(guarantee, "this guarantee lists no objectives of SPECS: it is left out")
            return
        for slo in children(listed, "specs:SLO"):
            yield from self._objective(slo)

    def _objective(self, slo: etree._Element) -> Iterator[FoundObjective]:
        bounds = list(self._bounds(slo))
        if not bounds:
            return
        metric, unit = self._metric(slo, text_of(child(slo, "specs:MetricREF")))
        if not metric:
            self._elements.broken(slo, f"objective {slo.get('SLO_ID', '')!r} names no metric")
            return
        weight = read_weight(slo, child(slo, "specs:importance_weight"), self._elements)
        for operator, bound in bounds:
            yield FoundObjective(
                ref=slo.get("SLO_ID", ""), metric=metric, operator=operator, bound=bound, unit=unit, weight=weight, element=slo
            )

    def _metric_is(self, name: str, metric: etree._Element) -> None:
        if name:
            reference = metric.get("referenceId") or slug(metric.get("name", ""))
            self._metrics.setdefault(name, (MetricId(reference), _unit(metric)))
            self._folded.setdefault(name.casefold(), name)

    def _metric(self, slo: etree._Element, reference: str) -> tuple[MetricId, str]:
        variable = self._known(slo, reference, self._variables)
        name = self._variables[variable] if variable is not None else reference
        metric = self._known(slo, name, self._metrics)
        if metric is not None:
            found, unit = self._metrics[metric]
            if found != metric:
                self._elements.mended(slo, f"{metric!r} was taken for metric {found!r}")
            return found, unit
        if variable is None and reference.strip():
            self._elements.mended(slo, f"no variable and no metric is called {reference.strip()!r}; it was taken for a metric")
        return MetricId(name.strip()), ""

    def _known(self, slo: etree._Element, name: str, among: Collection[str]) -> str | None:
        for each in (name, name.strip()):
            if each in among:
                return each
        folded = self._folded.get(name.strip().casefold())
        if folded is not None and folded in among:
            self._elements.mended(slo, f"{name.strip()!r} was taken for {folded!r}, which differs in capitals")
            return folded
        return None

    def _bounds(self, slo: etree._Element) -> Iterator[tuple[Operator, Value]]:
        single = child(slo, "specs:SLOexpression", "specs:oneOpExpression")
        double = child(slo, "specs:SLOexpression", "specs:twoOpExpression")
        if single is not None:
            operator = self._operator(single, self._part(single, "operator"))
            bound = self._bound(single, "operand")
            if operator and bound is not None:
                yield operator, bound
        elif double is not None:
            yield from self._range(double)
        else:
            self._elements.broken(slo, f"objective {slo.get('SLO_ID', '')!r} has no expression that can be understood")

    def _range(self, expression: etree._Element) -> Iterator[tuple[Operator, Value]]:
        """A range is two bounds."""
        written = self._part(expression, "operator")
        operators = _RANGES.get(written.strip().lower())
        low, high = self._bound(expression, "operand1"), self._bound(expression, "operand2")
        if operators is None:
            self._elements.broken(expression, f"operator {written!r} is unknown", "write in_included or in_excluded")
        elif low is not None and high is not None:
            yield operators[0], low
            yield operators[1], high

    def _part(self, expression: etree._Element, name: str) -> str:
        part = child(expression, f"specs:{name}")
        if part is None and expression.get(name) is not None:
            self._elements.mended(expression, f"attribute {name!r} was taken for the element 'specs:{name}'")
            return expression.get(name, "")
        return text_of(part)

    def _operator(self, expression: etree._Element, written: str) -> Operator | None:
        """`geq`, and the generator's `ge (>=)`."""
        operator = _OPERATORS.get((written.lower().split() or [""])[0])
        if operator is None:
            self._elements.broken(expression, f"operator {written!r} is unknown", "write eq, gt, lt, geq or leq")
        elif written.strip() != operator:
            self._elements.mended(expression, f"operator {written!r} was taken for {operator.value!r}")
        return operator

    def _bound(self, expression: etree._Element, name: str) -> Value | None:
        written = self._part(expression, name)
        value = value_of(written)
        if value is None:
            self._elements.left_out(
                expression, f"bound {written.strip()!r} is neither a number nor yes or no: the objective is left out"
            )
        return value


def _unit(metric: etree._Element) -> str:
    unit = child(metric, "specs:MetricDefinition", "specs:unit")
    return "" if unit is None else unit.get("name", "")
