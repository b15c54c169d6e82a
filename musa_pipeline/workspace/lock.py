"""`imports.lock`: what was fetched from the network once, by its digest, so that it stays what it was."""

from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, read_yaml

NAME: Final = "imports.lock"
_HEAD: Final = """\
# What this model imports from the network, as it was when it was fetched. Written by musa --fetch; commit it.
# To take a changed file, remove its entry and run musa with --fetch again.
"""
_DIGEST: Final = 64
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Pin:
    """One address and what is there. `at`: where the lock says so."""

    url: str
    sha256: str
    size: int
    at: Span


def read_lock(text: str, file: str, problems: Problems) -> dict[str, Pin]:
    """Return the pins by address; W010 for what is none."""
    found: dict[str, Pin] = {}
    notes = Problems()
    tree = read_yaml(text, file, notes)
    problems.extend(each for each in notes if each.code != "Y006")
    items = tree.get("imports") if isinstance(tree, Mapping) else None
    if tree is not None and not isinstance(items, Sequence):
        _wrong(items or tree, "has no list of imports", problems)
    for each in items.items if isinstance(items, Sequence) else ():
        pin = _pin(each)
        if pin is None:
            _wrong(each, "needs url, sha256 (64 hex digits) and size", problems)
        elif pin.url in found:
            _wrong(each, "is a second pin for one address", problems)
        else:
            found[pin.url] = pin
    return found


def write_lock(pins: dict[str, Pin]) -> bytes:
    """Return the lock as text, in the order of addresses."""
    lines = [_HEAD + "imports:"]
    for url in sorted(pins):
        pin = pins[url]
        lines += [f"  - url: {_quoted(url)}", f"    sha256: {pin.sha256}", f"    size: {pin.size}"]
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _pin(node: Node) -> Pin | None:
    if not isinstance(node, Mapping):
        return None
    url, sha256, size = (node.get(each) for each in ("url", "sha256", "size"))
    if not (isinstance(url, Scalar) and isinstance(sha256, Scalar) and isinstance(size, Scalar)):
        return None
    if len(sha256.text) != _DIGEST or not set(sha256.text) <= _HEX or type(size.value) is not int:
        return None
    return Pin(url.text, sha256.text, size.value, url.at)


def _wrong(node: Node, said: str, problems: Problems) -> None:
    problems.report("W010", node.at, f"the lock {said}", help="remove the entry, or the file, and run with --fetch")
