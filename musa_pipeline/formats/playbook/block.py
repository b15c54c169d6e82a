"""YAML out, in block style: same value, same bytes; text from a model can never become a template.

Our own few lines, for two reasons: a plan of ten thousand components is written in a second, and a text that Jinja would
evaluate is tagged `!unsafe`, which tells Ansible to take it as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias, TypeGuard

Data: TypeAlias = str | int | float | bool | Sequence["Data"] | Mapping[str, "Data"] | None

WIDTH: Final = 100
"""Characters of a text on one line; the linters of generated files draw their line at 160."""
LONGEST_KEY: Final = 1000
"""A longer key needs the sign `?` before it (YAML 1.2.2, section 8.2.2)."""

_PLAIN: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./(),-]+)*")
_WORDS: Final = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_TEMPLATE: Final = re.compile(r"\{[{%#]")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ODD: Final = re.compile(r'["\\]|[^ -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]')


def write_yaml(data: Data) -> str:
    """Return one document.

    >>> print(write_yaml([{"name": "web", "note": "{{ 7 * 7 }}", "ports": [80], "none": []}]), end="")
    ---
    - name: web
      note: !unsafe "{{ 7 * 7 }}"
      ports:
        - 80
      none: []
    """
    return "---\n" + block(data)


def block(data: Data, indent: int = 0) -> str:
    """Return a value in block style, each line indented."""
    out: list[str] = []
    pad = " " * indent
    _lines(data, pad, pad, out.append)
    return "".join(out)


def _lines(data: Data, first: str, pad: str, say: Callable[[str], None]) -> None:
    """Say the lines of a value: the first stands behind what is already there, the dash of a list, the others behind `pad`."""
    if not _nested(data):
        say(f"{first}{_scalar(data, pad)}\n")
    elif isinstance(data, Mapping):
        inner = pad + "  "
        for key, value in data.items():
            name = _key(key)
            if len(name) > LONGEST_KEY:
                say(f"{first}? {name}\n")
                first, name = pad, ""
            if _nested(value):
                say(f"{first}{name}:\n")
                _lines(value, inner, inner, say)
            else:
                say(f"{first}{name}: {_scalar(value, inner)}\n")
            first = pad
    else:
        for item in data:
            _lines(item, f"{first}- ", pad + "  ", say)
            first = pad


def _nested(data: Data) -> TypeGuard[Sequence[Data] | Mapping[str, Data]]:
    """Tell whether a value needs lines of its own: a list or mapping that is not empty."""
    return not isinstance(data, str | int | float | None) and len(data) > 0


def _scalar(value: Data, pad: str) -> str:
    match value:
        case str():
            tag = "!unsafe " if _TEMPLATE.search(value) else ""
            return tag + _text(value, pad)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case Mapping():
            return "{}"
        case _:
            return "[]"


@lru_cache(1000)
def _key(key: str) -> str:
    """Return a key, which must stand on one line."""
    tag = "!unsafe " if _TEMPLATE.search(key) else ""
    plain = _PLAIN.fullmatch(key) and key.lower() not in _WORDS
    return tag + (key if plain else '"' + _ODD.sub(_escape, key) + '"')


def _float(value: float) -> str:
    written = repr(value)
    if written in ("inf", "-inf", "nan"):
        return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}[written]
    return written if "." in written else written.replace("e", ".0e")


def _text(text: str, pad: str) -> str:
    if len(text) <= WIDTH and _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if "\n" in text and _literal(text):
        return "|-\n" + "\n".join(f"{pad}{line}" if line else "" for line in text.split("\n"))
    return _quoted(text, pad)


def _literal(text: str) -> bool:
    """Tell whether a text can stand as it is, line by line."""
    lines = text.split("\n")
    return (
        all(
            len(line) <= WIDTH and line == line.rstrip() and not _ODD.search(line.replace('"', "").replace("\\", ""))
            for line in lines
        )
        and bool(lines[0])
        and not lines[0].startswith(" ")
        and bool(lines[-1])
    )


def _quoted(text: str, pad: str) -> str:
    """Return a text in double quotes; a long one goes over several lines, each ended by a backslash."""
    escaped = _ODD.sub(_escape, text)
    if len(escaped) <= WIDTH:
        return f'"{escaped}"'
    parts = [""]
    for sign in text:
        if len(parts[-1]) >= WIDTH:
            parts.append("\\" if sign == " " else "")
        parts[-1] += _ODD.sub(_escape, sign)
    return '"' + f"\\\n{pad}".join(parts) + '"'


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    known = _ESCAPES.get(sign)
    if known:
        return known
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
