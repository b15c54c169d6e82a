"""Service levels that a component is to keep: `metric: bound`, or a mapping with operator, alert, weight and reason."""

from collections.abc import Iterable
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Metric, Operator, Slo, Value, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.answers.said import because
from musa_pipeline.text.expect import form_of, only, text_of, value_of, way_out
from musa_pipeline.text.quantity import bound_fault, expected_bound, format_bound, read_bound
from musa_pipeline.text.yaml import Mapping, Node

WORDS: Final = {
    "at_least": Operator.GE,
    "at_most": Operator.LE,
    "equals": Operator.EQ,
    "above": Operator.GT,
    "below": Operator.LT,
}
_OPERATORS: Final = {operator: word for word, operator in WORDS.items()}
_KEYS: Final = (*WORDS, "alert_at", "weight", "because")


def read_slo(name: str, at: Span, node: Node, catalogs: Catalogs, problems: Problems) -> Iterable[Slo]:
    """Return the objective, or nothing when it cannot be understood; the operator is the metric's own."""
    metric = _metric(name, at, catalogs, problems)
    if metric is None:
        return ()
    if not isinstance(node, Mapping):
        bound = _bound(node, name, metric, problems)
        return () if bound is None else (Slo(metric=metric.id, operator=metric.operator, bound=bound, unit=metric.unit, at=at),)
    only(node, _KEYS, f"metric {name!r}", "Q002", problems)
    reason = because(node, f"metric {name!r}", problems)
    weight = _weight(node.get("weight"), problems)
    bound = _stated(node, name, metric, problems)
    if bound is None:
        return ()
    alert = _alert(node.get("alert_at"), name, metric, bound, problems)
    return (
        Slo(
            metric=metric.id,
            operator=metric.operator,
            bound=bound,
            unit=metric.unit,
            weight=weight,
            alert=alert,
            because=reason,
            at=at,
        ),
    )


def _metric(name: str, at: Span, catalogs: Catalogs, problems: Problems) -> Metric | None:
    """Find a metric by its id, or by its id in the source (M13)."""
    found = catalogs.metric.get(MetricId(name))
    if found:
        return found
    for each in catalogs.metrics:
        if each.reference and each.reference.lower() == name.lower():
            return each
    way = way_out(name, catalogs.metric, "`musa catalog list metrics` shows the known ones", problems)
    problems.report("Q012", at, f"no catalog has the metric {name!r}", help=way)
    return None


def _stated(node: Mapping, name: str, metric: Metric, problems: Problems) -> Value | None:
    own = _OPERATORS[metric.operator]
    stated = [word for word in WORDS if word in node.entries]
    for word in stated:
        if word != own:
            text = f"metric {name!r} is compared by {own!r}, not by {word!r}"
            problems.report("Q014", node.keys[word], text, help=f"write `{own}: ...`")
    if not stated:
        problems.report("Q001", node.at, f"metric {name!r} has no bound", help=f"write `{own}: ...`, {expected_bound(metric)}")
    bound = node.get(own)
    return None if bound is None else _bound(bound, name, metric, problems)


def _bound(node: Node, name: str, metric: Metric, problems: Problems, what: str = "bound") -> Value | None:
    said = value_of(node)
    found = read_bound(said, metric)
    if found is None:
        text = f"{what} of metric {name!r}: {form_of(node)} {bound_fault(said, metric)}"
        problems.report("Q013", node.at, text, help=f"write {expected_bound(metric)}")
    return found


def _alert(node: Node | None, name: str, metric: Metric, bound: Value, problems: Problems) -> Value | None:
    """Return the alert threshold, which must be reached before the bound breaks."""
    if node is None:
        return None
    alert = _bound(node, name, metric, problems, "alert")
    if alert is None:
        return None
    match metric.operator:
        case Operator.GE | Operator.GT:
            early, side = alert >= bound, "above"
        case Operator.LE | Operator.LT:
            early, side = alert <= bound, "below"
        case Operator.EQ:
            text = f"metric {name!r} must equal its bound; nothing lies between alert and violation"
            problems.report("Q015", node.at, text, help="leave out `alert_at`")
            return None
    if early:
        return alert
    text = f"the alert of metric {name!r} comes after its bound {format_bound(bound, metric)!r} is broken"
    problems.report("Q015", node.at, text, help=f"choose an alert {side} the bound")
    return None


def _weight(node: Node | None, problems: Problems) -> Weight:
    if node is None:
        return Weight.MEDIUM
    word = text_of(node).strip().upper()
    if word in set(Weight):
        return Weight(word)
    problems.report("Q016", node.at, f"a weight cannot be {form_of(node)}", help="one of low, medium, high")
    return Weight.MEDIUM
