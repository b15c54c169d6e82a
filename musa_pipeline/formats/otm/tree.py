"""An OTM document as entries with ids and places, and every doubt about its shape told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

EMPTY: Final = Mapping({}, {}, NOWHERE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing with an id: a zone, asset, component, data flow, threat or mitigation. `at` is where its id, else it, is written."""

    id: str
    name: str
    body: Mapping
    at: Span

    def place(self, key: str) -> Span:
        """Return where a value is written, else the entry's own place."""
        node = self.body.get(key)
        return node.at if node is not None else self.at


def is_null(node: Node | None) -> bool:
    """Tell whether nothing was written."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def word(node: Node | None) -> str:
    """Return the text of a scalar without blanks around it, else nothing."""
    return node.text.strip() if isinstance(node, Scalar) and node.value is not None else ""


def number(node: Node | None) -> float | None:
    """Return the number that a scalar is, one in quotes too; None if it is none."""
    if not isinstance(node, Scalar) or isinstance(node.value, bool):
        return None
    if isinstance(node.value, int | float):
        return float(node.value)
    text = word(node)
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def items(node: Node | None) -> list[Node]:
    """Return the items of a list; one thing stands for a list of one."""
    if isinstance(node, Sequence):
        return node.items
    return [] if node is None or is_null(node) else [node]


def inside(body: Mapping, key: str) -> Mapping:
    """Return a mapping below a key, an empty one if it is absent or something else."""
    found = body.get(key)
    return found if isinstance(found, Mapping) else EMPTY


def attributes(body: Mapping) -> dict[str, str]:
    """Return the free attributes as text; a list of one-entry mappings, as the standard's page has it, is read too."""
    found: dict[str, str] = {}
    for each in items(body.get("attributes")):
        if isinstance(each, Mapping):
            found |= {key: word(value) for key, value in each}
    return found


def section(root: Mapping, key: str, noun: str, findings: Findings) -> dict[str, Entry]:
    """Return the entries of a section by id, the first of two with one id."""
    found: dict[str, Entry] = {}
    for entry in _entries(root, key, noun, findings):
        first = found.setdefault(entry.id, entry)
        if first is not entry:
            way_out = f"the first is at line {first.at.line}; give each its own"
            report = findings.error if key == "components" else findings.warn
            report("U005", entry.at, f"{noun} {entry.id!r} is here twice", way_out)
    return found


def _entries(root: Mapping, key: str, noun: str, findings: Findings) -> Iterator[Entry]:
    node = root.get(key)
    if isinstance(node, Scalar) and not is_null(node):
        findings.warn("U003", node.at, f"{key!r} is no list", f"write a list of {noun}s below it")
        return
    for each in items(node):
        if isinstance(each, Mapping):
            if entry := _entry(each, noun, findings):
                yield entry
        elif not is_null(each):
            findings.warn("U003", each.at, f"a {noun} must be a mapping", "begin with '- id:' and 'name:'")


def _entry(body: Mapping, noun: str, findings: Findings) -> Entry | None:
    said, named = word(body.get("id")), word(body.get("name"))
    if not said and not named:
        findings.warn("U004", body.at, f"a {noun} has neither id nor name and is left out", "give it both")
        return None
    at = body.entries["id"].at if said else body.at
    if not said or not named:
        missing, other = ("id", named) if named else ("name", said)
        findings.warn("U004", at, f"{noun} {other!r} has no {missing}; it is called {other!r}", f"add its {missing}")
    return Entry(said or named, " ".join((named or said).split()), body, at)
