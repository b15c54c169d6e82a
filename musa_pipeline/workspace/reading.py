"""What those who look for imported files need of the one who reads them."""

from pathlib import Path
from typing import Protocol

from musa_pipeline.domain.problems import Problems
from musa_pipeline.workspace.places import Place


class Reads(Protocol):
    """Reads files of one model and remembers in `seen` what was read, or was looked for in vain."""

    place: Place
    problems: Problems
    seen: dict[str, str | None]

    def text(self, path: Path, *, optional: bool = False, shown: str = "", anywhere: bool = False) -> str | None:
        """Return a file's text; None if it is absent (when optional) or, with a finding, cannot be read."""
        ...

    def catalog(self, folder: str) -> dict[str, str]:
        """Return the files of one catalog folder."""
        ...

    def allowed(self, path: Path) -> bool:
        """Tell whether a path leads to where files of this model may be."""
        ...

    def shown(self, path: Path) -> str:
        """Return how a path is written in findings."""
        ...

    def name(self, path: Path) -> str:
        """Return the name under which an input is remembered."""
        ...
