"""Text in pictures: its SVG, and how much room it takes without a font at hand, rather too much than too little."""

import unicodedata
from html import escape
from typing import Final

_NARROW: Final = frozenset("iIl.,:;|!'()[]{}ftrj- ")
_WIDE: Final = frozenset("mwMW@%")
MARKUP: Final = str.maketrans({chr(code): "\ufffd" for code in (*range(32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)})
"""XML 1.0 has no place for these at all, not even escaped."""


def width(text: str, size: float) -> float:
    """Return the width of text in pixels, in a sans-serif font of this size.

    >>> width("", 12), width("abc", 10) < width("WWW", 10)
    (0, True)
    """
    return size * sum(map(_share, text))


def _share(sign: str) -> float:
    if sign in _NARROW:
        return 0.36
    if sign in _WIDE:
        return 0.92
    if not sign.isascii() and unicodedata.east_asian_width(sign) in "WF":
        return 1.05
    return 0.7 if sign.isupper() else 0.58


def fitted(text: str, size: float, room: float) -> str:
    """Return the text, cut with an ellipsis if it is too wide for the room.

    >>> fitted("short", 12, 100), fitted("much too long for it", 12, 60)
    ('short', 'much to…')
    """
    if width(text, size) <= room:
        return text
    room -= size
    for place, sign in enumerate(text):
        room -= size * _share(sign)
        if room < 0:
            return text[:place].rstrip() + "…"
    return text


def safe(text: str) -> str:
    """Return text that is safe in XML, between tags and in attributes."""
    return escape(" ".join(text.split()).translate(MARKUP), quote=True)


def lettered(
    said: str, x: float, y: float, size: float, style: str = "", *, bold: bool = False, middle: bool = False, end: bool = False
) -> str:
    """Return a line of text for SVG that begins at a point, or has its middle or end there; `style` names classes."""
    more = ' font-weight="600"' if bold else ""
    more += ' text-anchor="middle"' if middle else ' text-anchor="end"' if end else ""
    named = f' class="{style}"' if style else ""
    return f'<text x="{pixels(x)}" y="{pixels(y)}" font-size="{pixels(size)}"{named}{more}>{safe(said)}</text>'


def pixels(number: float) -> str:
    """Return a coordinate to a tenth of a pixel, as short as it can be.

    >>> pixels(3.0), pixels(2.26)
    ('3', '2.3')
    """
    return f"{number:.1f}".removesuffix(".0")
