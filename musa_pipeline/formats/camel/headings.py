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
YOUNGER: Final = ("constraint", "data", "metadata")
"""Sub-models that only CAMEL 2 and 3 have."""

IMPORT: Final = re.compile(rf"\s*import\s+(\"[^\"]*\"|'[^']*'|{NAME})")
HEAD: Final = re.compile(rf"\s*camel\s+model\s+({NAME})\s*\{{")
MODEL: Final = re.compile(rf"\b({'|'.join((*MODELS, *YOUNGER))}|{LAYER})(?:\s+(?:type|instance))?\s+model\s+({NAME})\s*$")
DESCRIPTION: Final = re.compile(r"\s*description\s*(?:\"[^\"]*\"|'[^']*'|\[[^\]]*\])")
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
    "data3": r"data\s+source(?:\s+instance)?",
    "deployment3": r"(?:software|vm|paas|container|hosting)(?:\s+instance)?|coupling|switch|conditional|precedes"
    r"|(?P<inner>requirements)",
    "location3": r"region|country",
    "metric3": r"(?:raw|composite)\s+metric(?:\s+context)?|(?:object|attribute)\s+context|variable|template|window|schedule|sensor"
    r"|function",
    "organisation3": r"organisation|provider|user|role\s+assignment|permission|(?:model|service|data|software)\s+resource\s+filter",
    "requirement3": r"(?:resource|paas|communication|os|provider|security|optimisation|vertical\s+scale)\s+requirement",
    "scalability3": r"rule|(?:non)?functional|binary\s+event\s+pattern|(?:horizontal|vertical)\s+scaling\s+action|timer",
    "security3": r"security\s+(?:control|capability|requirement)|(?:raw|composite)\s+security\s+metric|domain",
    "type3": r"list|range\s+union|(?P<inner>range)",
    "unit3": r"(?:single|composite)\s+unit|dimensionless|dimension",
    LAYER: r"(?:external\s+)?component|capability|zone|agent|service\s+level",
}
"""What stands directly in its sub-model and never deeper."""
_WITHOUT_BRACES: Final = {
    "deployment": r"connect|host|global",
    "organisation": r"role|security\s+level:",
    "constraint3": r"(?:metric|variable|logical|attribute|if)\s+constraint",
    "data3": r"type|description",
    "deployment3": r"communication|global\s+requirements|sequence|parallel|type",
    "metric3": r"(?:measurable\s+|quality\s+)?attribute(?!\s+context\b)|type",
    "organisation3": r"user\s+group|role(?!\s+assignment\b)|security\s+level",
    "requirement3": r"(?:location|image|horizontal\s+scale)\s+requirement|slo",
    "scalability3": r"unary\s+event\s+pattern",
    "security3": r"security\s+(?:SLO|slo|attribute)|certifiable",
    "type3": r"(?:boolean|string)\s+type|int|float|double",
    LAYER: r"uses|alert|apart|together",
}
HEADING: Final = {
    part: re.compile(rf"(?<![\w^.])(?:{words})\s+(?:(?:[^\W\d]|\^)[\w.^]*)(?:\s+typed\s+[\w.^]+)?\s*$")
    for part, words in _HEADINGS.items()
}
BARE: Final = {part: re.compile(rf"(?<![\w^.])(?:{words})(?=\s)") for part, words in _WITHOUT_BRACES.items()}
STARTS: Final = {
    part: re.compile(rf"(?<![\w^.])(?:{words}|{_HEADINGS.get(part, words)})(?=\s)") for part, words in _WITHOUT_BRACES.items()
}
UNCUT: Final = frozenset({"constraint3"})
"""Where a brace does not end a statement."""
