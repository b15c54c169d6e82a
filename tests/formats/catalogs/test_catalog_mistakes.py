"""Each finding code of the catalogs' reader has its smallest input here."""

import json

import pytest

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.formats.catalogs import check_catalogs, read_catalogs
from tests.support import ROOT

SOURCE = "source: {document: nobody}\n"
CONTROLS = {
    "catalogs/controls/small-r5.json": json.dumps(
        {
            "id": "small-r5",
            "title": "Small",
            "revision": "5",
            "version": "1",
            "source": {"document": "nobody"},
            "controls": [
                {"id": "SC-5", "title": "Denial-of-service Protection", "baselines": ["low"], "level": "system"},
                {"id": "SC-8", "title": "Transmission"},
                {"id": "SC-9", "title": "Transmission", "withdrawn": True, "moved_to": ["SC-8"]},
            ],
        }
    )
}
KIND = {"catalogs/kinds/api.yaml": f"id: api\ntitle: API\n{SOURCE}"}
THREAT = "id: flood\ntitle: Flood\nstride: denial-of-service\nquestion: Why?\nsources: [{document: nobody}]\n"
METRIC = "id: hours\ntitle: Hours\nscale: number\noperator: leq\ncombine: max\nmax_age: 60\ndefinition: d\n" + SOURCE
SCOPE = "id: s\ncontrols: [SC-5]\nbecause: so\n" + SOURCE
AGENT = "id: a\ntitle: A\nwork: monitoring\nrole: r\n" + SOURCE


def threat(more: str = "", text: str = THREAT) -> dict[str, str]:
    return {"catalogs/threats/flood.yaml": text + more}


def metric(more: str = "", text: str = METRIC) -> dict[str, str]:
    return {"catalogs/metrics/hours.yaml": text + more}


def scope(more: str = "", text: str = SCOPE) -> dict[str, str]:
    return {"catalogs/scopes/s.yaml": text + more}


def agent(more: str = "", text: str = AGENT) -> dict[str, str]:
    return {"catalogs/agents/a.yaml": text + more}


MISTAKES = [
    ("a file that is a list", "C001", {"catalogs/kinds/x.yaml": "[1]"}),
    ("an entry without title", "C001", {"catalogs/kinds/x.yaml": f"id: x\n{SOURCE}"}),
    ("a title that is a list", "C001", {"catalogs/kinds/x.yaml": f"id: x\ntitle: [x]\n{SOURCE}"}),
    ("a list of names with a mapping in it", "C001", {"catalogs/kinds/x.yaml": f"id: x\ntitle: x\nwords: [{{a: b}}]\n{SOURCE}"}),
    ("a factor without value", "C001", threat("factors: {skill: {because: x}}")),
    ("a factor without reason", "C001", threat("factors: {skill: {value: 1}}")),
    ("a bare factor", "C001", threat("factors: {skill: 3}")),
    ("factors as a list", "C001", threat("factors: [skill]")),
    ("a link without mapping", "C001", threat("controls: {SC-5: strong}")),
    ("a condition that is a word", "C001", threat("applies: exposed")),
    ("any without a list", "C001", threat("applies: {any: {exposed: true}}")),
    ("a fact without value", "C001", threat("applies: {exposed: }")),
    ("an age that is a word", "C001", metric(text=METRIC.replace("60", "soon"))),
    ("an age without end", "C001", metric(text=METRIC.replace("60", "1e999"))),
    ("a default without end", "C001", metric("default: 1e999")),
    ("a factor without end", "C001", threat("factors: {skill: {value: 1e999, because: x}}")),
    ("a default that is a word", "C001", metric("default: soon")),
    ("travels that is a word", "C001", scope("travels: maybe")),
    ("a grant without reason", "C001", agent("grants: {SC-5: {}}")),
    ("a price as a number", "C001", agent("price: 3")),
    ("a misspelt key", "C002", threat("contrls: {}")),
    ("a factor off its scale", "C003", threat("factors: {skill: {value: 12, because: x}}")),
    ("half a step", "C003", threat("factors: {skill: {value: 1.5, because: x}}")),
    ("a minimum risk off its scale", "C003", threat("controls: {SC-5: {minimum: 10}}")),
    ("an age of no seconds", "C003", metric(text=METRIC.replace("60", "0"))),
    ("a price below zero", "C003", agent("price: {value: -1}")),
    ("a price without value", "C003", agent("price: {because: x}")),
    ("an entry without source", "C004", {"catalogs/kinds/x.yaml": "id: x\ntitle: x\n"}),
    ("an unknown control", "C005", threat("controls: {SC-6: {strength: partial}}")),
    ("what is no control at all", "C005", scope(text=SCOPE.replace("SC-5", "everything"))),
    ("an unknown threat", "C006", metric("threats: [food]")),
    ("an unknown metric", "C006", agent("measures: [hurs]")),
    ("an unknown fact", "C007", threat("applies: {exposd: true}")),
    ("an unknown kind", "C007", threat("applies: {kind: apy}")),
    ("an unknown factor", "C007", threat("factors: {skil: {value: 1, because: x}}")),
    ("an unknown category", "C007", {"catalogs/kinds/x.yaml": f"id: x\ntitle: x\ncategory: web\n{SOURCE}"}),
    ("a file called otherwise", "C008", {"catalogs/kinds/y.yaml": f"id: x\ntitle: x\n{SOURCE}"}),
    ("a control twice", "C011", threat("controls: {SC-5: {}, sc-5: {}}")),
    ("an option that is never reached", "C011", threat("factors: {skill: [{value: 1, because: x}, {value: 2, because: y}]}")),
    (
        "a least risk of revision 4 off the scale",
        "C003",
        threat("categories: [custom web app]\ncontrols: {SC-5: {minimum: 1, rev4: {SC-5: 12}}}"),
    ),
    (
        "no control of revision 4",
        "C005",
        threat("categories: [custom web app]\ncontrols: {SC-5: {minimum: 1, rev4: [flood]}}"),
    ),
    ("an answer to no question", "C011", threat("applies: {answer: true}", THREAT.replace("question: Why?\n", ""))),
    ("lowest above highest", "C011", metric("lowest: 2\nhighest: 1")),
    ("a default outside the range", "C011", metric("default: 3\nhighest: 1")),
    ("yes as a number of hours", "C011", metric("default: true")),
    ("a bound combined to the stricter one", "C011", metric(text=METRIC.replace("max\n", "min\n"))),
    ("hours multiplied", "C011", metric(text=METRIC.replace("max\n", "product\n"))),
    ("hours that must all hold", "C011", metric(text=METRIC.replace("max\n", "all\n"))),
    ("a control in two scopes", "C011", scope() | {"catalogs/scopes/t.yaml": SCOPE.replace("id: s", "id: t")}),
    ("an unknown word", "C014", threat(text=THREAT.replace("denial-of-service", "denial"))),
    ("an unknown strength", "C014", threat("controls: {SC-5: {strength: weak}}")),
    ("a price in dollars", "C014", agent("price: {value: 1, currency: USD}")),
    ("facts that are no JSON", "C013", {"catalogs/controls/small-r5.json": "{"}),
]


def test_a_threat_may_leave_its_question_out_and_name_weaknesses_and_patterns() -> None:
    text = THREAT.replace("question: Why?\n", "") + "weaknesses: [CWE-434, CWE-79]\npatterns: [CAPEC-650, CAPEC-63]\n"
    problems = Problems()
    (found,) = read_catalogs(CONTROLS | KIND | threat(text=text), problems).threats
    assert (list(problems), found.question) == ([], "")
    assert (found.weaknesses, found.patterns) == (("CWE-79", "CWE-434"), ("CAPEC-63", "CAPEC-650"))


@pytest.mark.parametrize(("code", "files"), [pytest.param(code, files, id=name) for name, code, files in MISTAKES])
def test_each_mistake_is_told_once_and_by_its_code(code: str, files: dict[str, str]) -> None:
    problems = Problems()
    read_catalogs(CONTROLS | KIND | files, problems)
    assert [each.code for each in problems] == [code]
    assert all(each.at and each.severity is Severity.ERROR for each in problems)


def test_the_smallest_right_entries_are_right() -> None:
    problems = Problems()
    found = read_catalogs(CONTROLS | KIND | threat() | metric() | scope() | agent(), problems)
    assert list(problems) == []
    assert [len(each) for each in (found.kinds, found.threats, found.metrics, found.scopes, found.agents)] == [1] * 5


def test_no_control_catalog_at_all() -> None:
    problems = Problems()
    found = read_catalogs(KIND | threat("controls: {SC-5: {}}"), problems)
    assert [each.code for each in problems] == ["C013"]
    assert [each.control for each in found.threats[0].controls] == ["SC-5"]


def test_a_withdrawn_control_is_a_warning_with_its_successor() -> None:
    problems = Problems()
    read_catalogs(CONTROLS | threat("controls: {SC-9: {}}"), problems)
    assert [(str(each), each.help) for each in problems] == [
        ("catalogs/threats/flood.yaml:6:12: warning[C010]: control 'SC-9' is withdrawn", "say SC-8 instead")
    ]


def test_an_id_twice() -> None:
    problems = Problems()
    read_catalogs(CONTROLS | {f"catalogs/kinds/{name}.yaml": f"id: x\ntitle: x\n{SOURCE}" for name in "xy"}, problems)
    assert [each.code for each in problems] == ["C008", "C009"]


def test_near_names_help() -> None:
    problems = Problems()
    read_catalogs(
        CONTROLS | KIND | threat("applies: {exposd: true}\ncontrols: {SC-55: {}}\nfactors: {skil: {value: 1}}"), problems
    )
    assert [each.help for each in problems] == ["did you mean 'exposed'?", "did you mean 'SC-5'?", "did you mean 'skill'?"]


def test_a_later_file_of_the_same_name_wins() -> None:
    problems = Problems()
    mine = {"mine/catalogs/threats/flood.yaml": THREAT.replace("Flood", "My flood")}
    found = read_catalogs(CONTROLS | threat("broken: true") | mine, problems)
    assert ([each.title for each in found.threats], list(problems)) == (["My flood"], [])


def test_two_revisions_the_higher_one_is_in_force() -> None:
    older = json.loads(CONTROLS["catalogs/controls/small-r5.json"]) | {"id": "small-r4", "revision": "4"}
    found = read_catalogs(CONTROLS | {"catalogs/controls/small-r4.json": json.dumps(older)}, Problems())
    assert (found.controls.id, [each.id for each in found.older]) == ("small-r5", ["small-r4"])


def test_what_is_no_entry_is_left_alone() -> None:
    problems = Problems()
    other = {"catalogs/README.md": "# no", "catalogs/tosca/musa.yaml": "a: b", "catalogs/threats/notes.txt": "x", "x.yaml": "x"}
    assert read_catalogs(CONTROLS | other, problems) == read_catalogs(CONTROLS, Problems())
    assert list(problems) == []


def test_order_of_files_does_not_matter() -> None:
    files = CONTROLS | KIND | threat() | metric() | scope() | agent()
    assert read_catalogs(files, Problems()) == read_catalogs(dict(reversed(files.items())), Problems())


SCHEMAS = {str(each): each.read_text() for each in (ROOT / "catalogs/schemas").glob("catalog-*.schema.json")}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (threat("techniques: [flooding]"), "threats/flood.yaml:6:14 'flooding' does not have the form that is wanted here"),
        (metric("mended: {operator: eq}"), "metrics/hours.yaml:9:10 'operator' must be of type object"),
        (metric("mended: {operator: {said: eq}}"), "metrics/hours.yaml:9:10 'operator' lacks 'because'"),
        (threat("categories: [web]"), "threats/flood.yaml:6:14 'categories' cannot be 'web'"),
    ],
)
def test_the_schema_says_what_the_reader_lets_pass(files: dict[str, str], said: str) -> None:
    problems = Problems()
    check_catalogs(CONTROLS | KIND | files, SCHEMAS, problems)
    assert [(each.code, f"{each.at} {each.text}") for each in problems] == [("C012", f"catalogs/{said}")]


def test_a_schema_does_not_repeat_the_reader() -> None:
    problems = Problems()
    check_catalogs(CONTROLS | KIND | threat("contrls: {}\nfactors: {skill: {value: 12, because: x}}"), SCHEMAS, problems)
    assert [each.code for each in problems] == ["C002", "C003"]


def test_a_condition_as_deep_as_may_be_is_compared_too() -> None:
    deep = "{not: " * 90 + "{exposed: true}" + "}" * 90
    problems = Problems()
    check_catalogs(CONTROLS | KIND | threat(f"applies: {deep}"), SCHEMAS, problems)
    assert list(problems) == []
