"""What is wrong in the user's files: gathered, with place and way out, and shown at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from musa_pipeline.domain.source import Span

SECRET_CODES = frozenset({"T031", "K050", "K051"})
"""Codes of findings about secrets: no more of the line than the place itself may be shown."""

_LONGEST = 1_000
"""Letters of one sentence."""


_MOST_ALIKE = 10_000
"""Problems of one code and severity that are kept; nobody reads more, and a large type in many places makes millions."""


class Severity(StrEnum):
    """How bad: an error stops the run, a warning does not, a note only tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about a file: stable code, place, sentence, way out.

    `key` names what it is about, where that is more than a place and a sentence: it stays when both change.
    """

    code: str
    at: Span
    text: str
    help: str = ""
    severity: Severity = Severity.ERROR
    key: str = ""

    def __str__(self) -> str:
        return f"{self.at}: {self.severity}[{self.code}]: {self.text}"


class Problems:
    """Gathers problems; the same one at the same place is kept once, and of very many alike the first."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self._errors = 0
        self._alike: Counter[tuple[str, Severity]] = Counter()

    def report(self, code: str, at: Span, text: str, *, help: str = "", severity: Severity = Severity.ERROR) -> None:  # noqa: A002
        """Add one problem."""
        if len(text) > _LONGEST:  # it quotes what somebody wrote, and somebody wrote a key of a million letters
            text = f"{text[:_LONGEST]}…"
        self._add(Problem(code=code, at=at, text=text, help=help, severity=severity))

    def warn(self, code: str, at: Span, text: str, *, help: str = "") -> None:  # noqa: A002
        """Add one problem that does not stop the run."""
        self.report(code, at, text, help=help, severity=Severity.WARNING)

    def extend(self, others: Iterable[Problem]) -> None:
        """Add problems found elsewhere."""
        for each in others:
            self._add(each)

    def _add(self, problem: Problem) -> None:
        if problem in self._found:
            return
        kind = (problem.code, problem.severity)
        self._alike[kind] += 1
        if self._alike[kind] > _MOST_ALIKE + 1:
            return
        if self._alike[kind] > _MOST_ALIKE:
            problem = replace(problem, text=f"there are more than {_MOST_ALIKE:,} findings of this kind; the others are not told")
        self._found.setdefault(problem)
        self._errors += problem.severity is Severity.ERROR

    def __iter__(self) -> Iterator[Problem]:
        order = list(Severity)
        return iter(sorted(self._found, key=lambda each: (order.index(each.severity), each.at, each.code, each.text)))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> int:
        """How many of them stop the run."""
        return self._errors


_MANY = 200
"""Names that are compared in full; of more, those that begin or end most like the one that was written."""


def near(name: str, known: Iterable[str]) -> str:
    """Return the way out for a misspelt name: the nearest known one, or nothing."""
    import difflib  # costs start-up time that a run without mistakes need not pay

    if len(name) > _LONGEST:
        return ""
    names = list(known)
    if len(names) > _MANY:
        names = sorted(names, key=lambda each: (-max(_shared(name, each), _shared(name[::-1], each[::-1])), each))[:_MANY]
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {str(found[0])!r}?" if found else ""  # str: the members of an enum may be the known words


def _shared(one: str, other: str) -> int:
    """Return how many signs two names begin with alike."""
    for count, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return count
    return min(len(one), len(other))
