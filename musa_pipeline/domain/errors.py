"""What stops a stage: raised, with fields, worded in `__str__`."""

from collections.abc import Iterable

from musa_pipeline.domain.problems import Problem


class MusaError(Exception):
    """The root of all errors that we raise on purpose."""


class FilesWrong(MusaError):
    """The user's files cannot be used as they are; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class UsageWrong(MusaError):
    """A flag or an argument cannot be used; exit code 2."""

    def __init__(self, text: str, way_out: str = "") -> None:
        super().__init__(text, way_out)
        self.text, self.way_out = text, way_out

    def __str__(self) -> str:
        return self.text


class OutsideFailed(MusaError):
    """The world did not do its part (disk, server, host); exit code 3."""

    def __init__(self, text: str, way_out: str = "") -> None:
        super().__init__(text, way_out)
        self.text, self.way_out = text, way_out

    def __str__(self) -> str:
        return self.text
