"""What the reader of a file tells: what stops the run, what does not, what it decided for the user."""

from collections.abc import Collection
from typing import Final

from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.domain.source import Span

_COMPARISONS: Final = 50_000
"""Names compared for suggestions in one run."""


class Findings:
    """Reports what is wrong; compares names for suggestions only as long as that takes no time."""

    def __init__(self, problems: Problems) -> None:
        self.problems, self._left = problems, _COMPARISONS

    def error(self, code: str, at: Span, text: str, way_out: str = "") -> None:
        """Report what stops the run."""
        self.problems.report(code, at, text, help=way_out)

    def warn(self, code: str, at: Span, text: str, way_out: str = "") -> None:
        """Report what does not."""
        self.problems.warn(code, at, text, help=way_out)

    def note(self, code: str, at: Span, text: str, way_out: str = "") -> None:
        """Report what was decided for the user."""
        self.problems.report(code, at, text, help=way_out, severity=Severity.NOTE)

    def near(self, name: str, known: Collection[str]) -> str:
        """Return the way out for a misspelt name, while there is time left for it."""
        if len(known) > self._left:
            return ""
        self._left -= len(known)
        return near(name, sorted(known))
