"""Names that the document's languages fix: namespaces, families of controls, ids of elements."""

import re
from functools import lru_cache
from typing import Final

WSAG: Final = "http://schemas.ggf.org/graap/2007/03/ws-agreement"
SPECS: Final = "http://www.specs-project.eu/resources/schemas/xml/SLAtemplate"
NIST: Final = "http://www.specs-project.eu/resources/schemas/xml/control_frameworks/nist"
CCM: Final = "http://www.specs-project.eu/resources/schemas/xml/control_frameworks/ccm"
MUSA: Final = "urn:musa-pipeline:sla:1"
XSD: Final = "http://www.w3.org/2001/XMLSchema"

PREFIXES: Final = {"wsag": WSAG, "specs": SPECS, "nist": NIST, "musa": MUSA}

FAMILIES: Final = {
    "AC": "Access Control",
    "AT": "Awareness and Training",
    "AU": "Audit and Accountability",
    "CA": "Assessment, Authorization, and Monitoring",
    "CM": "Configuration Management",
    "CP": "Contingency Planning",
    "IA": "Identification and Authentication",
    "IR": "Incident Response",
    "MA": "Maintenance",
    "MP": "Media Protection",
    "PE": "Physical and Environmental Protection",
    "PL": "Planning",
    "PM": "Program Management",
    "PS": "Personnel Security",
    "PT": "Personally Identifiable Information Processing and Transparency",
    "RA": "Risk Assessment",
    "SA": "System and Services Acquisition",
    "SC": "System and Communications Protection",
    "SI": "System and Information Integrity",
    "SR": "Supply Chain Risk Management",
}
"""The twenty families of SP 800-53 revision 5."""

_CANONICAL = re.compile(r"([A-Z]{2})-([1-9][0-9]{0,5})(?:\(([1-9][0-9]{0,5})\))?", re.ASCII)
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@lru_cache(10_000)
def control_parts(control: str) -> tuple[str, str, str] | None:
    """Return family, number and enhancement (0: none) of a NIST control; None when it is of another framework.

    >>> control_parts("SC-5(3)"), control_parts("SC-5"), control_parts("IAM-02")
    (('SC', '5', '3'), ('SC', '5', '0'), None)
    """
    found = _CANONICAL.fullmatch(control)
    return (found[1], found[2], found[3] or "0") if found else None


def writable(text: str) -> str:
    r"""Return the text with what XML 1.0 cannot hold (section 2.2: control characters) replaced.

    >>> writable("bell \x07")
    'bell �'
    """
    return _UNWRITABLE.sub("\ufffd", text)


def literal(text: str) -> str:
    r"""Return an XPath 1.0 string; one with both kinds of quotes is put together, for XPath has no escapes.

    >>> literal("a"), literal("it's")
    ("'a'", '"it\'s"')
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in text.split("'")) + ")"


class Unique:
    """Gives every caller a name of its own: the one asked for, or the same with a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        given = name
        while given in self._taken:
            self._last[name] = self._last.get(name, 1) + 1
            given = f"{name}.{self._last[name]}"
        self._taken.add(given)
        return given
