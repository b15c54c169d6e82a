"""Single fields of a policy: times, counts in a time, shares, words, addresses and lists of them."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.policies.words import SEVERITIES
from musa_pipeline.text.expect import form_of, is_nothing, text_of, value_of, way_out
from musa_pipeline.text.quantity import read_quantity
from musa_pipeline.text.yaml import Mapping as Tree
from musa_pipeline.text.yaml import Node, Scalar
from musa_pipeline.text.yaml import Sequence as Listed

_COUNT: Final = re.compile(r"(\d{1,6})\s+in\s+(\S.*)")
_LONGEST: Final = 366 * 86400.0


class Fields:
    """Reads fields, and reports what cannot be one."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def near(self, name: str, known: Iterable[str]) -> str:
        """Return the nearest known name as a way out."""
        return near(name, known)

    def items(self, node: Node | None, named: str) -> list[Node]:
        """Return the items of a list; nothing is an empty one."""
        if node is None or is_nothing(node):
            return []
        if not isinstance(node, Listed):
            self.problems.report(
                "P001", node.at, f"{named!r} must be a list, not {form_of(node)}", help="begin each item with '- '"
            )
            return []
        return node.items

    def word(self, node: Node | None, named: str, words: Sequence[str]) -> str | None:
        """Return a word, one of some if some are given; None if nothing is said or it is none of them."""
        if node is None or is_nothing(node):
            return None
        text = text_of(node).strip()
        if not text:
            self.problems.report("P001", node.at, f"{named!r} is a word, not {form_of(node)}")
            return None
        return self.one_of(text, node.at, named, words) if words else text

    def one_of(self, text: str, at: Span, named: str, words: Sequence[str]) -> str | None:
        """Return the word if it is known."""
        if text in words:
            return text
        way = way_out(text, words, f"one of {', '.join(words)}", self.problems)
        self.problems.report("P004", at, f"{named!r} cannot be {text!r}", help=way)
        return None

    def severity(self, node: Node, named: str) -> str | None:
        """Return how bad something is."""
        return self.word(node, named, SEVERITIES)

    def seconds(self, node: Node | None, named: str, *, least: float = 0.0) -> float | None:
        """Return a time in seconds."""
        if node is None or is_nothing(node):
            return None
        found = read_quantity(value_of(node), "s")
        if found is None or not least <= found <= _LONGEST:
            self.problems.report("P005", node.at, f"{named!r} is a time such as 30s or 10m, not {form_of(node)}")
            return None
        return float(found)

    def share(self, node: Node | None, named: str) -> float | None:
        """Return a share from 0 to 1; percent are written with their sign."""
        if node is None or is_nothing(node):
            return None
        value = value_of(node)
        if isinstance(value, str) and value.strip().endswith("%"):
            percent = read_quantity(value.strip().removesuffix("%").strip(), "%")
            found = None if percent is None else percent / 100
        else:
            found = None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
        if found is None or not 0 <= found <= 1:
            self.problems.report("P005", node.at, f"{named!r} is a share such as 0.7 or 20 %, not {form_of(node)}")
            return None
        return found

    def count(self, node: Node | None, named: str) -> tuple[int, float] | None:
        """Return how many in how many seconds: `3 in 10m`."""
        if node is None:
            return None
        found = _COUNT.fullmatch(text_of(node).strip())
        seconds = read_quantity(found[2], "s") if found else None
        if not found or not seconds or not 0 < seconds <= _LONGEST or int(found[1]) < 1:
            self.problems.report("P005", node.at, f"{named!r} is a number in a time such as '3 in 10m', not {form_of(node)}")
            return None
        return int(found[1]), float(seconds)

    def address(self, node: Node, named: str) -> str | None:
        """Return the address of one machine, as it is usually written."""
        try:
            return str(ip_address(text_of(node).strip()))
        except ValueError:
            way = "an IPv4 or IPv6 address, or event.source"
            self.problems.report("P006", node.at, f"{named!r} is an address, not {form_of(node)}", help=way)
            return None

    def lists(self, tree: Tree) -> dict[str, tuple[str, ...]]:
        """Return named lists; an item that looks like an address must be one, or a network."""
        found = {}
        for name, node in tree:
            items = []
            for each in self.items(node, name):
                if not isinstance(each, Scalar) or is_nothing(each):
                    self.problems.report("P001", each.at, f"an item of {name!r} is a word, not {form_of(each)}")
                elif re.fullmatch(r"[0-9.]+(/\d+)?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(/\d+)?", each.text) and not _network(each.text):
                    self.problems.report("P006", each.at, f"{each.text!r} is neither an address nor a network")
                else:
                    items.append(each.text.strip())
            found[name] = tuple(items)
        return found


def _network(text: str) -> bool:
    try:
        ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return True
