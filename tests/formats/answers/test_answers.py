"""Answers are understood in every form, and a mistake is told at its very word, with a way out."""

import json
import time
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Answers, ComponentAnswers, ControlAnswer, FactorAnswer, Grant, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, MetricId, ThreatId
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale, Slo, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source, Span
from musa_pipeline.domain.threat import Stride, Threat
from musa_pipeline.formats.answers import read_answers
from musa_pipeline.text.yaml import plain, read_yaml
from tests.support import ROOT

BOOK = Source(document="a book")


def control(name: str, *moved_to: str, withdrawn: bool = False) -> Control:
    moved = tuple(map(ControlId, moved_to))
    return Control(id=ControlId(name), title=name, withdrawn=withdrawn or bool(moved_to), moved_to=moved)


def threat(name: str) -> Threat:
    return Threat(id=ThreatId(name), title=name, stride=Stride.DENIAL, question="?", sources=(BOOK,))


def metric(name: str, unit: str, scale: Scale, operator: Operator, highest: float | None = None, reference: str = "") -> Metric:
    return Metric(
        id=MetricId(name),
        title=name,
        definition="",
        unit=unit,
        scale=scale,
        operator=operator,
        combine=Combine.MIN,
        max_age=60,
        source=BOOK,
        reference=reference,
        lowest=0,
        highest=highest,
    )


def revision(name: str, *controls: Control) -> ControlCatalog:
    return ControlCatalog(
        id=name, title=f"NIST {name}", revision=name.removeprefix("rev "), version="1", source=BOOK, controls=controls
    )


CATALOGS = Catalogs(
    controls=revision(
        "rev 5",
        *map(control, ("AC-6", "IA-5", "SC-5", "SC-8", "SC-8(1)", "SC-28", "SI-4")),
        control("SC-9", "SC-8", "SC-33"),
        control("SC-33", "SI-4"),
        control("AC-13", withdrawn=True),
    ),
    older=(revision("rev 4", control("AR-1"), control("SC-5")),),
    threats=(threat("denial-of-service"), threat("injection")),
    metrics=(
        metric("availability", "%", Scale.PERCENT, Operator.GE, 100),
        metric("m13-scanning-frequency-basic-scan", "h", Scale.NUMBER, Operator.LE, reference="M13"),
        metric("forward-secrecy", "yes/no", Scale.BOOLEAN, Operator.EQ),
    ),
)
CPIM = Cpim(
    name="smart-mobility",
    language="camel",
    components=(
        Component(id=ComponentId("journey-planner"), name="JourneyPlanner", kind=KindId("api")),
        Component(id=ComponentId("tsm-engine"), name="TSMEngine", kind=KindId("api")),
    ),
)
GOOD = """\
business: {financial: 5, reputation: {value: 4, because: "press"}, non-compliance: 5, privacy: 5}
components:
  tsm-engine:
    questions: {denial-of-service: true, injection: {answer: no, because: "no query language"}}
    factors: {denial-of-service: {motive: {value: 9, because: "rivals"}}, all: {skill: 6}}
    controls: {IA-5: {by: component, because: "own store"}, sc-28: service, SC_5: agent, AC-6: nobody}
    slos:
      M13: 1 d
      availability: {at_least: 99.5 %, alert_at: 99.8 %, weight: high, because: "contract"}
      forward-secrecy: yes
  JourneyPlanner:
"""


def read(text: str) -> tuple[Answers, list[str]]:
    problems = Problems()
    answers = read_answers(text, "answers.yaml", cpim=CPIM, catalogs=CATALOGS, problems=problems)
    return answers, [f"{each} ({each.help})" for each in problems]


def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((ROOT / "catalogs/schemas/answers.schema.json").read_text()))


def test_every_form_of_an_answer_is_understood() -> None:
    dos = ThreatId("denial-of-service")
    assert read(GOOD) == (
        Answers(
            business=(
                FactorAnswer(factor="financial", value=5),
                FactorAnswer(factor="reputation", value=4, because="press"),
                FactorAnswer(factor="non-compliance", value=5),
                FactorAnswer(factor="privacy", value=5),
            ),
            components=(
                ComponentAnswers(
                    component=ComponentId("tsm-engine"),
                    questions=(
                        QuestionAnswer(threat=dos, yes=True),
                        QuestionAnswer(threat=ThreatId("injection"), yes=False, because="no query language"),
                    ),
                    factors=(
                        FactorAnswer(factor="motive", value=9, threat=dos, because="rivals"),
                        FactorAnswer(factor="skill", value=6),
                    ),
                    controls=(
                        ControlAnswer(control=ControlId("AC-6"), by=Grant.NOBODY),
                        ControlAnswer(control=ControlId("IA-5"), by=Grant.COMPONENT, because="own store"),
                        ControlAnswer(control=ControlId("SC-5"), by=Grant.AGENT),
                        ControlAnswer(control=ControlId("SC-28"), by=Grant.SERVICE),
                    ),
                    slos=(
                        Slo(
                            metric=MetricId("availability"),
                            operator=Operator.GE,
                            bound=99.5,
                            unit="%",
                            weight=Weight.HIGH,
                            alert=99.8,
                            because="contract",
                        ),
                        Slo(metric=MetricId("forward-secrecy"), operator=Operator.EQ, bound=True, unit="yes/no"),
                        Slo(metric=MetricId("m13-scanning-frequency-basic-scan"), operator=Operator.LE, bound=24, unit="h"),
                    ),
                ),
            ),
        ),
        [],
    )


def test_an_answer_knows_its_place() -> None:
    answers, _ = read(GOOD)
    assert [each.at for each in answers.components[0].controls][1] == Span("answers.yaml", 6, 16, 4)


def test_good_answers_obey_the_schema() -> None:
    schema().check_schema(schema().schema)
    schema().validate(plain(read_yaml(GOOD, "answers.yaml", Problems())))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "business:\ncomponents:\n", "components: {tsm-engine: {questions: }}\n"])
def test_nothing_answered_is_no_mistake(text: str) -> None:
    answers, told = read(text)
    assert not told
    assert all(each == ComponentAnswers(component=each.component) for each in answers.components)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("[1]", "1:1: error[Q001]: answers.yaml must be a mapping, not a list (write `key: value` lines)"),
        ("busines: {}", "1:1: error[Q002]: answers.yaml has no key 'busines' (did you mean 'business'?)"),
        ("business: {skill: 5}", "1:12: error[Q005]: 'business' has no factor 'skill' (known here: financial, reputation, non-compliance, privacy)"),
        ("business: {privacy: 10}", "1:21: error[Q006]: factor 'privacy' is '10', its scale is 0 to 9 (write a whole number from 0 to 9)"),
        ("business: {privacy: {value: 2.5}}", "1:29: error[Q006]: factor 'privacy' is '2.5', its scale is 0 to 9 (write a whole number from 0 to 9)"),
        ("business: {privacy: {because: x}}", "1:21: error[Q001]: factor 'privacy' has no 'value' (write `value: ...`, or only its value)"),
        ("business: {privacy: {value: 1, becuase: x}}", "1:32: error[Q002]: factor 'privacy' has no key 'becuase' (did you mean 'because'?)"),
        ("business: {privacy: {value: 1, because: [x]}}", "1:41: error[Q001]: the reason of factor 'privacy' must be text, not a list ()"),
        ("components: {tsm-engin: {}}", "1:14: error[Q003]: the model has no component 'tsm-engin' (did you mean 'tsm-engine'?)"),
        ("components: {zebra: {}}", "1:14: error[Q003]: the model has no component 'zebra' (name a component of the model)"),
        ("components: {tsm-engine: {}, TSMEngine: {}}", "1:30: error[Q011]: component 'tsm-engine' is answered twice (the first is at line 1)"),
        ("components: {tsm-engine: yes}", "1:26: error[Q001]: component 'tsm-engine' must be a mapping, not 'yes' (write `key: value` lines)"),
        ("components: {tsm-engine: {slo: {}}}", "1:27: error[Q002]: component 'tsm-engine' has no key 'slo' (did you mean 'slos'?)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_word(answer: str, told: str) -> None:
    assert read(answer)[1] == [f"answers.yaml:{told}"]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("questions: {injektion: true}", "3:17: error[Q004]: no catalog has the threat 'injektion' (did you mean 'injection'?)"),
        ("questions: {injection: perhaps}", "3:28: error[Q007]: the answer on 'injection' is 'perhaps', neither yes nor no (write yes or no, or {answer: yes, because: ...})"),
        ("factors: {al: {skill: 1}}", "3:15: error[Q004]: no catalog has the threat 'al' (did you mean 'all'?)"),
        ("factors: {all: {skil: 1}}", "3:21: error[Q005]: 'all' has no factor 'skil' (did you mean 'skill'?)"),
        ("controls: {nonsense: agent}", "3:16: error[Q008]: NIST SP 800-53 revision 5 has no control 'nonsense' (write it as SC-8 or SC-8(1))"),
        ("controls: {Everything of the kind: agent}", "3:16: error[Q008]: NIST SP 800-53 revision 5 has no control 'Everything of the kind' (write it as SC-8 or SC-8(1))"),
        ("controls: {SC-8(9): agent}", "3:16: error[Q008]: NIST SP 800-53 revision 5 has no control 'SC-8(9)' (did you mean 'SC-8(1)'?)"),
        ("controls: {AR-1: agent}", "3:16: error[Q008]: NIST SP 800-53 revision 5 has no control 'AR-1' (NIST rev 4 has it; name the control that answers the same today)"),
        ("controls: {SC-9: agent}", "3:16: warning[Q009]: control 'SC-9' is withdrawn; the answer is taken for SC-8, SI-4 (write SC-8 and SI-4 instead)"),
        ("controls: {AC-13: agent}", "3:16: warning[Q009]: control 'AC-13' is withdrawn and nothing takes its place; the answer is not used (remove it)"),
        ("controls: {SC-5: provider}", "3:22: error[Q010]: control 'SC-5' cannot be implemented by 'provider' (did you mean 'service'?)"),
        ("controls: {SC-5: {by: [agent]}}", "3:27: error[Q010]: control 'SC-5' cannot be implemented by a list (one of component, service, agent, nobody)"),
        ("controls: {SC-5: }", "3:22: error[Q001]: control 'SC-5' has no 'by' (write `by: ...`, or only its value)"),
        ("controls: {SC-5: agent, sc-05: nobody}", "3:29: error[Q011]: control 'SC-5' is answered twice (the first is at line 3)"),
        ("slos: {availabilty: 99}", "3:12: error[Q012]: no catalog has the metric 'availabilty' (did you mean 'availability'?)"),
        ("slos: {availability: 101 %}", "3:26: error[Q013]: bound of metric 'availability': '101 %' is outside its range: a number in % from 0 to 100 is expected (write a number in % from 0 to 100)"),
        ("slos: {availability: {at_least: 3 h}}", "3:37: error[Q013]: bound of metric 'availability': '3 h' is not a number in % from 0 to 100 (write a number in % from 0 to 100)"),
        ("slos: {availability: {at_most: 99}}", "3:27: error[Q014]: metric 'availability' is compared by 'at_least', not by 'at_most' (write `at_least: ...`)"),
        ("slos: {availability: {weight: low}}", "3:26: error[Q001]: metric 'availability' has no bound (write `at_least: ...`, a number in % from 0 to 100)"),
        ("slos: {availability: {at_least: 99, alert_at: 98}}", "3:51: error[Q015]: the alert of metric 'availability' comes after its bound '99 %' is broken (choose an alert above the bound)"),
        ("slos: {M13: {at_most: 24, alert_at: 2 d}}", "3:41: error[Q015]: the alert of metric 'M13' comes after its bound '24 h' is broken (choose an alert below the bound)"),
        ("slos: {forward-secrecy: {equals: yes, alert_at: no}}", "3:53: error[Q015]: metric 'forward-secrecy' must equal its bound; nothing lies between alert and violation (leave out `alert_at`)"),
        ("slos: {availability: {at_least: 99, weight: heavy}}", "3:49: error[Q016]: a weight cannot be 'heavy' (one of low, medium, high)"),
    ],
)  # fmt: skip
def test_a_mistake_about_a_component_is_told_at_its_word(part: str, told: str) -> None:
    assert read(f"components:\n  tsm-engine:\n    {part}\n")[1] == [f"answers.yaml:{told}"]


def test_all_mistakes_are_told_in_one_run() -> None:
    _, told = read(
        "business: {privacy: 12}\ncomponents:\n  web: {}\n  tsm-engine: {controls: {SC-5: x}, questions: {injection: 3}}\n"
    )
    assert [each.split("]")[0].split("[")[1] for each in told] == ["Q006", "Q003", "Q010", "Q007"]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("tsm-engine: {questions: {injection: yes, injection: no}}", "1:55: error[Y002]: key 'injection' is here twice (the first is at line 1; keep one of them)"),
        ("tsm-engine: {factors: {all: {skill: 3}, all: {skill: 4}}}", "1:54: error[Y002]: key 'all' is here twice (the first is at line 1; keep one of them)"),
        ("tsm-engine: {}, tsm-engine: {}", "1:30: error[Y002]: key 'tsm-engine' is here twice (the first is at line 1; keep one of them)"),
        ("tsm-engine: {}, TSM Engine: {}", "1:30: error[Q011]: component 'tsm-engine' is answered twice (the first is at line 1)"),
    ],
)  # fmt: skip
def test_what_is_answered_twice_is_told_however_it_is_spelt(part: str, told: str) -> None:
    assert read(f"components: {{{part}}}")[1][0] == f"answers.yaml:{told}"


def test_answers_for_another_model_are_told_once_and_whose_they_are() -> None:
    text = "components:\n  web: {}\n  orders: {}\n  vm: {questions: {nonsense: 3}}\n  tsm-engine:\n"
    problems = Problems()
    read_answers(text, "answers.yaml", cpim=CPIM, catalogs=CATALOGS, problems=problems, whose=lambda names: f"{len(names)} shops")
    (told,) = (f"{each} ({each.help})" for each in problems)
    assert told == (
        "answers.yaml:2:3: error[Q017]: 3 of 4 components are none of 'smart-mobility': 'web', 'orders', 'vm'; "
        "these answers are for another model (they fit '3 shops': put the file beside that model)"
    )
    assert read(text)[1][0].endswith("another model (name components that `musa model` shows)")


def test_a_withdrawn_control_is_followed_to_where_it_moved() -> None:
    answers, _ = read("components: {tsm-engine: {controls: {SC-9: service}}}")
    assert answers.components[0].controls == (
        ControlAnswer(control=ControlId("SC-8"), by=Grant.SERVICE),
        ControlAnswer(control=ControlId("SI-4"), by=Grant.SERVICE),
    )


def test_the_order_of_the_file_means_nothing() -> None:
    one, _ = read("components: {tsm-engine: {controls: {SC-5: agent, AC-6: agent}}, journey-planner: {}}")
    other, _ = read("components: {journey-planner: {}, tsm-engine: {controls: {AC-6: agent, SC-5: agent}}}")
    assert one == other


words = st.sampled_from(
    [
        "business",
        "components",
        "tsm-engine",
        "questions",
        "factors",
        "controls",
        "slos",
        "all",
        "injection",
        "skill",
        "privacy",
        "SC-5",
        "SC-9",
        "availability",
        "M13",
        "value",
        "because",
        "by",
        "at_least",
        "alert_at",
        "answer",
        "weight",
        "x",
        "~",
    ]
)
leaves = words | st.booleans() | st.none() | st.integers() | st.floats() | st.text(max_size=6)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)


@given(trees | st.text(max_size=80))
@settings(max_examples=400, deadline=None)
def test_nothing_crashes_the_reader(tree: object) -> None:
    read(tree if isinstance(tree, str) else json.dumps(tree))


@given(st.dictionaries(words, trees, max_size=4))
@settings(max_examples=300, deadline=None)
def test_nothing_said_of_a_component_crashes_the_reader(tree: object) -> None:
    read(json.dumps({"components": {"tsm-engine": tree}}))
    read(json.dumps({"components": {"tsm-engine": dict.fromkeys(("questions", "factors", "controls", "slos"), tree)}}))


def test_ten_thousand_components_are_read_in_linear_time() -> None:
    parts = [replace(CPIM.components[0], id=ComponentId(f"c{number}"), name=f"c{number}") for number in range(10_000)]
    text = "components:\n" + "".join(
        f"  c{number}: {{controls: {{SC-5: agent}}, slos: {{M13: 3}}}}\n" for number in range(10_000)
    )
    problems = Problems()
    answers = read_answers(text, "x", cpim=replace(CPIM, components=tuple(parts)), catalogs=CATALOGS, problems=problems)
    assert (len(answers.components), len(problems)) == (10_000, 0)


def test_a_thousand_mistakes_cost_no_more_than_a_thousand_times_one() -> None:
    parts = [replace(CPIM.components[0], id=ComponentId(f"component-{number}"), name="") for number in range(5_000)]
    text = "components:\n" + "".join(f"  komponent-{number}: {{}}\n  component-{number}: {{}}\n" for number in range(5_000))
    problems = Problems()
    started = time.perf_counter()
    read_answers(text, "x", cpim=replace(CPIM, components=tuple(parts)), catalogs=CATALOGS, problems=problems)
    assert len(problems) == 5_000
    assert time.perf_counter() - started < 20
    assert next(iter(problems)).help == "did you mean 'component-0'?"
