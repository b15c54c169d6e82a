"""A mapping whose keys are asked for by name: what is missing, misspelt or of the wrong shape is reported."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.text.expect import form_of, is_nothing, mapping_of, only, text_of, value_of, way_out
from musa_pipeline.text.yaml import Mapping, Node, Scalar
from musa_pipeline.text.yaml import Sequence as List

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,14}")
"""The kernel keeps 15 signs of a map's name."""


def named(name: str, form: re.Pattern[str], at: Span, wanted: str, problems: Problems) -> str:
    """Return a name; one that cannot be is reported. Nothing was reported already where nothing is."""
    if name and not form.fullmatch(name):
        problems.report("B005", at, f"{name!r} cannot be a name here", help=wanted)
    return name


class Entry:
    """A mapping under reading."""

    def __init__(self, node: Mapping, what: str, known: Sequence[str], problems: Problems) -> None:
        self.node, self.what, self.problems = node, what, problems
        only(node, known, what, "B002", problems)

    def place(self, key: str) -> Span:
        """Return where the value of a key is, or the mapping when the key is absent."""
        node = self.node.get(key)
        return node.at if node else self.node.at

    def _missing(self, key: str, wanted: str) -> None:
        self.problems.report("B001", self.node.at, f"{self.what} has no {key!r}", help=f"add {key}: {wanted}")

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        node = self.node.get(key)
        said = text_of(node).strip()
        if not said:
            self._missing(key, "a text") if is_nothing(node) else self._wrong(node, key, "a text")
        return said

    def _wrong(self, node: Node | None, key: str, wanted: str) -> None:
        if node is not None:
            self.problems.report("B001", node.at, f"{key!r} must be {wanted}, not {form_of(node)}")

    def word(self, key: str, known: Sequence[str]) -> str:
        """Return one of the known words; the first stands in for what cannot be used."""
        node = self.node.get(key)
        if is_nothing(node):
            self._missing(key, f"one of {', '.join(known)}")
            return known[0]
        said = text_of(node)
        if said in known:
            return said
        help = way_out(said, known, f"one of {', '.join(known)}", self.problems)  # noqa: A001
        self.problems.report("B003", self.place(key), f"{key!r} cannot be {said!r}", help=help)
        return known[0]

    def flag(self, key: str, *, default: bool) -> bool:
        """Return yes or no."""
        node = self.node.get(key)
        value = value_of(node)
        if isinstance(value, bool):
            return value
        if not is_nothing(node):
            self._wrong(node, key, "true or false")
        return default

    def number(self, key: str, lowest: int, highest: int, instead: int) -> int:
        """Return a whole number within bounds that must be there."""
        node = self.node.get(key)
        if is_nothing(node):
            self._missing(key, f"a whole number from {lowest} to {highest}")
            return instead
        value = value_of(node)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.problems.report("B004", self.place(key), f"{key!r} must be a whole number from {lowest} to {highest}")
            return instead
        return value

    def range(self, key: str, most: int) -> tuple[int, int]:
        """Return two whole numbers, the lower first."""
        node = self.node.get(key)
        if is_nothing(node):
            self._missing(key, "[lowest, highest]")
            return 0, most
        values = [value_of(each) for each in node.items] if isinstance(node, List) else []
        whole = [each for each in values if isinstance(each, int) and not isinstance(each, bool) and 0 <= each <= most]
        if len(values) != 2 or len(whole) != 2 or whole[0] > whole[1]:
            help = f"write [lowest, highest], whole numbers from 0 to {most}"  # noqa: A001
            self.problems.report("B004", self.place(key), f"{key!r} is no range", help=help)
            return 0, most
        return whole[0], whole[1]

    def names(self, key: str) -> list[tuple[str, Span]]:
        """Return names with their places; one alone counts as a list of one, none at all as none."""
        node = self.node.get(key)
        found = []
        for each in node.items if isinstance(node, List) else [] if node is None or is_nothing(node) else [node]:
            if isinstance(each, Scalar) and each.value is not None:
                found.append((each.text, each.at))
            else:
                self._wrong(each, key, "a list of names")
        return found

    def parts(self, key: str) -> Iterator[tuple[str, Node]]:
        """Yield name and node of a mapping that may be left out."""
        yield from mapping_of(self.node.get(key), repr(key), "B001", self.problems) or ()
