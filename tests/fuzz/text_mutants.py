"""Changes to text, word by word: for languages that are no tree before they are read."""

import re
from typing import Final

from tests.fuzz.chance import Chance, one

_TOKENS: Final = re.compile(r"\w+|\s+|'[^'\n]*'|\"[^\"\n]*\"|[^\w\s]")
_JUNK: Final = [
    *[
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ":",
        ",",
        ".",
        "..",
        "'",
        '"',
        "//",
        "/*",
        "*/",
        "#",
        "&",
        "*",
        "-",
        "->",
        "\\",
        "^",
        ">",
        ">=",
        "=",
        "%",
        "@",
        "!",
        "|",
        "~",
        "`",
        "$",
        "\t",
        "\r",
        "\n",
        "\x00",
        "\x0b",
        "\x1b[0m",
        "\u2028",
        "\ufeff",
        "é",
        "😀",
    ],
    "{" * 300,
    "(" * 300,
    "[" * 2000,
    "a." * 500,
    "9" * 400,
    "-1",
    "1e400",
    "''",
    "x" * 5000,
    "{'a': " * 150,
]
LARGEST: Final = 200_000


def changed(seed: str, chance: Chance, most: int = 5) -> str:
    """Return a text with some changes."""
    tokens = _TOKENS.findall(seed)
    words = sorted({each for each in tokens if not each.isspace()})
    for _ in range(1 + chance.below(most)):
        if not tokens:
            break
        at = chance.below(len(tokens))
        match chance.below(9):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, one(chance, words))
            case 2:
                tokens[at] = one(chance, words)
            case 3:
                tokens[at] = one(chance, _JUNK)
            case 4:
                tokens.insert(at, one(chance, _JUNK))
            case 5:
                there = chance.below(len(tokens))
                tokens[at], tokens[there] = tokens[there], tokens[at]
            case 6:
                length = 1 + chance.below(60)
                tokens[at:at] = tokens[at : at + length] * (1 + chance.below(3))
            case 7:
                del tokens[at : at + 1 + chance.below(80)]
            case _:
                del tokens[at:]
    return "".join(tokens)[:LARGEST]


def spoilt(data: bytes, chance: Chance, most: int = 6) -> bytes:
    """Return octets with some changes: turned, lost, doubled, cut, in another encoding."""
    changed_data = bytearray(data)
    for _ in range(chance.below(most)):
        if not changed_data:
            break
        at = chance.below(len(changed_data))
        match chance.below(6):
            case 0:
                changed_data[at] = chance.below(256)
            case 1:
                del changed_data[at : at + 1 + chance.below(40)]
            case 2:
                changed_data[at:at] = changed_data[at : at + 1 + chance.below(40)]
            case 3:
                del changed_data[at:]
            case 4:
                changed_data[at] ^= 1 << chance.below(8)
            case _:
                changed_data[at:at] = one(
                    chance, (b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\r", b"\xc3", b"\xed\xa0\x80", b"<!--", b"&a;")
                )
    return bytes(changed_data)
