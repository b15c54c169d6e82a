"""Facts that OTM has no words for, as free attributes of ours: written one way, read back the same way."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote

from musa_pipeline.domain.cpim import Port
from musa_pipeline.formats.otm.words import OURS

_TRUTH: Final = {"true": True, "false": False, "unknown": None}
_SECURE: Final = {"encrypted": True, "plain": False, "-": None}
_LARGEST: Final = 65_535


def tell_truth(value: bool | None) -> str:
    """Return a fact that may be unknown as a word.

    >>> tell_truth(None), truth("false"), truth("perhaps")
    ('unknown', False, None)
    """
    return next(name for name, each in _TRUTH.items() if each is value)


def truth(said: str) -> bool | None:
    """Return what a word says of a fact; None if that is unknown, or no such word."""
    return _TRUTH.get(said)


def tell_port(port: Port) -> str:
    """Return a port in four words: number, protocol, whether it encrypts, path.

    >>> tell_port(Port(number=443, protocol="https", secure=True)), tell_port(Port())
    ('443 https encrypted -', '- - - -')
    """
    secure = next(name for name, each in _SECURE.items() if each is port.secure)
    number = "-" if port.number is None else str(port.number)
    return " ".join((number, _tell(port.protocol), secure, _tell(port.path)))


def port(said: str) -> Port | None:
    """Return the port that four words tell; None if they tell none.

    >>> port("443 https encrypted -"), port("many words")
    (Port(number=443, protocol='https', secure=True, path=''), None)
    """
    words = said.split(" ")
    if len(words) != 4 or words[2] not in _SECURE:
        return None
    number, protocol, secure, path = words
    if number != "-" and not (number.isascii() and number.isdigit() and len(number) < 6 and int(number) <= _LARGEST):
        return None
    return Port(number=None if number == "-" else int(number), protocol=_said(protocol), secure=_SECURE[secure], path=_said(path))


def numbered(attributes: dict[str, str], name: str) -> Iterable[tuple[str, str]]:
    """Yield the attributes `musa.NAME.1`, `musa.NAME.2` and so on, key and value, as far as they go without a gap."""
    count = 1
    while (key := f"{OURS}{name}.{count}") in attributes:
        yield key, attributes[key]
        count += 1


def listed(said: str) -> list[str]:
    """Return the parts of a list with commas.

    >>> listed("SC-5, AC-2(4)"), listed("")
    (['SC-5', 'AC-2(4)'], [])
    """
    return [each for part in said.split(",") if (each := part.strip())]


def _tell(text: str) -> str:
    return "%2D" if text == "-" else quote(text, safe="/:") or "-"


def _said(text: str) -> str:
    return "" if text == "-" else unquote(text)
