"""What is known of a document that somebody hands over: check by check, whether it holds, and why not."""

from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.problems import Problem, Severity


class Outcome(StrEnum):
    """How a check ended; what could not be looked at is never told as held."""

    HELD = "held"
    FAILED = "failed"
    LEFT = "not checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of one document: a sentence on what was seen, and the findings that made it fail.

    `text` is empty when the findings say it all; `way_out` is for a check that was left.
    """

    name: str
    outcome: Outcome
    text: str = ""
    way_out: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """All checks of one document. `id` is what it calls itself, `digest` the SHA-256 of what is signed or would be, in hex."""

    file: str
    id: str
    digest: str
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Tell whether no check failed."""
        return all(each.outcome is not Outcome.FAILED for each in self.checks)


def check_of(name: str, problems: tuple[Problem, ...], held: str) -> Check:
    """Return a check that fails by its errors, and holds with this sentence otherwise."""
    failed = any(each.severity is Severity.ERROR for each in problems)
    return Check(name=name, outcome=Outcome.FAILED if failed else Outcome.HELD, text="" if failed else held, problems=problems)
