"""Secrets written into the model in clear: found by names and forms, told by the place of their key, never repeated."""

from collections.abc import Iterator, Set
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Findings, word
from musa_pipeline.text.commands import holds_secret, is_literal, is_secret
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_WAY_OUT: Final = "take it from an input without a default value"


def report_secrets(name: str, body: Mapping, section: str, findings: Findings, what: str = "component") -> None:
    """Warn of each secret written below a key of a mapping."""
    node = body.get(section)
    for key, at in _secrets(section, node, body.keys[section]) if node is not None else ():
        findings.warn("T031", at, f"{what} {name!r} has a secret in clear text in {key!r}", _WAY_OUT)


def report_interface_secrets(name: str, body: Mapping, findings: Findings, told: Set[Span]) -> None:
    """Warn of each secret in inputs and implementations of operations, those told already left out."""
    interfaces = body.get("interfaces")
    pending: list[tuple[str, Node, Span]] = []
    if interfaces is not None:
        pending.append(("interfaces", interfaces, body.keys["interfaces"]))
    while pending:
        key, each, at = pending.pop()
        found: Iterator[tuple[str, Span]] = iter(())
        if key == "inputs":
            found = _secrets(key, each, at)
        elif isinstance(each, Mapping):
            pending.extend((name, value, each.keys[name]) for name, value in each)
        elif isinstance(each, Sequence):
            pending.extend((key, item, at) for item in each.items)
        elif holds_secret(each.text):
            found = iter([(key, at)])
        for secret, place in found:
            if place not in told:
                findings.warn("T031", place, f"component {name!r} has a secret in clear text in {secret!r}", _WAY_OUT)


def report_input_secret(name: str, definition: Node, at: Span, findings: Findings) -> None:
    """Warn of an input for a secret that has one as its default, or as its value."""
    default, place = definition, at
    if isinstance(definition, Mapping):
        key = next((each for each in ("default", "value") if each in definition.entries), "")
        if not key:
            return
        default, place = definition.entries[key], definition.keys[key]
    for _, each in _secrets(name, default, place):
        findings.warn("T031", each, f"input {name!r} has a secret in clear text as its default", "drop the default")


def _secrets(key: str, node: Node, at: Span) -> Iterator[tuple[str, Span]]:
    """Yield the key before each secret, and the place of that key."""
    pending = [(key, node, at)]
    while pending:
        key, each, at = pending.pop()
        if isinstance(each, Scalar):
            if (is_secret(key) and _is_written(each)) or holds_secret(each.text):
                yield key, at
        elif isinstance(each, Sequence):
            pending.extend((key, item, at) for item in each.items)
        else:
            named = word(each.get("name"))
            if named and isinstance(each.get("value"), Scalar):  # a list of environment variables
                pending.append((named, each.entries["value"], each.keys["value"]))
            if not _is_function(each):
                pending.extend((name, value, each.keys[name]) for name, value in each if not (named and name == "value"))


def _is_function(node: Mapping) -> bool:
    first = next(iter(node.entries), "").removeprefix("$")
    return len(node.entries) == 1 and first.startswith(("get_", "concat", "token"))


def _is_written(node: Scalar) -> bool:
    return isinstance(node.value, str | int) and not isinstance(node.value, bool) and is_literal(node.text)
