"""An answer is put into answers.yaml so that every sign that people wrote stays, and the file says one thing more."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Answers, ComponentAnswers, ControlAnswer, FactorAnswer, Grant, QuestionAnswer
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, ThreatId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.threat import BUSINESS, FACTORS
from musa_pipeline.formats.answers import Answer, NotSafe, read_answers, with_answer
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.text.yaml import plain, read_yaml
from musa_pipeline.workspace.catalogs import catalog_files
from tests.support import ROOT

CATALOGS = read_catalogs(catalog_files(Problems(), ROOT), Problems())
FILES = sorted((ROOT / "models").glob("*/answers.yaml"))
YES = QuestionAnswer(threat=ThreatId("injection"), yes=True, because='a "search" field: # and more')


def model(*names: str) -> Cpim:
    parts = tuple(Component(id=ComponentId(each), name=each.title(), kind=KindId("api")) for each in names)
    return Cpim(name="it", language="tosca", components=parts)


def tree(text: str) -> dict[str, object]:
    found = plain(read_yaml(text, "", Problems()))
    return found if isinstance(found, dict) else {}


def components(text: str) -> tuple[str, ...]:
    said = tree(text).get("components")
    return tuple(said) if isinstance(said, dict) else ()


def read(text: str, cpim: Cpim) -> Answers:
    problems = Problems()
    answers = read_answers(text, "answers.yaml", cpim=cpim, catalogs=CATALOGS, problems=problems)
    assert not list(problems)
    return answers


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "components:\n  web:\n    questions:\n      injection: yes\n"),
        ("# mine", "# mine\ncomponents:\n  web:\n    questions:\n      injection: yes\n"),
        ("components: # all\n# end\n", "components: # all\n  web:\n    questions:\n      injection: yes\n# end\n"),
        ("components: ~ # all\n", "components: {web: {questions: {injection: yes}}} # all\n"),
        ("components: {}\n", "components: {web: {questions: {injection: yes}}}\n"),
        ('{"components": {"Web": {}}}', '{"components": {"Web": {questions: {injection: yes}}}}'),
        (
            "components:\n    web: # it\n        controls: {SC-5: agent} # c\n\n# end",
            "components:\n    web: # it\n        controls: {SC-5: agent} # c\n        questions:\n          injection: yes\n\n# end",
        ),
        (
            "components: {web: {questions: {a: no # c\n  }}}\n",
            "components: {web: {questions: {a: no, injection: yes # c\n  }}}\n",
        ),
        ("components:\r\n  web:\r\n", "components:\r\n  web:\r\n    questions:\r\n      injection: yes\r\n"),
        (
            "components:\n  web: {questions: {injection: {answer: no, because: x}}} # c\n",
            "components:\n  web: {questions: {injection: yes}} # c\n",
        ),
        (
            "components:\n  db: &x {questions: {a: no}}\n  web: *x # c\n",
            "components:\n  db: &x {questions: {a: no}}\n  web: {<<: *x, controls: {SC-5: agent}} # c\n",
        ),
        (
            "components:\n  db: {questions: &x {a: no}}\n  web: {questions: *x}\n",
            "components:\n  db: {questions: &x {a: no}}\n  web: {questions: {<<: *x, injection: yes}}\n",
        ),
        ("😀: |\n  text\n\n# end\n", "😀: |\n  text\n\n# end\ncomponents:\n  web:\n    questions:\n      injection: yes\n"),
    ],
)
def test_an_answer_goes_where_it_belongs(before: str, after: str) -> None:
    by_agent = ControlAnswer(control=ControlId("SC-5"), by=Grant.AGENT)
    answer = by_agent if "SC-5" in after and "SC-5" not in before else QuestionAnswer(threat=ThreatId("injection"), yes=True)
    found = with_answer(before, ComponentId("web"), answer, model("web", "db"))
    assert tree(found) == tree(after)
    assert found == after or before.startswith("😀")
    assert found.replace("\r\n", "\n").startswith(before[:8].replace("\r\n", "\n"))


@pytest.mark.parametrize(
    "text",
    [
        "components:\n  web: &x {questions: {a: no}}\n  db: *x\n",  # it would be said of the other too
        "components:\n  db: &x {questions: {a: no}}\n  web: *x\n",  # its own questions would hide those it shares
        "components:\n  web: [1]\n",
        "components:\n  web: {questions: {injection: {answer: no, # c\n    because: x}}}\n",
        "components: {\n",
    ],
)
def test_what_would_change_something_else_is_refused_with_the_lines_to_add_by_hand(text: str) -> None:
    with pytest.raises(NotSafe) as refused:
        with_answer(text, ComponentId("web"), YES, model("web", "db"))
    assert refused.value.lines == (
        'components:\n  web:\n    questions:\n      injection: {answer: yes, because: "a \\"search\\" field: # and more"}'
    )


reasons = st.just("") | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(str.strip)
answers: st.SearchStrategy[Answer] = st.one_of(
    st.builds(QuestionAnswer, threat=st.sampled_from([each.id for each in CATALOGS.threats]), yes=st.booleans(), because=reasons),
    st.builds(
        FactorAnswer,
        factor=st.sampled_from(FACTORS),
        value=st.integers(0, 9),
        threat=st.none() | st.sampled_from([each.id for each in CATALOGS.threats]),
        because=reasons,
    ),
    st.builds(
        ControlAnswer,
        control=st.sampled_from([ControlId(each) for each in ("SC-5", "SC-5(3)", "AC-3", "CA-8")]),
        by=st.sampled_from(Grant),
        because=reasons,
    ),
)


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.parent.name)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_every_line_and_comment_of_real_answers_stays_and_one_answer_is_new(file: Path, data: st.DataObject) -> None:
    text = file.read_text()
    known = components(text)
    cpim = model(*known, "quite-new")
    component = ComponentId(data.draw(st.sampled_from([*known, "quite-new"])))
    answer = data.draw(answers)
    whole = isinstance(answer, FactorAnswer) and answer.factor in BUSINESS and answer.threat is None
    try:
        changed = with_answer(text, None if whole else component, answer, cpim)
    except NotSafe:
        assume(False)
    before, after = text.splitlines(), changed.splitlines()
    fresh = [line for line in after if line not in before]
    assert len(fresh) <= 5
    touched = [line for line in before if line not in after]
    assert len(touched) <= 1  # a mapping on one line that got the answer
    for line in touched:
        assert fresh[0].endswith(line.partition(" # ")[2])
    old, new = read(text, cpim), read(changed, cpim)
    others = [each for each in new.components if each.component != component or whole]
    assert others == [each for each in old.components if each.component != component or whole]
    if whole:
        assert answer in new.business
        assert {each.factor: each for each in old.business} | {answer.factor: answer} == {
            each.factor: each for each in new.business
        }
        return
    mine = next(each for each in new.components if each.component == component)
    assert answer in (*mine.questions, *mine.factors, *mine.controls)
    was = next((each for each in old.components if each.component == component), None)
    for part in ("questions", "factors", "controls", "slos") if was else ():
        rest = [each for each in getattr(was, part) if each not in getattr(mine, part)]
        assert len(rest) <= 1  # the answer that it took the place of


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.parent.name)
def test_many_answers_one_after_the_other_are_all_there(file: Path) -> None:
    text = file.read_text()
    known = components(text)
    cpim = model(*known)
    put = []
    for threat in [each.id for each in CATALOGS.threats][:3]:
        for component in map(ComponentId, known):
            try:
                text = with_answer(text, component, QuestionAnswer(threat=threat, yes=False, because="so"), cpim)
            except NotSafe:
                continue
            put.append((component, threat))
    found = {
        (one.component, each.threat) for one in read(text, cpim).components for each in one.questions if each.because == "so"
    }
    assert len(put) > len(known)
    assert set(put) == found


@st.composite
def written_by_hand(draw: st.DrawFn) -> str:
    """Answers as people write them: any indentation, on one line or many, comments and empty lines anywhere, anchors, line ends."""
    step = " " * draw(st.integers(1, 5))
    ends = ["", "  # why?", " # {a: b}", "   "]
    between = ["", "", "# on its own", f"{step}# inside: it", "\t# after a tab"]

    def line(depth: int, said: str) -> list[str]:
        return [*draw(st.lists(st.sampled_from(between), max_size=1)), step * depth + said + draw(st.sampled_from(ends))]

    lines = line(0, "components:")
    for name in draw(st.lists(st.sampled_from(["web", "'db'", '"Api"', "queue"]), min_size=1, unique=True)):
        form = draw(st.sampled_from(["nothing", "flow", "block", "anchored", "alias"]))
        if form == "nothing":
            lines += line(1, f"{name}:")
        elif form == "flow":
            lines += line(1, f"{name}: {{questions: {{injection: yes}}, controls: {{}} }}")
        elif form == "alias" and any("&x" in each for each in lines):
            lines += line(1, f"{name}: *x")
        else:
            lines += line(1, f"{name}:{' &x' if form == 'anchored' and not any('&x' in each for each in lines) else ''}")
            for part in draw(st.lists(st.sampled_from(["questions", "controls", "factors"]), min_size=1, unique=True)):
                inside = {
                    "questions": "denial-of-service: {answer: no, because: 'x # y'}",
                    "controls": "SC-7: service",
                    "factors": "all: {skill: 3}",
                }[part]
                if draw(st.booleans()):
                    lines += [*line(2, f"{part}:"), *line(3, inside)]
                else:
                    lines += line(2, f"{part}: {{ {inside} }}")
    if draw(st.booleans()):
        lines = [*line(0, "business: {privacy: 3}"), *lines] if draw(st.booleans()) else [*lines, *line(0, "business:")]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(lines) + draw(st.sampled_from(["", end, end + end, f"{end}# the end"]))


@given(written_by_hand(), st.sampled_from(["web", "db", "api", "queue"]), answers)
@settings(max_examples=150, deadline=None)
def test_whatever_the_hand_nothing_is_lost_and_one_answer_is_new(text: str, name: str, answer: Answer) -> None:
    cpim = model("web", "db", "api", "queue")
    problems = Problems()
    read_yaml(text, "", problems)
    assume(not list(problems))
    try:
        changed = with_answer(text, ComponentId(name), answer, cpim)
    except NotSafe as refused:
        assert read(refused.lines, cpim).components[0].component == name
        assert "&x" in text  # only what is shared has no place of its own
        return
    old, new = read(text, cpim), read(changed, cpim)
    assert [each for each in new.components if each.component != name] == [
        each for each in old.components if each.component != name
    ]
    mine = next(each for each in new.components if each.component == name)
    assert answer in count(mine)
    assert new.business == old.business
    was = next((each for each in old.components if each.component == name), mine)
    if was is mine or len(count(mine)) > len(count(was)):
        signs = iter(changed)
        assert all(sign in signs for sign in text)  # every sign stays, in order
    else:  # the answer took the place of another
        pairs = list(zip(text.splitlines(), changed.splitlines(), strict=True))
        assert sum(one != other for one, other in pairs) <= 1
    assert ("\r" in changed) == ("\r" in text) or "\n" not in text


def count(one: ComponentAnswers) -> list[object]:
    return [*one.questions, *one.factors, *one.controls]
