"""What the last run made of what, so that a run does only what changed; kept in `.musa/`, which Git does not see."""

import json
from dataclasses import dataclass, field
from typing import Any

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import OURS, digest_of, write_whole
from musa_pipeline.workspace.inputs import Inputs
from musa_pipeline.workspace.places import Place


@dataclass(slots=True)
class Made:
    """One stage of the last run: digests of what it read and of what it wrote, by name, its result in a line, its warnings."""

    inputs: dict[str, str | None] = field(default_factory=dict)
    outputs: dict[str, str | None] = field(default_factory=dict)
    said: str = ""
    problems: list[Problem] = field(default_factory=list)


class Memory:
    """Loads and saves the stages of one application."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.file = place.out / ".musa" / f"{place.application}.json"
        self.model = place.shown(place.model)
        self.stages = self._load()

    def fresh(self, stage: str, inputs: Inputs) -> bool:
        """Tell whether a stage would make the same again: nothing it read changed, and what it wrote is still there."""
        made = self.stages.get(stage)
        if made is None or not made.outputs:
            return False
        return all(inputs.token(name) == was for name, was in made.inputs.items()) and all(
            digest_of(self.place.out / name, OURS) == was for name, was in made.outputs.items()
        )

    def keep(self, stage: str, made: Made) -> None:
        """Remember a stage; saved at once, so that an interrupted run is continued where it was."""
        self.stages[stage] = made
        ignore = self.file.parent / ".gitignore"
        if not ignore.exists():
            write_whole(ignore, b"*\n")
        stages = {
            name: {
                "inputs": each.inputs,
                "outputs": each.outputs,
                "said": each.said,
                "problems": [_plain(one) for one in each.problems],
            }
            for name, each in sorted(self.stages.items())
        }
        text = json.dumps({"model": self.model, "stages": stages}, indent=1, sort_keys=True)
        write_whole(self.file, text.encode())

    def _load(self) -> dict[str, Made]:
        try:
            kept = json.loads(self.file.read_bytes())
            found = {
                str(name): Made(
                    {str(key): each["inputs"][key] for key in each["inputs"]},
                    {str(key): each["outputs"][key] for key in each["outputs"] if self._ours(str(key))},
                    str(each["said"]),
                    [_problem(one) for one in each["problems"]],
                )
                for name, each in kept["stages"].items()
            }
            other = str(kept["model"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}  # no memory, or a damaged one: everything is made anew
        if other != self.model:
            self._refuse(other)
            return {}
        return found

    def _ours(self, name: str) -> bool:
        """Tell whether a name is one that we may write and remove; the file may have come with a repository of others."""
        return ".." not in name.split("/") and name.startswith((f"{self.place.sla}/", f"{self.place.playbook}/"))

    def _refuse(self, other: str) -> None:
        if (self.place.root / other).is_file() and (self.place.out / self.place.sla).is_dir():
            raise UsageWrong(
                f"{self.place.sla} was made from {other}, and {self.model} would write over it",
                f"give one of them another name, or -o DIR; or remove {self.place.sla} first",
            )


def _plain(problem: Problem) -> list[str | int]:
    at = problem.at
    return [problem.code, at.file, at.line, at.column, at.length, problem.text, problem.help, str(problem.severity)]


def _problem(plain: list[Any]) -> Problem:
    code, file, line, column, length, text, way_out, severity = plain
    at = Span(str(file), int(line), int(column), int(length))
    return Problem(code=str(code), at=at, text=str(text), help=str(way_out), severity=Severity(severity))
