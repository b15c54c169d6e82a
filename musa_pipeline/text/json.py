"""JSON as we hand it to people and to other programs."""

import json
from typing import Any


def readable(value: Any) -> str:
    r"""Return JSON that people can read too; signs that are not printed are escaped, so that no terminal obeys them.

    >>> print(readable("caf\u00e9 \x85 \u202e"), end="")
    "café \u0085 \u202e"
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(each if each.isprintable() else _escaped(each) for each in text.split("\n")) + "\n"


def _escaped(line: str) -> str:
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in line)
