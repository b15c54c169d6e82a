"""What the life-cycle operations of a component run: a file beside the model, or a command without a secret."""

import posixpath
from typing import Final

from musa_pipeline.domain.cpim import Script
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import at_path, mapping_in, word
from musa_pipeline.formats.tosca.p4_types import Operation, operations
from musa_pipeline.formats.tosca.templates import Model, Template
from musa_pipeline.text.commands import holds_secret, leaves_the_folder

_OPERATIONS: Final = ("create", "configure", "start", "stop", "delete")


class Scripts:
    """Reads scripts; `told` has the places where a secret was found."""

    def __init__(self, model: Model, file: str) -> None:
        self.model, self.findings, self.file = model, model.findings, file
        self.told: set[Span] = set()

    def of(self, template: Template) -> tuple[Script, ...]:
        """Return what the operations run, in their order; what may not be run is told and left out."""
        found = dict(template.type.operations)
        found.update(operations(template.body.get("interfaces"), template.at.file, template.type.lifecycles))
        artifacts = {**template.type.artifacts, **mapping_in(template.body, "artifacts").entries}
        scripts = []
        for name in _OPERATIONS:
            if name in found:
                run = self.model.values.text(found[name].implementation, template.name)
                artifact = artifacts.get(run)
                file = (word(artifact) or word(at_path(artifact, "file"))) if artifact else ""
                if run and (allowed := self._allowed(name, found[name], file or run, is_file=bool(file))):
                    scripts.append(Script(operation=name, run=allowed))
        return tuple(scripts)

    def image(self, template: Template, image: str) -> str:
        """Return the name of an image; nothing, after an error, if it holds a secret."""
        if not holds_secret(image):
            return image
        text = f"the image of component {template.name!r} has a secret in clear text in its name"
        self.findings.error("T031", template.at, text, "log in to the registry on the machine instead")
        return ""

    def _allowed(self, name: str, operation: Operation, run: str, *, is_file: bool) -> str:
        """Return what is run; nothing, after an error, for a secret and for a file that does not lie beside the model."""
        if holds_secret(run):
            self.told.add(operation.at)
            text = f"operation {name!r} runs a command with a secret in clear text"
            self.findings.error("T031", operation.at, text, "take it from the environment, as in $DB_PASSWORD")
            return ""
        brought = False
        if is_file or len(run.split()) == 1:
            brought = operation.file != self.model.topology.at.file
            run = self._beside_the_model(run.strip(), operation.file)
        elif "\0" not in run:
            return run
        if leaves_the_folder(run):
            text = f"operation {name!r} runs {run!r}, which is not a file in the model's folder"
            # who imports types from another folder cannot mend what they run, and may do without
            report = self.findings.warn if brought else self.findings.error
            report("T035", operation.at, text, "put the script beside the model and write its path from there")
            return ""
        return run

    def _beside_the_model(self, run: str, file: str) -> str:
        """Return a file named in an imported file as it is named from the model's folder."""
        here, there = posixpath.dirname(self.file), posixpath.dirname(file)
        if here == there or "://" in run or run.startswith(("/", "~")):
            return run
        return posixpath.relpath(posixpath.join("/", there, run), posixpath.join("/", here))
