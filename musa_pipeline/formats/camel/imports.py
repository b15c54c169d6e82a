"""Other camel models that one speaks of: CAMEL 2015.9 imports files, CAMEL 2 and 3 name models that lie beside."""

from collections.abc import Callable
from typing import Final

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.lexing import Places
from musa_pipeline.formats.camel.names import Names
from musa_pipeline.text.fetch import Fetch, Missing, shown_address

MOST: Final = 50
"""Files that one model may import."""
_KNOWN: Final = {
    "unit": "unit.camel",
    "type": "type.camel",
    "metric": "metric.camel",
    "location": "location.camel",
    "security": "security.camel",
    "metadata": "MMS.camel",
    "mms": "MMS.camel",
}
"""The files of the models that come with CAMEL, by a word of their names."""
_BY_NAME: Final = ("unit", "type", "metadata", "mms")
"""What is understood by its name alone."""
_NOT_HERE: Final = Missing(why="is not here", way_out="put the file beside the model, or what the model needs from it")
_FAR: Final = Missing(why="is on the network and is not fetched", way_out="save it beside the model and import it by its name")
Read = Callable[[str, str], None]
"""Reads the text of a file into the names."""


class Imports:
    """Reads what a model imports, each file once, and theirs after them."""

    def __init__(self, file: str, fetch: Fetch | None, names: Names, places: Places, problems: Problems) -> None:
        self.fetch, self.names, self.places, self.problems = fetch, names, places, problems
        self.done = {file}
        self.absent: set[str] = set()
        """Models that are not here: what is said of them cannot be checked."""

    def files(self, waiting: list[tuple[str, int, str]], read: Read) -> None:
        """Read imported files, by their names as written, where they are, and in which file."""
        for name, at, importer in waiting:
            where = self.places.at(at, len(name) + 2)
            if len(self.done) > MOST:
                text = f"import {shown_address(name)!r} is one of more than {MOST} files; it is not read"
                self.problems.warn("K006", where, text, help="join them into fewer")
                return
            lacking = self._get(name, importer, read)
            if lacking:
                severity = Severity.ERROR if lacking.wrong else Severity.WARNING
                text = f"import {shown_address(name)!r} {lacking.why}"
                self.problems.report("K006", where, text, help=lacking.way_out, severity=severity)

    def models(self, importer: str, read: Read) -> None:
        """Read the models that references name and nothing read so far is; again, until nothing new is named."""
        more = True
        while more and len(self.done) <= MOST:
            more = False
            for name, reference in self.names.unknown_models().items():
                if name in self.absent:
                    continue
                before = len(self.done)
                any(self._get(each, importer, read) is None for each in _files_of(name))
                more = more or len(self.done) > before
                if not self.names.has(name):
                    self.absent.add(name)
                    self._tell(name, reference.at)

    def _get(self, name: str, importer: str, read: Read) -> Missing | None:
        """Read one file, unless it is read already; return why that cannot be."""
        found = self.fetch(name, importer) if self.fetch and len(self.done) <= MOST else None
        if not isinstance(found, tuple):
            return found or (_FAR if "://" in name else _NOT_HERE)
        if found[0] not in self.done:
            self.done.add(found[0])
            read(found[1], found[0])
        return None

    def _tell(self, name: str, at: Span) -> None:
        word = next((each for each in _KNOWN if each in name.lower()), "")
        known = word in _BY_NAME
        said = "what it means is taken from the names alone" if known else "what is said by its names is not known"
        self.problems.report(
            "K006",
            at,
            f"model {name!r} is not here; {said}",
            help=f"put {_files_of(name)[-1]} beside the model",
            severity=Severity.NOTE if known else Severity.WARNING,
        )


def _files_of(name: str) -> list[str]:
    known = next((file for word, file in _KNOWN.items() if word in name.lower()), "")
    return [f"{name}.camel", *([known] if known else [])]
