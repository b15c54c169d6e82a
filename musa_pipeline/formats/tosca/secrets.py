"""Secrets written into the model in clear: found by names and forms, told by the place of their key, never repeated."""

from collections.abc import Iterator, Set
from functools import lru_cache
from typing import Final

from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Findings, at_path, word
from musa_pipeline.formats.tosca.templates import Model, Template, definitions
from musa_pipeline.formats.tosca.values import function_of
from musa_pipeline.text.commands import holds_secret, is_literal
from musa_pipeline.text.commands import is_secret as _is_secret
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

is_secret: Final = lru_cache(maxsize=4096)(_is_secret)
"""Remembered: a model says the same names again and again."""
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


def credentials_of(model: Model, template: Template) -> frozenset[str]:
    """Return the properties that the template's types declare as credentials, one or many (TOSCA 1.3, section 5.3.2)."""
    found = set()
    for name, body, _ in definitions(model.types, "node_types", template.type.chain, "properties"):
        schema = body.get("entry_schema") if isinstance(body, Mapping) else None
        kinds = (
            (body.get("type"), schema.get("type") if isinstance(schema, Mapping) else schema) if isinstance(body, Mapping) else ()
        )
        if any(word(each).rpartition(".")[2].rpartition(":")[2] == "Credential" for each in kinds):
            found.add(name)
    return frozenset(found)


def report_credentials(name: str, properties: Mapping, credentials: Set[str], findings: Findings) -> None:
    """Warn of keys of a credential that are written out; its token is told by its name."""
    for credential in credentials & properties.entries.keys():
        keys = at_path(properties.entries[credential], "keys")
        for key, node in keys if isinstance(keys, Mapping) else ():
            if isinstance(node, Scalar) and _is_written(node) and not is_secret(key):
                text = f"component {name!r} has a secret in clear text in {key!r}"
                findings.warn("T031", keys.keys[key] if isinstance(keys, Mapping) else node.at, text, _WAY_OUT)


def report_input_secret(name: str, definition: Node, at: Span, findings: Findings, kind: str = "") -> None:
    """Warn of an input for a secret that has one as its default, or as its value; all of a credential's is one."""
    default, place = definition, at
    if isinstance(definition, Mapping):
        key = next((each for each in ("default", "value") if each in definition.entries), "")
        if not key:
            return
        default, place = definition.entries[key], definition.keys[key]
    credential = kind.rpartition(".")[2] == "Credential" and isinstance(default, Scalar) and _is_written(default)
    for each in [place] if credential else [each for _, each in _secrets(name, default, place)]:
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
            if not function_of(each):
                pending.extend((name, value, each.keys[name]) for name, value in each if not (named and name == "value"))


def _is_written(node: Scalar) -> bool:
    return isinstance(node.value, str | int) and not isinstance(node.value, bool) and is_literal(node.text)
