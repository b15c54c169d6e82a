"""What the last run made of what, so that a run does only what changed; kept in `.musa/`, which Git does not see."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from musa_pipeline.workspace.files import digest_of, write_whole
from musa_pipeline.workspace.inputs import Inputs
from musa_pipeline.workspace.places import Place


@dataclass(slots=True)
class Made:
    """One stage of the last run: digests of what it read and of what it wrote, by name, and its result in a line."""

    inputs: dict[str, str | None] = field(default_factory=dict)
    outputs: dict[str, str | None] = field(default_factory=dict)
    said: str = ""


class Memory:
    """Loads and saves the stages of one application."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.file = place.out / ".musa" / f"{place.application}.json"
        self.stages = _load(self.file, str(place.model))

    def fresh(self, stage: str, inputs: Inputs) -> bool:
        """Tell whether a stage would make the same again: nothing it read changed, and what it wrote is still there."""
        made = self.stages.get(stage)
        if made is None or not made.outputs:
            return False
        return all(inputs.token(name) == was for name, was in made.inputs.items()) and all(
            digest_of(self.place.out / name) == was for name, was in made.outputs.items()
        )

    def keep(self, stage: str, made: Made) -> None:
        """Remember a stage; saved at once, so that an interrupted run is continued where it was."""
        self.stages[stage] = made
        ignore = self.file.parent / ".gitignore"
        if not ignore.exists():
            write_whole(ignore, b"*\n")
        stages = {
            name: {"inputs": each.inputs, "outputs": each.outputs, "said": each.said}
            for name, each in sorted(self.stages.items())
        }
        text = json.dumps({"model": str(self.place.model), "stages": stages}, indent=1, sort_keys=True)
        write_whole(self.file, text.encode())


def _load(file: Path, model: str) -> dict[str, Made]:
    try:
        kept = json.loads(file.read_bytes())
        if kept["model"] != model:
            return {}
        return {
            name: Made(dict(each["inputs"]), dict(each["outputs"]), str(each["said"])) for name, each in kept["stages"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # no memory, or a damaged one: everything is made anew
