"""Phase 1: text to a tree with places, and the few questions that later phases ask of such a tree."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, read_yaml

EMPTY: Final = Mapping({}, {}, NOWHERE)

_VERSION: Final = re.compile(r"^[\"']?tosca_definitions_version[\"']?\s*:", re.MULTILINE)
_COMPARISONS: Final = 50_000
"""Names compared for suggestions in one run: a file with ten thousand mistakes must not take minutes to say so."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read."""

    file: str
    root: Mapping


class Findings:
    """Reports problems; what only a full dialect forbids is a warning once the file is `lenient`."""

    def __init__(self, problems: Problems) -> None:
        self.problems, self.lenient = problems, False
        self._left = _COMPARISONS

    def error(self, code: str, at: Span, text: str, help: str = "") -> None:  # noqa: A002
        """Report what stops the run."""
        self.problems.report(code, at, text, help=help)

    def warn(self, code: str, at: Span, text: str, help: str = "") -> None:  # noqa: A002
        """Report what does not."""
        self.problems.warn(code, at, text, help=help)

    def note(self, code: str, at: Span, text: str, help: str = "") -> None:  # noqa: A002
        """Report what was decided for the user."""
        self.problems.report(code, at, text, help=help, severity=Severity.NOTE)

    def fault(self, code: str, at: Span, text: str, help: str = "") -> None:  # noqa: A002
        """Report an error; a warning where definitions are missing that could make it right."""
        (self.warn if self.lenient else self.error)(code, at, text, help)

    def near(self, name: str, *known: Collection[str]) -> str:
        """Return the way out for a misspelt name, while there is time left for it."""
        size = sum(map(len, known))
        if size > self._left:
            return ""
        self._left -= size
        return near(name, sorted({each for some in known for each in some}))

    def mapping(self, node: Node | None, what: str) -> Mapping:
        """Return the node as a mapping; an empty one, and an error, if it is something else."""
        if isinstance(node, Mapping):
            return node
        if node is not None and not is_null(node):
            self.fault("T019", node.at, f"{what} must be a mapping of names to values", "write 'name: value' lines below it")
        return EMPTY


def read_document(text: str, file: str, problems: Problems) -> Document | None:
    """Return the file as a tree; None after an error."""
    before = problems.errors
    root = read_yaml(text, file, problems, written_keys=True)
    if isinstance(root, Mapping):
        return Document(file, root)
    if root is not None or problems.errors == before:
        problems.report("T001", root.at if root else Span(file), "a TOSCA file is a mapping", help="see docs/formats/tosca.md")
    return None


def looks_like_tosca(text: str) -> bool:
    """Tell, without reading it, whether a text says that it is TOSCA.

    >>> looks_like_tosca("tosca_definitions_version: tosca_simple_yaml_1_3"), looks_like_tosca("camel model X {}")
    (True, False)
    """
    return bool(_VERSION.search(text))


def is_null(node: Node | None) -> bool:
    """Tell whether nothing was written."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def word(node: Node | None) -> str:
    """Return the text of a scalar, else nothing."""
    return node.text if isinstance(node, Scalar) and node.value is not None else ""


def items(node: Node | None) -> list[Node]:
    """Return the items of a list; one thing stands for a list of one."""
    if isinstance(node, Sequence):
        return node.items
    return [] if node is None or is_null(node) else [node]


def entries(node: Node | None) -> Iterator[tuple[str, Node, Span]]:
    """Yield name, value and place of the name, from a mapping or from a list of one-entry mappings (TOSCA 1.3, 3.8.2)."""
    for each in items(node):
        if isinstance(each, Mapping):
            for name, value in each:
                yield name, value, each.keys[name]


def mapping_in(node: Mapping, key: str) -> Mapping:
    """Return a section as a mapping, an empty one if it is absent or something else."""
    found = node.get(key)
    return found if isinstance(found, Mapping) else EMPTY


def at_path(node: Node | None, *path: str) -> Node | None:
    """Return what stands below these keys, or None."""
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node
