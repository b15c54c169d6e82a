"""Which CAMEL a text is written in: 2015.9 puts a colon after the names of attributes, CAMEL 2 and 3 do not."""

import re
from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel.lexing import NAME, Lexed, Places

_YOUNGER: Final = re.compile(
    r"\b(?:"
    r"(?:metadata|data|constraint)\s+model\s+\w+\s*\{"
    r"|(?:deployment|metric|requirement|scalability|location|security|unit|type)\s+type\s+model\b"
    rf"|(?:software|requirements|dimension|measurable\s+attribute|resource\s+requirement|feature\s+requirement)\s+{NAME}"
    r"|(?:name|version|email|specification|uri|description)\s+[\"']"
    r"|(?:os|location|requirement|provider)\s+requirement\s+\w+\s*\["
    r"|primitive\s+type\s+\w+\s"
    r")"
)
_ATTRIBUTE: Final = re.compile(
    r"\b(?:version|owner|os|port|core|ram|storage|level|name|type|property|metric|context|unit|component|from|to|email|operator|kind)"
    r":[ \t\r\n]"
)


def is_younger(lexed: Lexed, places: Places, problems: Problems) -> bool:
    """Tell, after one finding, that the model is written in CAMEL 2 or 3."""
    sign = _YOUNGER.search(lexed.bare)
    if not sign or _ATTRIBUTE.search(lexed.bare):
        return False
    said = " ".join(sign[0].split()[:2]).rstrip("\"'{ ")
    problems.report(
        "K009",
        places.at(sign.start(), len(said)),
        f"this is CAMEL 2 or 3, as {said!r} shows; only CAMEL 2015.9 is read",
        help="write the model in CAMEL 2015.9 or in TOSCA",
    )
    return True
