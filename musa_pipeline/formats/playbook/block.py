"""YAML out, in block style: same value, same bytes; text from a model can never become a template.

Our own few lines, for two reasons: a plan of ten thousand components is written in a second, and a text that Jinja would
evaluate is tagged `!unsafe`, which tells Ansible to take it as it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

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
    return "".join(f"{line}\n" for line in _lines(data, " " * indent))


def _lines(data: Data, pad: str) -> Iterator[str]:
    if isinstance(data, str) or not isinstance(data, Mapping | Sequence):
        yield pad + _scalar(data, pad)
    elif not data:
        yield pad + ("{}" if isinstance(data, Mapping) else "[]")
    elif isinstance(data, Mapping):
        for key, value in data.items():
            name = _key(key)
            if len(name) > LONGEST_KEY:
                yield f"{pad}? {name}"
                name = ""
            yield from _entry(f"{pad}{name}:", value, pad + "  ")
    else:
        for item in data:
            yield from _item(item, pad)


def _entry(head: str, value: Data, pad: str) -> Iterator[str]:
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence) or not value:
        yield f"{head} {_scalar(value, pad)}"
    else:
        yield head
        yield from _lines(value, pad)


def _item(item: Data, pad: str) -> Iterator[str]:
    """Yield an item of a list: its first line stands behind the dash."""
    if isinstance(item, str) or not isinstance(item, Mapping | Sequence) or not item:
        yield f"{pad}- {_scalar(item, pad + '  ')}"
        return
    lines = _lines(item, pad + "  ")
    yield f"{pad}- {next(lines)[len(pad) + 2 :]}"
    yield from lines


def _scalar(value: Data, pad: str) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            tag = "!unsafe " if _TEMPLATE.search(value) else ""
            return tag + _text(value, pad)
        case Mapping():
            return "{}"
        case _:
            return "[]"


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
