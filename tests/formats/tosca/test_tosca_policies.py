"""Policies of our types: controls, service levels, places, agents."""

import pytest

from musa_pipeline.domain.cpim import Cpim, Wanted, WantedAgent
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from tests.formats.tosca.tosca_bench import model

NODES = (
    "    web: {type: musa.nodes.WebApplication, requirements: [{host: vm}, {uses: db}]}\n"
    "    db: {type: musa.nodes.Database, requirements: [{host: vm}]}\n"
    "    vm: {type: Compute}\n"
    "    maps: {type: musa.nodes.ExternalService}\n"
)
GROUPS = (
    "  groups: {all: {type: tosca.groups.Root, members: [web, inner]}, inner: {type: tosca.groups.Root, members: [db, all]}}\n"
)


def policy(kind: str, body: str, nodes: str = NODES) -> tuple[Cpim, list[str]]:
    return model(nodes, rest=f"{GROUPS}  policies:\n    - it: {{type: musa.policies.{kind}, {body}}}\n")


def test_controls_are_wanted_of_targets_and_members_of_groups() -> None:
    cpim, said = policy("SecurityRequirement", "targets: [all], properties: {controls: [sc_8, AC-2]}")
    wanted = (Wanted(control=ControlId("AC-2")), Wanted(control=ControlId("SC-8")))
    assert {str(each.id): each.wanted for each in cpim.components} == {"web": wanted, "db": wanted, "vm": (), "maps": ()}
    assert said == []


def test_a_requirement_without_targets_is_for_every_component_that_we_deploy() -> None:
    cpim, _ = policy("SecurityRequirement", "properties: {controls: [AC-2]}")
    assert [str(each.id) for each in cpim.components if each.wanted] == ["db", "web"]


def test_a_location_without_targets_is_for_machines_too() -> None:
    cpim, _ = policy("Location", "properties: {countries: [de, UK]}")
    assert {str(each.id): sorted(each.countries) for each in cpim.components} == {
        "db": ["DE", "GB"],
        "maps": [],
        "vm": ["DE", "GB"],
        "web": ["DE", "GB"],
    }


def test_locations_of_several_policies_must_have_a_country_in_common() -> None:
    rest = "  policies:\n" + "".join(
        f"    - p{number}: {{type: musa.policies.Location, targets: [{target}], properties: {{countries: [{countries}]}}}}\n"
        for number, (target, countries) in enumerate([("web", "EU"), ("web", "FR, CH"), ("db", "DE"), ("db", "FR")])
    )
    cpim, said = model(NODES, rest=rest)
    assert {str(each.id): sorted(each.countries) for each in cpim.components} == {
        "db": ["DE"],
        "maps": [],
        "vm": [],
        "web": ["FR"],
    }
    assert said == [
        (
            "T030 error 13:7 policy 'p3' leaves no country for component 'db': another policy allows none of these"
            " | let the policies share at least one country"
        )
    ]


@pytest.mark.parametrize(
    ("properties", "metric", "operator", "bound", "alert", "unit"),
    [
        ("metric: availability, at_least: 99.5 %, alert_at: 99.8 %", "availability", Operator.GE, 99.5, 99.8, "%"),
        ("metric: availability, at_least: 99", "availability", Operator.GE, 99, None, "%"),
        ("metric: response-time, at_most: 0.3 s, alert_at: 200", "response-time", Operator.LE, 300, 200, "ms"),
        ("metric: forward-secrecy, equals: yes", "forward-secrecy", Operator.EQ, True, None, "yes/no"),
    ],
)
def test_a_service_level_is_a_bound_in_the_unit_of_its_metric(
    properties: str, metric: str, operator: Operator, bound: float, alert: float | None, unit: str
) -> None:
    cpim, said = policy("ServiceLevel", f"targets: [web], properties: {{{properties}, weight: high, because: paper}}")
    assert said == []
    assert cpim.components[3].slos == (
        Slo(
            metric=MetricId(metric), operator=operator, bound=bound, unit=unit, weight=Weight.HIGH, alert=alert, because="paper"
        ),
    )  # fmt: skip


def test_components_may_be_apart_or_together_and_agents_asked_for() -> None:
    rest = (
        "  policies:\n"
        "    - a: {type: musa.policies.Separation, targets: [web, db]}\n"
        "    - b: {type: musa.policies.CoLocation, targets: [web, vm]}\n"
        "    - c: {type: musa.policies.Agent, targets: [web, db], properties: {agent: ha}}\n"
        "    - d: {type: tosca.policies.Scaling, targets: [web], properties: {anything: goes}}\n"
    )
    cpim, said = model(NODES, rest=rest)
    web, db, vm = ComponentId("web"), ComponentId("db"), ComponentId("vm")
    assert (cpim.apart, cpim.together) == ((frozenset({web, db}),), (frozenset({web, vm}),))
    assert cpim.agents == (WantedAgent(agent=AgentId("ha"), protects=(db, web)),)
    assert said == [
        (
            "T065 note 13:7 policy 'd' of type 'tosca.policies.Scaling' is read and not used"
            " | what it asks for can be said by the policies of musa.yaml"
        )
    ]


WRONG = [
    (
        "SecurityRequirement",
        "targets: [wed], properties: {controls: [AC-2]}",
        "T012",
        "policy 'it' is for 'wed', which the model does not have",
    ),
    ("SecurityRequirement", "targets: [web]", "T029", "policy 'it' has no 'controls'"),
    (
        "SecurityRequirement",
        "targets: [web], properties: {control: [AC-2]}",
        "T021",
        "policy 'it' has unknown property 'control'",
    ),
    ("SecurityRequirement", "target: [web], properties: {controls: [AC-2]}", "T021", "policy 'it' has unknown key 'target'"),
    (
        "SecurityRequirement",
        "targets: [web], properties: {controls: [XY-1]}",
        "T024",
        "'XY-1' is no control of NIST SP 800-53 revision 5",
    ),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: avail, at_least: 99}",
        "T026",
        "policy 'it' names unknown metric 'avail'",
    ),
    ("ServiceLevel", "targets: [web], properties: {at_least: 99}", "T029", "policy 'it' has no 'metric'"),
    ("ServiceLevel", "targets: [web], properties: {metric: availability}", "T027", "policy 'it' has no bound"),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: availability, at_least: 1, at_most: 2}",
        "T027",
        "policy 'it' has more than one bound",
    ),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: availability, at_least: 101 %}",
        "T027",
        "'at_least' of policy 'it' is '101 %', which is outside its range: a number in % from 0 to 100 is expected",
    ),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: availability, at_least: 3 h}",
        "T027",
        "'at_least' of policy 'it' is '3 h', which is not a number in % from 0 to 100",
    ),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: response-time, at_least: 3}",
        "T027",
        "policy 'it' says 'at_least' of 'response-time', of which less is better",
    ),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: availability, at_least: 99, alert_at: 98}",
        "T027",
        "'alert_at' of policy 'it' would not come before the bound 99 %",
    ),
    (
        "ServiceLevel",
        "targets: [web], properties: {metric: availability, at_least: 9, weight: huge}",
        "T027",
        "weight of policy 'it' is 'huge'",
    ),
    ("Agent", "targets: [web], properties: {agent: hah}", "T028", "policy 'it' asks for unknown agent 'hah'"),
    ("Agent", "properties: {agent: ha}", "T029", "policy 'it' has no targets"),
    ("Separation", "targets: [web]", "T029", "policy 'it' needs at least two targets"),
    ("Location", "properties: {countries: [Germany]}", "T030", "'Germany' is no country"),
    ("Location", "targets: [web]", "T029", "policy 'it' has no 'countries'"),
    ("Locaton", "targets: [web]", "T004", "policy 'it' has unknown policy type 'musa.policies.Locaton'"),
]


@pytest.mark.parametrize(("kind", "body", "code", "text"), WRONG, ids=[each[3][:50] for each in WRONG])
def test_a_policy_that_cannot_be_meant_is_an_error(kind: str, body: str, code: str, text: str) -> None:
    _, said = policy(kind, body)
    errors = [each.split(" | ")[0].split(" ", 3) for each in said if " error " in each]
    assert (code, text) in [(each[0], each[3]) for each in errors]
