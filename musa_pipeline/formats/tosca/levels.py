"""Bounds of `musa.policies.ServiceLevel`: read in the metric's unit, on its good side, with an alert that comes before."""

from typing import Final

from musa_pipeline.domain.metric import Metric, Operator, Scale, Slo, Value, Weight
from musa_pipeline.formats.tosca.asked import Policy
from musa_pipeline.formats.tosca.p1_read import Findings, word
from musa_pipeline.text.quantity import bound_fault, expected_bound, format_bound, read_bound
from musa_pipeline.text.yaml import Scalar

_OPERATORS: Final = {"at_least": Operator.GE, "at_most": Operator.LE, "equals": Operator.EQ}
_CONTRARY: Final = {
    ("at_least", Operator.LE): "at_most",
    ("at_least", Operator.LT): "at_most",
    ("at_most", Operator.GE): "at_least",
    ("at_most", Operator.GT): "at_least",
}


def service_level(policy: Policy, metric: Metric, findings: Findings) -> Slo | None:
    """Return the bound that a policy sets on a metric; None after an error."""
    given = [key for key in _OPERATORS if key in policy.properties.entries]
    if len(given) != 1:
        text = f"policy {policy.name!r} has {'no bound' if not given else 'more than one bound'}"
        findings.error("T027", policy.at, text, "write one of at_least, at_most, equals")
        return None
    [key] = given
    contrary = _CONTRARY.get((key, metric.operator))
    if contrary:
        at = policy.properties.keys.get(key, policy.at)
        text = (
            f"policy {policy.name!r} says {key!r} of {metric.id!r}, of which less is better"
            if contrary == "at_most"
            else (f"policy {policy.name!r} says {key!r} of {metric.id!r}, of which more is better")
        )
        findings.error("T027", at, text, f"write {contrary!r}")
        return None
    bound = _bound(policy, key, metric, findings)
    operator = _OPERATORS[key]
    if bound is None:
        return None
    return Slo(
        metric=metric.id,
        operator=operator,
        bound=bound,
        unit=metric.unit,
        weight=_weight(policy, findings),
        alert=_alert(policy, metric, operator, bound, findings),
        because=word(policy.properties.get("because")) or f"policy {policy.name}",
        at=policy.at,
    )


def _bound(policy: Policy, key: str, metric: Metric, findings: Findings) -> Value | None:
    node = policy.properties.entries[key]
    if not isinstance(node, Scalar):
        findings.error("T027", node.at, f"{key!r} of policy {policy.name!r} is no value", f"write {expected_bound(metric)}")
        return None
    said = node.value if metric.scale is not Scale.BOOLEAN or isinstance(node.value, bool) else node.text
    if fault := bound_fault(said, metric):
        text = f"{key!r} of policy {policy.name!r} is {node.text!r}, which {fault}"
        findings.error("T027", node.at, text, f"write {expected_bound(metric)}")
    return read_bound(said, metric)


def _alert(policy: Policy, metric: Metric, operator: Operator, bound: Value, findings: Findings) -> Value | None:
    if "alert_at" not in policy.properties.entries:
        return None
    alert = _bound(policy, "alert_at", metric, findings)
    late = alert is not None and (
        (operator is Operator.GE and alert <= bound) or (operator is Operator.LE and alert >= bound) or operator is Operator.EQ
    )
    if late:
        at = policy.properties.entries["alert_at"].at
        text = f"'alert_at' of policy {policy.name!r} would not come before the bound {format_bound(bound, metric)}"
        way_out = {Operator.GE: "write more than the bound", Operator.LE: "write less than the bound"}
        findings.error("T027", at, text, way_out.get(operator, "drop it: a value that must be equal has nothing before it"))
    return None if late else alert


def _weight(policy: Policy, findings: Findings) -> Weight:
    node = policy.properties.get("weight")
    if node is None:
        return Weight.MEDIUM
    if word(node).upper() not in [str(each) for each in Weight]:
        findings.error("T027", node.at, f"weight of policy {policy.name!r} is {word(node)!r}", "write low, medium or high")
        return Weight.MEDIUM
    return Weight(word(node).upper())
