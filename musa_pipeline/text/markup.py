"""Words of other people inside Markdown: shown as they are written, whatever they hold (GitHub Flavored Markdown 0.29)."""

import re
from typing import Final

_SIGNS: Final = re.compile(r"([\\`*_\[\]|<>~$]|&(?=[#\w])|:(?=\S)|#(?=\w))")
_FIRST: Final = re.compile(r"^(\d*)([-+=#.)])")
_LINKED: Final = re.compile(r"(www)\.", re.IGNORECASE)


def plain(text: str) -> str:
    r"""Return text that Markdown shows as it is: no markup, no link, no mention, no cell or line more than there is.

    >>> plain("a|b <img src=x> `c` *d*  e\nf"), plain("1. man-in-the-middle"), plain("ask @all at www.example.org, http://x")
    ('a\\|b \\<img src=x\\> \\`c\\` \\*d\\* e f', '1\\. man-in-the-middle', 'ask @<!-- -->all at www\\.example.org, http\\://x')
    """
    found = _FIRST.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", one_line(text)))
    return _LINKED.sub(r"\1\\.", found).replace("@", "@<!-- -->")


def code(text: str) -> str:
    r"""Return text as code, in a cell of a table too.

    >>> code("web"), code("a`b|c"), code("")
    ('`web`', '`` a`b\\|c ``', '` `')
    """
    text = one_line(text).replace("|", "\\|") or " "
    longest = max((len(each) for each in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"


def one_line(text: str) -> str:
    """Return text on one line, with nothing in it that is not printed."""
    return " ".join("".join(each if each.isprintable() else " " if each.isspace() else "\ufffd" for each in text).split())


def row(*cells: str) -> str:
    """Return a line of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def head(*cells: str, right: frozenset[int] = frozenset()) -> list[str]:
    """Return the first two lines of a table; the columns in `right` are set to the right."""
    return [row(*cells), row(*("--:" if number in right else "---" for number in range(len(cells))))]
