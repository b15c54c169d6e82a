"""Secrets written into the model in clear: found by the names of properties, told by place, never repeated."""

import re
from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Findings, entries, word
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_WORDS: Final = frozenset(
    {"password", "passwd", "pwd", "pass", "passphrase", "secret", "token", "credential", "credentials", "apikey"}
)
_PAIRS: Final = ("api-key", "private-key", "access-key", "secret-key", "auth-key")
_LAST: Final = (
    "type name file path url uri id length policy required enabled expiry ttl lifetime description ref reference"
    " store manager count"
)
_ABOUT: Final = frozenset(_LAST.split())
"""Last words of properties that are about a secret, not the secret."""
_KEY: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_LONGEST: Final = 200
_NOT_SECRET: Final = frozenset({"", "true", "false", "yes", "no", "null", "none"})


def is_secret(name: str) -> bool:
    """Tell whether a property of this name holds a secret.

    >>> is_secret("db_password"), is_secret("secretKey"), is_secret("token_type"), is_secret("keyboard")
    (True, True, False, False)
    """
    words = slug(name[:_LONGEST]).split("-")
    if words[-1] in _ABOUT:
        return False
    return bool(_WORDS & set(words)) or any(pair in "-".join(words) for pair in _PAIRS)


def report_secrets(name: str, node: Node | None, findings: Findings, what: str = "component") -> None:
    """Warn of each secret written below a node."""
    for key, at in _secrets(node):
        findings.warn(
            "T031", at, f"{what} {name!r} has a secret in clear text in {key!r}", "take it from an input without a default value"
        )


def report_input_secret(name: str, definition: Node, findings: Findings) -> None:
    """Warn of an input for a secret that has one as its default."""
    default = definition.get("default") if isinstance(definition, Mapping) else None
    if is_secret(name) and isinstance(default, Scalar) and _is_literal(default):
        findings.warn("T031", default.at, f"input {name!r} has a secret in clear text as its default", "drop the default")


def _secrets(node: Node | None) -> Iterator[tuple[str, Span]]:
    pending: list[tuple[str, Node]] = [("", node)] if node is not None else []
    while pending:
        key, each = pending.pop()
        if isinstance(each, Scalar):
            if (key and is_secret(key) and _is_literal(each)) or _KEY.search(each.text):
                yield key, each.at
        elif isinstance(each, Sequence):
            pending.extend((key, item) for item in each.items)
        else:
            named = word(each.get("name"))
            if named and isinstance(each.get("value"), Scalar):  # a list of environment variables
                pending.append((named, each.entries["value"]))
            if not (
                len(each.entries) == 1 and next(iter(each.entries)).removeprefix("$").startswith(("get_", "concat", "token"))
            ):
                pending.extend((name, value) for name, value in each if not (named and name == "value"))


def inputs_of(interfaces: Node | None) -> Iterator[Node]:
    """Yield the inputs of interfaces and their operations, in the short and the long form."""
    for _, interface, _ in entries(interfaces):
        pending = [interface]
        while pending:
            each = pending.pop()
            if isinstance(each, Mapping):
                inputs = each.get("inputs")
                if inputs is not None:
                    yield inputs
                pending.extend(value for key, value in each if key not in {"inputs", "implementation"})


def _is_literal(node: Scalar) -> bool:
    return isinstance(node.value, str | int) and not isinstance(node.value, bool) and node.text.lower() not in _NOT_SECRET
