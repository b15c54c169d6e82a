"""Documents whose canonical form would be another or far larger one than people read, told before it is made.

Exclusive canonical form repeats the declaration of a namespace at each element that begins to use it, sorts attributes one by one, and
leaves out declarations that only texts use: a small document may stand for gigabytes, and a name in a text (XPath) for another thing.
"""

from typing import Final
from xml.parsers import expat

from musa_pipeline.formats.signature.refused import Refused

_PREFIXES: Final = 64
_ATTRIBUTES: Final = 512
_LONGEST: Final = 2_000
"""Letters of a namespace's address."""
_REPEATED: Final = 32 * 1024 * 1024
"""Letters of declarations that canonical form may add."""


def bounded(data: bytes) -> None:
    """Look through a document without DOCTYPE once.

    Raises Refused. Codes: X001 not XML, or it has too much of something; X013 a prefix with two meanings.
    """
    looking = _Looking()
    try:
        looking.reader.Parse(data, True)
    except expat.ExpatError as wrong:
        raise Refused("X001", f"not XML that can be read: {expat.ErrorString(wrong.code)}", line=max(wrong.lineno, 1)) from wrong
    except (LookupError, ValueError) as wrong:  # an encoding that nobody knows
        raise Refused("X001", "not XML that can be read: it is in an encoding that nobody knows", "write it in UTF-8") from wrong


class _Looking:
    """What was met so far: prefixes with their meaning, the spaces of the open elements, letters that would be repeated."""

    def __init__(self) -> None:
        self.reader = expat.ParserCreate(namespace_separator="}")
        self.reader.StartNamespaceDeclHandler = self._declared
        self.reader.StartElementHandler = self._began
        self.reader.EndElementHandler = self._ended
        self._meanings: dict[str | None, str] = {}
        self._open = [""]
        self._repeated = 0

    def _declared(self, prefix: str | None, space: str | None) -> None:
        if space and len(space) > _LONGEST:
            raise self._refused("X001", f"a namespace has an address of {len(space)} letters", "shorten it")
        known = self._meanings.setdefault(prefix, space or "")
        if prefix is not None and known != space:
            text = f"the prefix {prefix!r} means {known!r} and, from this line on, {space!r}"
            raise self._refused("X013", text, "use one prefix for one namespace in the whole document")
        if len(self._meanings) > _PREFIXES:
            raise self._refused("X001", f"there are more than {_PREFIXES} prefixes", "declare those that are used")

    def _began(self, name: str, attributes: dict[str, str]) -> None:
        if len(attributes) > _ATTRIBUTES:
            raise self._refused("X001", f"an element has {len(attributes)} attributes; the most is {_ATTRIBUTES}")
        space = name.rpartition("}")[0]
        if space != self._open[-1]:
            self._repeated += len(space)
        for each in attributes:
            if "}" in each and not each.startswith(f"{space}}}"):
                self._repeated += each.rindex("}")
        if self._repeated > _REPEATED:
            raise self._refused("X001", "its canonical form would repeat declarations without end", "write shorter namespaces")
        self._open.append(space)

    def _ended(self, _name: str) -> None:
        self._open.pop()

    def _refused(self, code: str, text: str, way_out: str = "") -> Refused:
        return Refused(code, text, way_out, self.reader.CurrentLineNumber)
