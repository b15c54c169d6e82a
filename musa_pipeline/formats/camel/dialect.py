"""Which CAMEL a text is written in: 2015.9 puts a colon after the names of attributes, CAMEL 2 and 3 do not."""

import re
from typing import Final

from musa_pipeline.formats.camel.headings import APPLICATION
from musa_pipeline.formats.camel.lexing import NAME, Lexed

OLD: Final = "CAMEL 2015.9"
SECOND: Final = "CAMEL 2"
THIRD: Final = "CAMEL 3"
_YOUNGER: Final = re.compile(
    r"(?<![\w^.])(?:"
    r"(?:metadata|data|constraint)\s+model\s+\^?\w+\s*\{"
    r"|(?:deployment|metric|requirement|scalability|location|security|unit|type|data)\s+(?:type|instance)\s+model\b"
    rf"|(?:software|requirements|dimension|dimensionless|(?:single|composite)\s+unit|measurable\s+attribute|concept|template|variable"
    rf"|(?:script|cluster|serverless|container|paas|image)\s+configuration|(?:resource|paas|os)\s+requirement"
    rf"|(?:metric|variable|logical|if)\s+constraint|object\s+context)\s+{NAME}\s*[{{:\[]?"
    r"|(?:name|version|email|specification|uri|description)\s+[\"'\[]"
    rf"|(?:region|domain|control)\s+{NAME}\s*\{{\s*name\s"
    r"|(?:location|image|horizontal\s+scale)\s+requirement\s+\^?\w+\s*\["
    rf"|(?:container|paas)\s+{NAME}\s*\{{|required\s+hosts\s*\[|communication\s+{NAME}\s+from\s|port\s+\d"
    r"|primitive\s+type\s+\w+\s|global\s+requirements\s"
    r")"
)
_OLDER: Final = re.compile(
    r"(?<![\w^.])(?:internal\s+component|quantitative\s+hardware|requirement\s+set|metric\s+condition|custom\s+service\s+level:"
    r"|(?<!attribute )(?<!constraint )(?:version|owner|os|port|core|ram|storage|level|name|type|property|metric|context|unit|component"
    r"|from|to|email|operator|threshold|primitive\s+type|specification|domain|benchmark|download|install|start):[ \t\r\n])"
)
_SECOND: Final = re.compile(r"\b(?:deployment|metric|requirement|scalability|location|security|unit|type)\s+type\s+model\b")
_ENOUGH: Final = 1_000_000
"""Characters by which the language is told."""
_PARTS: Final = (
    APPLICATION,
    "deployment",
    "location",
    "metric",
    "organisation",
    "requirement",
    "scalability",
    "security",
    "type",
    "unit",
    "constraint",
    "data",
    "metadata",
)
YOUNG_PARTS: Final = {each: f"{each}3" for each in _PARTS}
OLD_PARTS: Final = {each: f"{each}3" for each in ("constraint", "data", "metadata")}


def is_younger(language: str) -> bool:
    """Tell whether a language is CAMEL 2 or 3, in whatever it is written down."""
    return language.startswith((SECOND + " ", THIRD)) or language == SECOND


def dialect(lexed: Lexed) -> str:
    """Return the language of a text by what is more of one generation than of the other; nothing of either is the older."""
    start = lexed.bare[:_ENOUGH]
    younger = sum(1 for _ in _YOUNGER.finditer(start))
    if younger <= sum(1 for _ in _OLDER.finditer(start)):
        return OLD
    return SECOND if _SECOND.search(start) else THIRD
