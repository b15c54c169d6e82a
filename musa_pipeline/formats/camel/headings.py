"""The words that begin sub-models and statements: by them a file is cut before its grammar is known."""

import re
from typing import Final

from musa_pipeline.formats.camel.lexing import NAME

APPLICATION: Final = "application"
LAYER: Final = "musa"
MODELS: Final = (
    "deployment",
    "execution",
    "location",
    "metric",
    "organisation",
    "provider",
    "requirement",
    "scalability",
    "security",
    "type",
    "unit",
)

IMPORT: Final = re.compile(rf"\s*import\s+(\"[^\"]*\"|'[^']*'|{NAME})")
HEAD: Final = re.compile(rf"\s*camel\s+model\s+({NAME})\s*\{{")
MODEL: Final = re.compile(rf"\b({'|'.join(MODELS)}|{LAYER})\s+model\s+({NAME})\s*$")
BESIDE: Final = re.compile(rf"\b(?:(?:application|action)\s+{NAME}|(importURI))\s*$")
_HEADINGS: Final = {
    "deployment": r"internal\s+component(?:\s+instance)?|vm(?:\s+instance)?|hosting|requirement\s+set"
    r"|(?P<inner>(?:provided|required)\s+communication)|communication",
    "location": r"region|country",
    "metric": r"(?:raw|composite)\s+metric(?:\s+context)?|metric\s+condition|property|sensor|window|schedule",
    "organisation": r"organisation|provider|user|data\s+centre",
    "requirement": r"(?:location|provider|security|optimisation)\s+requirement|(?:horizontal|vertical)\s+scale\s+requirement"
    r"|(?:quantitative|qualitative)\s+hardware|os|image|slo|group",
    "scalability": r"scalability\s+rule|(?:non-)?functional\s+event|(?:binary|unary)\s+event\s+pattern|timer",
    "security": r"security\s+(?:control|capability|slo)|domain",
    LAYER: r"(?:external\s+)?component|capability|agent|service\s+level",
}
"""What stands directly in its sub-model and never deeper."""
_WITHOUT_BRACES: Final = {
    "deployment": r"connect|host|global",
    "organisation": r"role|security\s+level:",
    LAYER: r"uses|alert|apart|together",
}
HEADING: Final = {
    part: re.compile(rf"(?<![\w^.])(?:{words})\s+(?:(?:[^\W\d]|\^)[\w.^]*)(?:\s+typed\s+[\w.^]+)?\s*$")
    for part, words in _HEADINGS.items()
}
BARE: Final = {part: re.compile(rf"(?<![\w^.])(?:{words})(?=\s)") for part, words in _WITHOUT_BRACES.items()}
STARTS: Final = {part: re.compile(rf"(?<![\w^.])(?:{words}|{_HEADINGS[part]})(?=\s)") for part, words in _WITHOUT_BRACES.items()}
