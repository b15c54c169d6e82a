"""What was checked and what was found: the value that every writer of this package takes."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from musa_pipeline.domain.problems import SECRET_CODES, Problem, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One model: the file as it was named or found, how much was read of it, and its findings, worst first.

    `components` is None where no model came out. Findings may lie in files that the model imports. `counts`: further numbers, by name.
    """

    file: str
    language: str = ""
    components: int | None = None
    problems: tuple[Problem, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run of a check over some models.

    `meanings`: code -> (what it means, the way out, the page that says so). `lines`: the lines of each file that findings point at,
    as the reader counted them, without their ends; a file that is not there cannot be shown.
    """

    checked: tuple[Checked, ...]
    version: str
    command: str = "model check"
    meanings: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Every finding once, though several models may import the file it is in."""
        return tuple(dict.fromkeys(each for checked in self.checked for each in checked.problems))

    @cached_property
    def count(self) -> Counter[Severity]:
        """How many findings there are of each severity."""
        return Counter(each.severity for each in self.problems)

    def line(self, problem: Problem) -> str:
        """Return the line that a finding points at; nothing if it is not there."""
        lines = self.lines.get(problem.at.file, ())
        return lines[problem.at.line - 1] if 0 < problem.at.line <= len(lines) else ""


def fingerprint(problem: Problem, line: str, seen: Counter[str]) -> str:
    """Return what makes a finding the same when lines move: its key if it has one, else code, file, sentence and the line itself.

    `seen` counts those alike, so that each has its own; the line of a secret is not in it.
    """
    shown = "" if problem.code in SECRET_CODES else line.strip()
    key = problem.key or f"{problem.code}\n{problem.at.file}\n{problem.text}\n{shown}"
    seen[key] += 1
    return hashlib.sha256(f"{key}\n{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()
