"""The interview on a terminal or a pipe: a question, an answer that is written at once, the next question."""

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TextIO

import click

from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.render.questions import card, prompt, why
from musa_pipeline.domain.answers import ControlAnswer, FactorAnswer, Grant, QuestionAnswer
from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.question import ControlQuestion, FactorQuestion, Question, ThreatQuestion
from musa_pipeline.formats.answers import Answer, NotSafe
from musa_pipeline.stages.questions import Asked, Conflict, Interview
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

STOPPED = 130
"""The exit code of what was stopped by hand."""
_LONGEST = 2_000
"""Letters of a line that are read: an answer with its reason."""


class Wish(Enum):
    """What may be said instead of an answer."""

    WHY = auto()
    SKIP = auto()
    BACK = auto()
    UNDO = auto()
    QUIT = auto()


_WISHES = {
    **dict.fromkeys(("?", "why"), Wish.WHY),
    **dict.fromkeys(("s", "skip"), Wish.SKIP),
    **dict.fromkeys(("b", "back"), Wish.BACK),
    **dict.fromkeys(("u", "undo"), Wish.UNDO),
    **dict.fromkeys(("q", "quit", "exit"), Wish.QUIT),
}
_YES_NO = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}


def understood(line: str, question: Question) -> Answer | Wish | None:
    """Return what a line says: an answer, its reason behind it, or a wish; None if it is neither."""
    first, _, rest = line.strip().partition(" ")
    word = first.rstrip(",;:.").lower()
    if word in _WISHES:
        return _WISHES[word]
    because = " ".join(rest.split()).removeprefix("because ").strip()
    match question:
        case ThreatQuestion(threat=threat) if word in _YES_NO:
            return QuestionAnswer(threat=threat, yes=_YES_NO[word], because=because)
        case FactorQuestion(factor=factor, threat=threat_or_all) if len(word) == 1 and word in "0123456789":
            return FactorAnswer(factor=factor, threat=threat_or_all, value=int(word), because=because)
        case ControlQuestion(control=control):
            meant = [each for each in Grant if word and each.startswith(word)]
            return ControlAnswer(control=control, by=meant[0], because=because) if len(meant) == 1 else None
    return None


def ask(outlet: Outlet, work: Work, component: ComponentId | None, only: str | None) -> int:
    """Ask until nothing is left, the user quits, or the input ends; return the exit code.

    Raises UsageWrong when nobody can answer, or when a piped line is no answer.
    """
    lines = _Lines(outlet, _input())
    talk = _Talk(outlet, work, Interview(work, component, only), lines)
    try:
        code = talk.go_on()
    except KeyboardInterrupt:
        code = STOPPED
    talk.close()
    return code


def _input() -> TextIO:
    stream = sys.stdin
    if stream is None or stream.closed:
        raise _nobody()
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


def _nobody() -> UsageWrong:
    return UsageWrong("there is nobody to answer: standard input is closed", "run it in a terminal, or pipe answers, one a line")


class _Lines:
    """What is answered, line by line, with a prompt before each."""

    def __init__(self, outlet: Outlet, stream: TextIO) -> None:
        self.outlet, self.stream = outlet, stream
        self.number = 0
        self.watched = stream.isatty()

    def read(self, before: str) -> str | None:
        """Return the next line that says something; None at the end."""
        while True:
            if self.watched:
                self.outlet.err(before, newline=False)
            line = self.stream.readline(_LONGEST)
            if not line:
                return None
            self.number += 1
            if line.strip() or self.watched:
                return line.strip()


@dataclass(slots=True)
class _Talk:
    outlet: Outlet
    work: Work
    interview: Interview
    lines: _Lines
    asked: list[Asked] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)

    def go_on(self) -> int:
        while (now := self.interview.next()) is not None:
            self.outlet.out(card(self.work, now, self.interview.left()))
            said = self._said(now)
            match said:
                case None if not self.lines.number:
                    raise _nobody()
                case None | Wish.QUIT:
                    break
                case Wish.SKIP:
                    self.interview.skip(now)
                    self.asked.append(now)
                case Wish.BACK:
                    self._back()
                case Wish.UNDO:
                    self._undo()
                case Wish.WHY:
                    self.outlet.out(why(self.work, now))
                case _:
                    if not self._write(now, said):
                        return 2
        return 1 if self.by_hand else 0

    def _said(self, now: Asked) -> Answer | Wish | None:
        """Return what is said to a question; a line that says nothing known is asked again, in a pipe it ends the run."""
        while (line := self.lines.read(prompt(now.question))) is not None:
            said = understood(line, now.question)
            if said is None and not self.lines.watched:
                raise UsageWrong(
                    f"line {self.lines.number} of the answers, {line[:80]!r}, is no answer to {' '.join(filter(None, now.key))}",
                    f"what was answered before it is written ({count(self.interview.written, 'answer')})",
                )
            if said is not None:
                return self._with_reason(said) if self.lines.watched else said
        return None

    def _with_reason(self, said: Answer | Wish) -> Answer | Wish:
        if isinstance(said, Wish) or said.because:
            return said
        from dataclasses import replace

        reason = self.lines.read("  because (one line; enter for none) › ")
        return replace(said, because=" ".join((reason or "").split()))

    def _back(self) -> None:
        if self.asked:
            self.interview.ask_again(self.asked.pop())
        else:
            self.outlet.err("  this is the first question")

    def _undo(self) -> None:
        try:
            taken = self.interview.undo()
        except Conflict as error:
            self.outlet.err(f"  {error}: {self.interview.file.shown}")
            return
        if taken is None:
            self.outlet.err("  nothing was answered in this interview")
            return
        self.asked = [each for each in self.asked if each.key != taken.key]
        self.outlet.out(f"  taken back: {' '.join(filter(None, taken.key))}")

    def _write(self, now: Asked, said: Answer) -> bool:
        """Write an answer; False if the user's file is broken and nobody mends it."""
        while True:
            try:
                if self.interview.answer(now, said):
                    self.outlet.err(
                        f"  {self.interview.file.shown} was changed meanwhile; it was read again, and all of it stays"
                    )
                self.asked.append(now)
                return True
            except NotSafe as refused:
                self.by_hand.append(refused.lines)
                self.outlet.err(f"  {refused}; add to {self.interview.file.shown} by hand:\n{_indented(refused.lines)}")
                return True
            except FilesWrong as error:
                self.outlet.wrong(error)
                line = self.lines.read("  your answer is kept: mend the file, then press enter (q quits) › ")
                if line is None or understood(line, now.question) is Wish.QUIT:
                    self.by_hand.append(self.interview.by_hand(now, said))
                    return False

    def close(self) -> None:
        """Say what was done, what is left, and the next command."""
        for lines in self.by_hand:
            self.outlet.err(f"not written; add to {self.interview.file.shown} by hand:\n{_indented(lines)}")
        left = sum(1 for _ in _open(self.interview))
        name = called(self.work.place)
        done = f"{count(self.interview.written, 'answer')} written to {self.interview.file.shown}"
        self.outlet.out(f"\n{click.style(done, bold=True)} · {count(left, 'question')} open · musa risk {name}")


def _open(interview: Interview) -> Iterator[object]:
    yield from interview.questions.threats
    yield from (each for each in interview.questions.factors if each.threat is None and each.value)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines.split("\n"))
