"""What an answer would change is what it does change, and the most valuable question comes first."""

from dataclasses import replace

import pytest

from musa_pipeline.domain.answers import Answers, ComponentAnswers, FactorAnswer, QuestionAnswer
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.question import FactorQuestion, Questions
from musa_pipeline.domain.risk import FactorMove, RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.threat import BUSINESS
from musa_pipeline.risk import assess
from musa_pipeline.risk.ask import hypotheses, questions_of
from musa_pipeline.stages import pipeline, values
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.support import ROOT

RULES = RiskSettings()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    work = Work(find(str(ROOT / "models/shop"), str(tmp_path_factory.mktemp("out"))))
    for _ in pipeline.run(work, "read"):
        pass
    return work


def profile(work: Work, answers: Answers) -> RiskProfile:
    return assess(values.cpim(work), answers, work.catalogs, RULES)


def questions(work: Work, answers: Answers, cpim: Cpim | None = None) -> Questions:
    cpim = cpim or values.cpim(work)
    now = assess(cpim, answers, work.catalogs, RULES)
    would_be = hypotheses(now, answers, lambda each: assess(cpim, each, work.catalogs, RULES))
    return questions_of(cpim, answers, work.catalogs, RULES, now, would_be)


def said(answers: Answers, component: ComponentId, *found: QuestionAnswer | FactorAnswer) -> Answers:
    """The answers and some more of one component."""
    mine = next((each for each in answers.components if each.component == component), ComponentAnswers(component=component))
    mine = replace(
        mine,
        questions=(*mine.questions, *(each for each in found if isinstance(each, QuestionAnswer))),
        factors=(*mine.factors, *(each for each in found if isinstance(each, FactorAnswer))),
    )
    others = tuple(each for each in answers.components if each.component != component)
    return replace(answers, components=tuple(sorted((*others, mine), key=lambda each: each.component)))


def required(found: RiskProfile) -> set[tuple[str, str]]:
    return {(each.component, each.control) for each in found.required}


def test_each_answer_does_what_was_foretold(work: Work) -> None:
    answers = values.answers(work)
    before = profile(work, answers)
    asked = questions(work, answers).threats
    assert len(asked) == len(before.unanswered) > 50
    for each in asked[::4]:
        for yes, foretold in ((True, each.yes), (False, each.no)):
            after = profile(work, said(answers, each.component, QuestionAnswer(threat=each.threat, yes=yes)))
            rating = next(
                (one.rating for one in after.risks if (one.component, one.threat) == (each.component, each.threat)), None
            )
            assert foretold.rating == rating
            assert {(one.component, one.control) for one in foretold.come} == required(after) - required(before)
            assert {(one.component, one.control) for one in foretold.go} == required(before) - required(after)


def test_the_most_valuable_come_first_and_nothing_answered_is_asked(work: Work) -> None:
    found = questions(work, values.answers(work))
    for kind in (found.threats, found.factors, found.controls, found.ranked):
        assert [each.value for each in kind] == sorted((each.value for each in kind), reverse=True)
    answered = {(one.component, each.threat) for one in values.answers(work).components for each in one.questions}
    assert not answered & {(each.component, each.threat) for each in found.threats}
    assert not [each for each in found.factors if each.factor in BUSINESS]


def test_business_impact_that_nobody_answered_is_worth_most(work: Work) -> None:
    answers = replace(values.answers(work), business=())
    first = questions(work, answers).ranked[0]
    assert isinstance(first, FactorQuestion)
    assert first.threat is None
    points = []
    for value in range(10):
        after = profile(work, replace(answers, business=(FactorAnswer(factor=first.factor, value=value),)))
        points.append(sum(each.rating.score for each in after.risks))
    assert (first.least, first.most, first.value) == (min(points), max(points), max(points) - min(points))


def test_a_factor_is_asked_where_its_answer_alone_moves_the_rating(work: Work) -> None:
    answers = values.answers(work)
    found = [each for each in questions(work, answers).factors if each.threat]
    for each in found[:: len(found) // 12]:
        component, scores = each.components[0], []
        for value in (0, 9):
            answer = FactorAnswer(factor=each.factor, threat=each.threat, value=value)
            after = profile(work, said(answers, component, answer))
            scores.append(
                next(one.rating.score for one in after.risks if (one.component, one.threat) == (component, each.threat))
            )
        assert sorted(scores) == [each.least, each.most]
        assert each.value == each.most - each.least > 0


def test_what_was_measured_moves_what_an_answer_would_do(work: Work) -> None:
    answers, cpim = values.answers(work), values.cpim(work)
    for by in (-9, 3, 9):
        moves = (FactorMove(factor="exploit", by=by, because="measured"),)
        evidence = {(each.component, each.threat): moves for each in profile(work, answers).risks}
        now = assess(cpim, answers, work.catalogs, RULES, evidence)
        would_be = hypotheses(now, answers, lambda each: assess(cpim, each, work.catalogs, RULES, evidence))  # noqa: B023
        found = questions_of(cpim, answers, work.catalogs, RULES, now, would_be, evidence)
        asked = [each for each in found.factors if each.factor == "exploit" and each.threat]
        assert bool(asked) == (abs(by) < 9)
        for each in asked[:5]:
            answer = FactorAnswer(factor="exploit", threat=each.threat, value=9)
            after = assess(cpim, said(answers, each.components[0], answer), work.catalogs, RULES, evidence)
            scores = {(one.component, one.threat): one.rating.score for one in after.risks}
            assert scores[each.components[0], each.threat] == each.most  # type: ignore[index]


def test_the_order_of_components_means_nothing(work: Work) -> None:
    cpim = values.cpim(work)
    turned = replace(cpim, components=tuple(reversed(cpim.components)), connections=tuple(reversed(cpim.connections)))
    assert questions(work, Answers(), turned) == questions(work, Answers())
