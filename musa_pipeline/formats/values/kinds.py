"""Which artefact holds which value, and how a place in a file is written as text."""

import re
from typing import Final

from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cover import Cover
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.question import Questions
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.selection import Selection
from musa_pipeline.domain.source import Span

KINDS: Final[dict[str, type]] = {
    "cpim": Cpim,
    "risk": RiskProfile,
    "selection": Selection,
    "gaps": Composition,
    "residual": ResidualProfile,
    "macm": Macm,
    "plan": Plan,
    "questions": Questions,
    "cover": Cover,
}
"""The name of each artefact, which is also its file's name, and the value in it."""

VERSION: Final = 1
"""Of all artefacts together; a file of another version is not read but made again."""

SPAN_PATTERN: Final = r"^[\s\S]*:\d+:\d+(\+\d+)?$"
_SPAN: Final = re.compile(r"(.*):(\d{1,9}):(\d{1,9})(?:\+(\d{1,9}))?", re.DOTALL | re.ASCII)


def format_of(kind: str) -> str:
    """Return what the first key of the file says."""
    return f"musa/{kind}"


def span_text(at: Span) -> str:
    """Return a place as `file:line:column+length`; a length of one is not written.

    >>> span_text(Span("a.yaml", 3, 7, 5)), span_text(Span("a.yaml", 3))
    ('a.yaml:3:7+5', 'a.yaml:3:1')
    """
    return f"{at.file}:{at.line}:{at.column}" + ("" if at.length == 1 else f"+{at.length}")


def span_of(text: str) -> Span:
    """Return the place that `span_text` wrote; ValueError if it is none.

    >>> span_of("a.yaml:3:7+5")
    Span('a.yaml', 3, 7, 5)
    """
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a place (file:line:column+length)")
    return Span(found[1], int(found[2]), int(found[3]), int(found[4] or 1))
