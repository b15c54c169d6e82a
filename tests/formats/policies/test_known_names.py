"""Names that do not exist are found when a policy is read, all in one run, each at its place."""

from dataclasses import replace

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.policies import Known, read_policy

KNOWN = Known(
    playbooks=frozenset({"restart-component"}),
    programs=frozenset({"source-counters"}),
    algorithms=frozenset({"volumetric-dos"}),
    findings=frozenset({"traffic-anomaly", "volumetric-dos"}),
    metrics=frozenset({"availability"}),
    components=frozenset({"web"}),
    machines=frozenset({"m1"}),
    any_finding=True,
)
WRONG = """\
id: p
mode: enforce
on: {finding: trafic-anomaly}
when: component("wep").exposed || host('m2').exposed || state("web", "availabilty") == "violated" || loaded("nil", "m1")
do:
  - playbook: {playbook: restart-componet, on: wep}
  - load: {program: sources, on: event.target}
  - detect: volumetric-ddos
then:
  - on: {verdict: violated, metric: availabilty}
    do: [{unload: source-counters}]
undo: {after: 10m, without: trafic-anomaly}
"""
RIGHT = """\
id: p
mode: enforce
on: {finding: scan}
when: component("web").exposed && component(event.component).exposed && seen("scan", "m1", "5m") > 1 && series("web", "any", "1m").mean > 1
do: [{load: {program: source-counters, on: m1}}, {notify: {to: operators, on: web}}]
"""


def found(text: str, known: Known = KNOWN) -> list[str]:
    problems = Problems()
    read_policy(text, "p.yaml", problems, known=known)
    return sorted(f"{each} ({each.help})" for each in problems if "P016" <= each.code <= "P019")


def test_every_name_that_does_not_exist_is_told_at_once() -> None:
    assert found(WRONG) == sorted(
        [
            "p.yaml:3:15: warning[P017]: no detection algorithm finds 'trafic-anomaly' (did you mean 'traffic-anomaly'?)",
            "p.yaml:4:17: error[P019]: there is no component 'wep' in the model (did you mean 'web'?)",
            "p.yaml:4:40: error[P019]: there is no machine 'm2' in the plan (there is m1)",
            "p.yaml:4:70: error[P018]: there is no metric 'availabilty' in the catalog of metrics (did you mean 'availability'?)",
            "p.yaml:4:109: error[P016]: there is no program 'nil' in bpf (there is source-counters)",
            "p.yaml:6:26: error[P016]: there is no playbook 'restart-componet' in playbooks/reactions (did you mean 'restart-component'?)",
            "p.yaml:6:48: error[P019]: there is no component or machine 'wep' in the model or its plan (did you mean 'web'?)",
            "p.yaml:7:21: error[P016]: there is no program 'sources' in bpf (did you mean 'source-counters'?)",
            "p.yaml:8:13: error[P016]: there is no algorithm 'volumetric-ddos' among the detection algorithms (did you mean 'volumetric-dos'?)",
            "p.yaml:10:37: error[P018]: there is no metric 'availabilty' in the catalog of metrics (did you mean 'availability'?)",
            "p.yaml:12:29: warning[P017]: no detection algorithm finds 'trafic-anomaly' (did you mean 'traffic-anomaly'?)",
        ]
    )


def test_names_that_exist_are_let_pass_and_so_is_what_nobody_knows() -> None:
    assert found(RIGHT) == []
    assert found(WRONG, Known()) == []


def test_a_finding_of_its_own_is_strange_only_where_nothing_passes_findings_on() -> None:
    assert found(RIGHT, replace(KNOWN, any_finding=False)) == [
        "p.yaml:3:15: warning[P017]: no detection algorithm finds 'scan' (there is traffic-anomaly, volumetric-dos)",
        "p.yaml:4:78: warning[P017]: no detection algorithm finds 'scan' (there is traffic-anomaly, volumetric-dos)",
    ]


def test_a_warning_leaves_the_policy_and_its_condition_whole() -> None:
    problems = Problems()
    text = RIGHT.replace('component("web")', 'component("shop")')
    policy = read_policy(text, "p.yaml", problems, known=replace(KNOWN, shared=True, any_finding=False)).policy
    assert policy and policy.rule.when.startswith('component("shop").exposed')
    assert problems.errors == 0
