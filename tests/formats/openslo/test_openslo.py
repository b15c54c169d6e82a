"""OpenSLO v1: objects of the shape that its specification gives, references that lead somewhere, and nothing of the SLA lost."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.openslo import write_openslo
from musa_pipeline.formats.openslo.names import key, label, name
from musa_pipeline.stages.export import of_document
from tests.support import ROOT

NAME = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 63}
DURATION = {"type": "string", "pattern": "^[1-9][0-9]*[mhdwMQY]$"}
SOURCE = {"type": "object", "required": ["metricSource"], "properties": {"metricSource": {"required": ["type", "spec"]}}}
SPECS = {
    "Service": {},
    "SLI": {
        "oneOf": [{"required": ["thresholdMetric"]}, {"required": ["ratioMetric"]}],
        "properties": {
            "thresholdMetric": SOURCE,
            "ratioMetric": {
                "required": ["counter", "total"],
                "oneOf": [{"required": ["good"]}, {"required": ["bad"]}],
                "properties": {"counter": {"type": "boolean"}, "good": SOURCE, "bad": SOURCE, "total": SOURCE},
            },
        },
    },
    "SLO": {
        "required": ["service", "indicatorRef", "timeWindow", "budgetingMethod", "objectives"],
        "properties": {
            "service": NAME,
            "indicatorRef": NAME,
            "timeWindow": {
                "maxItems": 1,
                "items": {
                    "required": ["duration", "isRolling"],
                    "properties": {"duration": DURATION, "isRolling": {"const": True}},
                },
            },
            "budgetingMethod": {"enum": ["Occurrences", "Timeslices", "RatioTimeslices"]},
            "objectives": {
                "minItems": 1,
                "items": {
                    "required": ["target"],
                    "properties": {
                        "op": {"enum": ["lte", "gte", "lt", "gt"]},
                        "value": {"type": "number"},
                        "target": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                        "timeSliceTarget": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                        "timeSliceWindow": DURATION,
                    },
                    "dependentRequired": {"value": ["op", "timeSliceTarget", "timeSliceWindow"]},
                },
            },
            "alertPolicies": {"items": {"required": ["alertPolicyRef"], "additionalProperties": NAME}},
        },
    },
    "AlertCondition": {
        "required": ["severity", "condition"],
        "properties": {
            "condition": {
                "required": ["kind", "op", "threshold", "lookbackWindow", "alertAfter"],
                "properties": {"kind": {"const": "burnrate"}, "threshold": {"type": "number"}, "lookbackWindow": DURATION},
            }
        },
    },
    "AlertPolicy": {
        "required": ["alertWhenNoData", "alertWhenResolved", "alertWhenBreaching", "conditions", "notificationTargets"],
        "properties": {"conditions": {"minItems": 1, "maxItems": 1}, "notificationTargets": {"minItems": 1}},
    },
    "AlertNotificationTarget": {"required": ["target"]},
}
SCHEMA = Draft202012Validator(
    {
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": "openslo/v1"},
            "kind": {"enum": list(SPECS)},
            "metadata": {
                "required": ["name"],
                "properties": {
                    "name": NAME,
                    "displayName": {"type": "string", "minLength": 1, "maxLength": 63},
                    "labels": {"additionalProperties": {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 63}},
                    "annotations": {
                        "propertyNames": {"pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$"},
                        "additionalProperties": {"type": "string"},
                    },
                },
            },
            "spec": {"type": "object", "properties": {"description": {"type": "string", "maxLength": 1050}}},
        },
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"spec": spec}}}
            for kind, spec in SPECS.items()
        ],
    }
)
"""What the specification asks of objects, as far as we write any (README of OpenSLO/OpenSLO, version v1)."""

SLO = Slo(metric=MetricId("availability"), operator=Operator.GE, bound=99, unit="%", weight=Weight.HIGH, alert=99.5)
WEB = Sla(id="shop/web", application="shop", name="web", framework="", terms=(), component=ComponentId("web"), slos=(SLO,))


def written(*slas: Sla) -> dict[tuple[str, str], dict[str, Any]]:
    objects = list(yaml.safe_load_all(write_openslo("shop", slas, {})))
    for each in objects:
        SCHEMA.validate(each)
    found = {(each["kind"], each["metadata"]["name"]): each for each in objects}
    assert len(found) == len(objects), "two objects of one kind have one name"
    return found


def specs(sla: Sla, kind: str) -> list[dict[str, Any]]:
    return [each["spec"] for (of, _), each in written(sla).items() if of == kind]


@pytest.mark.parametrize("application", ["shop", "smart-mobility", "flight-scheduling"])
def test_every_reference_leads_to_an_object_and_every_term_is_told(application: str) -> None:
    subject = of_document(ROOT / f"sla/{application}/sla.xml", application, Problems())
    slas = (subject.whole, *subject.parts)
    objects = {
        (each["kind"], each["metadata"]["name"]): each
        for each in yaml.safe_load_all(write_openslo(application, slas, subject.catalogs.metric))
    }
    for (kind, _), each in objects.items():
        SCHEMA.validate(each)
        spec = each["spec"]
        wanted = {
            "SLO": [("Service", spec.get("service")), ("SLI", spec.get("indicatorRef"))]
            + [("AlertPolicy", policy["alertPolicyRef"]) for policy in spec.get("alertPolicies", ())],
            "AlertPolicy": [("AlertCondition", one["conditionRef"]) for one in spec.get("conditions", ())]
            + [("AlertNotificationTarget", one["targetRef"]) for one in spec.get("notificationTargets", ())],
        }.get(kind, [])
        assert set(wanted) <= objects.keys()
    assert sum(kind == "SLO" for kind, _ in objects) == sum(len(each.slos) for each in slas)
    for sla in slas:
        service = name(application, sla.component) if sla.component else name(application)
        told = objects["Service", service]["metadata"]["annotations"].values()
        for words in (*(term.title for term in sla.terms), *(threat.title for threat in sla.threats)):
            assert any(words in each for each in told)


def test_the_shape_is_not_anything() -> None:
    good = written(WEB)["SLO", "shop--web--availability"]
    for broken in ("service", "objectives", "budgetingMethod"):
        bad = deepcopy(good)
        del bad["spec"][broken]
        assert not SCHEMA.is_valid(bad)


def test_a_share_is_a_ratio_with_the_budget_that_the_promise_leaves() -> None:
    (slo,) = specs(replace(WEB, slos=(replace(SLO, bound=98.505, alert=99.301),)), "SLO")
    assert (slo["budgetingMethod"], slo["objectives"][0]["target"]) == ("Occurrences", 0.98505)
    rates = {each["severity"]: each["condition"]["threshold"] for each in specs(replace(WEB, slos=(replace(SLO, bound=98.505, alert=99.301),)), "AlertCondition")}  # fmt: skip
    # 100 - 99.301 = 0.699 may be bad when the alert begins, 100 - 98.505 = 1.495 when the bound breaks
    assert rates == {"critical": 1.0, "warning": round(0.699 / 1.495, 6)}


def test_a_share_that_may_not_pass_a_bound_counts_the_bad() -> None:
    sla = replace(WEB, slos=(replace(SLO, operator=Operator.LE, bound=5, alert=4),))
    assert "bad" in specs(sla, "SLI")[0]["ratioMetric"]
    assert specs(sla, "SLO")[0]["objectives"][0]["target"] == 0.95


@pytest.mark.parametrize(
    ("slo", "op", "value", "query"),
    [
        (replace(SLO, unit="h", operator=Operator.LE, bound=24, alert=21.6), "lte", 24, "}"),
        (replace(SLO, bound=100, alert=None), "gte", 100, "}"),
        (replace(SLO, unit="", operator=Operator.EQ, bound=True, alert=None), "gte", 1, "} == bool 1"),
        (replace(SLO, unit="", operator=Operator.LT, bound=3, alert=None), "lt", 3, "}"),
    ],
)
def test_what_is_no_share_must_hold_in_every_minute(slo: Slo, op: str, value: float, query: str) -> None:
    sla = replace(WEB, slos=(slo,))
    (found,) = specs(sla, "SLO")
    objective = found["objectives"][0]
    assert (objective["op"], objective["value"], objective["timeSliceTarget"]) == (op, value, 1.0)
    assert 30 * 24 * 60 * (1 - objective["target"]) < 1, "one bad minute of thirty days breaks it"
    assert specs(sla, "SLI")[0]["thresholdMetric"]["metricSource"]["spec"]["query"].endswith(query)


def test_an_alert_that_no_burn_rate_expresses_stands_in_an_annotation() -> None:
    hours = replace(SLO, unit="h", operator=Operator.LE, bound=24, alert=21.6)
    notes = written(replace(WEB, slos=(hours,)))["SLO", "shop--web--availability"]["metadata"]["annotations"]
    assert notes["musa.alert"] == "21.6 h"


@settings(deadline=None)
@given(st.text(min_size=1), st.text(min_size=1))
@example(one="\x1c", other="\x1c")  # blank when written in one line
def test_any_words_make_objects_of_the_right_shape(one: str, other: str) -> None:
    slo = replace(SLO, metric=MetricId(one), because=other)
    written(replace(WEB, name=other, component=ComponentId(one), slos=(slo,)), replace(WEB, component=None, id=one))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_different_things_have_different_names(one: list[str], other: list[str]) -> None:
    assert (name(*one) == name(*other)) == (one == other)
    assert len(key(*one)) <= 63 >= len(label(one[0]))
