"""TOSCA.meta: which file of an archive is the model (TOSCA 1.3, section 6.2; ETSI GS NFV-SOL 004, section 4.1.2)."""

import shlex
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.domain.source import Span

_KNOWN: Final = ("TOSCA-Meta-File-Version", "CSAR-Version", "Created-By", "Entry-Definitions", "Other-Definitions")
_META_VERSIONS: Final = ("1.0", "1.1", "2.0")
_CSAR_VERSIONS: Final = ("1.0", "1.1", "2.0")
_LINES: Final = 10_000
_LONGEST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Meta:
    """The first block of the file: key -> value, and the place of each value."""

    values: dict[str, str]
    at: dict[str, Span]

    @property
    def others(self) -> tuple[str, ...]:
        """The names of further definitions, divided by blanks or commas; a name with blanks stands in quotes."""
        said = self.values.get("Other-Definitions", "")[:_LONGEST]
        try:
            return tuple(each for each in shlex.split(said.replace(",", " ")) if each)
        except ValueError:  # a quote that is not closed
            return tuple(said.replace(",", " ").replace('"', " ").split())


def read_meta(text: str, file: str, problems: Problems) -> Meta:
    """Return the first block; what cannot be understood in it is a warning, for only the entry matters."""
    values: dict[str, str] = {}
    places: dict[str, Span] = {}
    last = ""
    for number, line in enumerate(text.splitlines()[:_LINES], 1):
        if not line.strip():
            if values:
                break
            continue
        key, colon, value = line.partition(":")
        if line[0] in " \t" and last:  # a value goes on in the next line
            values[last] += " " + line.strip()
            continue
        if not colon or not key.strip():
            problems.warn("Z009", Span(file, number), "this is no line of the form 'Key: value'", help="it is passed over")
            continue
        last = _spelled(key.strip())
        column = len(key) + 2 + len(value) - len(value.lstrip())
        if last in values:
            problems.warn("Z009", Span(file, number), f"{last} is here twice", help="the first counts")
            last = ""
            continue
        values[last], places[last] = value.strip(), Span(file, number, column, max(1, len(value.strip())))
    meta = Meta(values, places)
    _check_versions(meta, file, problems)
    return meta


def _spelled(key: str) -> str:
    """Return a key in the standard's spelling: capitals do not matter."""
    return next((known for known in _KNOWN if known.lower() == key.lower()), key)


def _check_versions(meta: Meta, file: str, problems: Problems) -> None:
    for key, known in (("TOSCA-Meta-File-Version", _META_VERSIONS), ("CSAR-Version", _CSAR_VERSIONS)):
        said = meta.values.get(key)
        if said is None:
            hint = near(key, meta.values) if meta.values else ""
            way_out = hint or f"write '{key}: 1.1'"
            problems.report("Z009", Span(file), f"{key} is missing", help=way_out, severity=Severity.NOTE)
        elif said not in known:
            text = f"{key} {said!r} is not known; it is read like 1.1"
            problems.warn("Z009", meta.at[key], text, help=f"write one of {', '.join(known)}")
