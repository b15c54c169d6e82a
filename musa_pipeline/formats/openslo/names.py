"""Names, keys and words as OpenSLO v1 allows them (README of OpenSLO/OpenSLO, "General Schema")."""

import re
from hashlib import sha256
from typing import Final

from musa_pipeline.domain.ids import slug

LONGEST: Final = 63
"""Characters of a name and of the name part of a key (RFC 1123)."""
DESCRIPTION: Final = 1050
"""Characters of a description."""
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


def name(*parts: str) -> str:
    """Return the name of an object made of parts; two different rows of parts never have the same.

    >>> name("web", "availability"), name("Web", "x" * 80)
    ('web--availability', 'web--xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-a0ebbd43')
    """
    whole = "--".join(parts)
    plain = all(_NAME.fullmatch(each) and "--" not in each for each in parts)
    if plain and len(whole) <= LONGEST:
        return whole
    mark = sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{'--'.join(map(slug, parts))[: LONGEST - 9].rstrip('-')}-{mark}"


def key(*parts: str) -> str:
    """Return the key of an annotation.

    >>> key("control", "SC-5(3)")
    'musa.control.SC-5-3'
    """
    whole = ".".join(("musa", *parts))
    fit = re.sub(r"[^A-Za-z0-9._-]+", "-", whole).strip("-._")
    if len(fit) <= LONGEST:
        return fit
    return f"{fit[: LONGEST - 9].rstrip('-._')}-{sha256(whole.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"


def label(text: str) -> str:
    """Return a text as the value of a label; what cannot be one is its slug.

    >>> label("availability"), label("Web shop")
    ('availability', 'web-shop')
    """
    return text if _LABEL.fullmatch(text) and len(text) <= LONGEST else slug(text)[:LONGEST].rstrip("-")


def titled(text: str) -> str:
    """Return a text as what an object is called on a page: in one line, and no longer than a name (the SDK of OpenSLO wants that)."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def described(text: str) -> str:
    """Return a text as a description: as long as one may be."""
    text = " ".join(text.split())
    return text if len(text) <= DESCRIPTION else text[: DESCRIPTION - 1] + "…"
