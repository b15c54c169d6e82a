"""Why a signature does not count: one reason at a time, for after the first nothing in it can be believed."""

from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.problems import Problem
from musa_pipeline.domain.source import Span


class Refused(MusaError):
    """A signature, a key or a certificate that does not count; carries the finding, whose file is named by who catches it."""

    def __init__(self, code: str, text: str, way_out: str = "", line: int = 1) -> None:
        super().__init__(code, text, way_out, line)
        self.code, self.text, self.way_out, self.line = code, text, way_out, line

    def __str__(self) -> str:
        return self.text

    def problem(self, file: str) -> Problem:
        """Return the finding at its place."""
        return Problem(code=self.code, at=Span(file, self.line), text=self.text, help=self.way_out)
