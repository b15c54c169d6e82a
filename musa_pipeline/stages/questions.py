"""Beside the road: which questions of a model are open, and an interview that writes each answer as soon as it is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.errors import FilesWrong, MusaError
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.question import ControlQuestion, FactorQuestion, Question, Questions, ThreatQuestion
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.formats.answers import HEAD, Answer, NotSafe, read_answers, with_answer
from musa_pipeline.risk import assess
from musa_pipeline.risk.ask import Hypotheses, controls_of, hypotheses, questions_of
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.answers import AnswersFile

_OF_KIND: Final[dict[str, type[Question]]] = {
    "questions": ThreatQuestion,
    "factors": FactorQuestion,
    "controls": ControlQuestion,
}
KINDS: Final = tuple(_OF_KIND)
"""What can be asked about, and the names of these parts in the file."""


def open_questions(work: Work) -> Questions:
    """Return everything that is open, with what each answer would change."""
    return work.once("questions", lambda: _ranked(work, values.answers(work), values.profile(work), None)[0])


def _ranked(work: Work, answers: Answers, profile: RiskProfile, known: Hypotheses | None) -> tuple[Questions, Hypotheses]:
    """Return what is open. Where risks require the cheapest set, what an answer calls for is told before the choice among it.

    The cheapest set is one for the whole model, so no control of it comes or goes by one answer alone.
    """
    called = replace(work.settings.risk, require=RiskSettings().require)
    plain = profile if called == work.settings.risk else _assess(work, called)(answers)
    would_be = known or hypotheses(plain, answers, _assess(work, called))
    found = questions_of(values.cpim(work), answers, work.catalogs, called, plain, would_be, values.evidence(work))
    return replace(found, controls=controls_of(answers, profile)), would_be


def _assess(work: Work, settings: RiskSettings) -> Callable[[Answers], RiskProfile]:
    return lambda answers: assess(values.cpim(work), answers, work.catalogs, settings, values.evidence(work))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as it is asked: of a factor that many components share, for one of them."""

    question: Question
    component: ComponentId | None

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from all others."""
        match self.question:
            case ThreatQuestion(threat=threat):
                return ("questions", str(self.component), threat)
            case FactorQuestion(threat=threat, factor=factor):
                return ("factors", str(self.component or ""), str(threat or ""), factor)
            case ControlQuestion(control=control):
                return ("controls", str(self.component), control)


def in_order(found: Questions, component: ComponentId | None, only: str | None) -> Iterator[Asked]:
    """Yield what is to be asked: threats and business impact by value, who implements controls, then factors of single threats."""
    whole = [each for each in found.factors if each.threat is None and each.value]
    first: list[Question] = sorted([*whole, *found.threats], key=lambda each: -each.value)
    single = [each for each in found.factors if each.threat is not None]
    for each in (*first, *found.controls, *single):
        if only is None or isinstance(each, _OF_KIND[only]):
            yield from (Asked(question=each, component=one) for one in _components(each) if component in (None, one))


def _components(question: Question) -> tuple[ComponentId | None, ...]:
    if isinstance(question, FactorQuestion):
        return question.components or (None,)
    return (question.component,)


class Conflict(MusaError):
    """The file was changed by somebody else since the answer that is to be taken back; nothing was done to it."""

    def __str__(self) -> str:
        return "somebody changed the file since; take the answer out by hand"


class Interview:
    """The open questions of one model, and its answers as they stand in the file now."""

    def __init__(self, work: Work, component: ComponentId | None = None, only: str | None = None) -> None:
        """Raises FilesWrong if the answers cannot be read."""
        self.work, self.component, self.only = work, component, only
        self.file = AnswersFile.of(work.inputs)
        self.written = 0
        self._passed: set[tuple[str, ...]] = set()
        self._before: list[tuple[Asked, bytes | None, bytes]] = []
        self._again: Asked | None = None
        self._would_be: Hypotheses | None = None
        self._text = ""
        self._content: bytes | None = None
        self._load()

    def _load(self) -> bool:
        """Read the file if it is not what was read last; tell whether somebody changed it."""
        problems = Problems()
        text, content = self.file.read(problems)
        known = self._content
        if known == content and not problems.errors:
            return False
        cpim = values.cpim(self.work)
        answers = read_answers(text, self.file.shown, cpim=cpim, catalogs=self.work.catalogs, problems=problems)
        if problems.errors:
            raise FilesWrong(problems)
        if known is not None:
            self._would_be = None
        self._take(text, content, answers)
        return known is not None

    def _take(self, text: str, content: bytes, answers: Answers) -> None:
        self._text, self._content = text, content
        profile = _assess(self.work, self.work.settings.risk)(answers)
        self.questions, self._would_be = _ranked(self.work, answers, profile, self._would_be)

    def left(self) -> int:
        """Return how many questions are still to be asked."""
        return sum(each.key not in self._passed for each in in_order(self.questions, self.component, self.only))

    def next(self) -> Asked | None:
        """Return what is worth most of what was neither answered nor passed over; None when nothing is left."""
        if self._again is not None:
            return self._again
        every = in_order(self.questions, self.component, self.only)
        return next((each for each in every if each.key not in self._passed), None)

    def skip(self, asked: Asked) -> None:
        """Pass over a question for this interview."""
        self._again = None
        self._passed.add(asked.key)

    def ask_again(self, asked: Asked) -> None:
        """Come back to a question; a new answer takes the place of the one that was given."""
        self._passed.discard(asked.key)
        self._again = asked

    def answer(self, asked: Asked, answer: Answer) -> bool:
        """Write an answer; tell whether somebody changed the file meanwhile, whose changes stay.

        Raises NotSafe with the lines to add by hand, FilesWrong if what somebody wrote cannot be read, OutsideFailed.
        """
        changed = self._load()
        cpim = values.cpim(self.work)
        before = self._content or b""
        text = self._text or HEAD.format(name=self.work.place.application)
        try:
            text = with_answer(text, asked.component, answer, cpim)
        except NotSafe:
            self.skip(asked)
            raise
        was_there = self.file.is_there
        content = self.file.write(text, before)
        self._before.append((asked, before if was_there else None, content))
        self._again = None
        self.written += 1
        if isinstance(asked.question, FactorQuestion):
            self._would_be = None
        self._read_again(text, content)
        return changed

    def _read_again(self, text: str, content: bytes) -> None:
        problems = Problems()
        cpim = values.cpim(self.work)
        answers = read_answers(text, self.file.shown, cpim=cpim, catalogs=self.work.catalogs, problems=problems)
        self._take(text, content, answers)

    def undo(self) -> Asked | None:
        """Take the last answer back, from the file too, and ask it again; None if nothing was answered. Raises Conflict."""
        if not self._before:
            return None
        asked, before, after = self._before[-1]
        problems = Problems()
        if self.file.read(problems)[1] != after:
            raise Conflict
        self._before.pop()
        self.written -= 1
        if before is None:
            self.file.remove()
        else:
            self.file.put_back(before)
        self._would_be = None
        text, content = self.file.read(problems)
        self._read_again(text, content)
        self.ask_again(asked)
        return asked

    def by_hand(self, asked: Asked, answer: Answer) -> str:
        """Return the lines that would say an answer in a file that says nothing else."""
        return with_answer("", asked.component, answer, values.cpim(self.work))
