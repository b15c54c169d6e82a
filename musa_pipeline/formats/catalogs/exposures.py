"""Exposures: `catalogs/exposures/<id>.yaml`, which default factors the graph of a model moves, by how much, and why."""

from collections.abc import Iterator

from musa_pipeline.domain.condition import mentions
from musa_pipeline.domain.exposure import ExposureRule
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.risk import FactorMove
from musa_pipeline.domain.source import Span
from musa_pipeline.domain.threat import BUSINESS, FACTORS, LIKELIHOOD, TECHNICAL, Stride
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.text.yaml import Mapping

KEYS = ("id", "title", "stride", "when", "moves", "sources")
MOVE_KEYS = ("by", "because")
LEAST, MOST = 1, 9


def read_exposure(node: Mapping, conditions: Conditions, problems: Problems) -> ExposureRule:
    """Return one exposure.

    Codes: C003 off the scale, C007 unknown factor, C011 a move that never counts, or a condition that is never decided.
    """
    entry = Entry(node, problems, KEYS)
    when = conditions.read(node.get("when"))
    if not entry.has("when"):
        sentence = "an exposure without condition would move every risk"
        problems.report("C011", entry.place("when"), sentence, help="say when, as in {reachable: true}")
    if mentions(when, "answer"):
        sentence = "an exposure has no question, so its condition cannot wait for an answer"
        problems.report("C011", entry.place("when"), sentence, help="let facts decide")
    return ExposureRule(
        id=entry.text("id"),
        title=entry.text("title"),
        when=when,
        stride=frozenset(_classes(entry)) or frozenset(Stride),
        moves=tuple(sorted(_moves(entry), key=lambda each: FACTORS.index(each.factor))),
        sources=entry.sources("sources"),
        at=node.at,
    )


def _classes(entry: Entry) -> Iterator[Stride]:
    for each in entry.scalars("stride"):
        if each.text in set(Stride):
            yield Stride(each.text)
        else:
            way_out = near(each.text, Stride) or f"one of {', '.join(Stride)}"
            entry.problems.report("C014", each.at, f"'stride' cannot be {each.text!r}", help=way_out)


def _moves(entry: Entry) -> Iterator[FactorMove]:
    if not entry.has("moves"):
        entry.missing("moves", "{opportunity: {by: 2, because: ...}}")
    for name, at, value in entry.pairs("moves"):
        if name in BUSINESS:
            sentence = f"factor {name!r} is only ever what somebody answered, so nothing moves it"
            entry.problems.report("C011", at, sentence, help=f"move one of {', '.join((*LIKELIHOOD, *TECHNICAL))}")
        elif name not in FACTORS:
            way_out = near(name, FACTORS) or f"OWASP's factors are {', '.join(FACTORS)}"
            entry.problems.report("C007", at, f"no factor {name!r}", help=way_out)
        elif not isinstance(value, Mapping):
            entry.wrong(value.at, f"factor {name!r} must say by and because, as in {{by: 2, because: ...}}")
        else:
            part = Entry(value, entry.problems, MOVE_KEYS)
            yield FactorMove(factor=name, by=_by(name, part, at), because=part.text("because"), at=at)


def _by(name: str, part: Entry, at: Span) -> int:
    by = part.number("by")
    if by is None:
        if not part.has("by"):
            part.missing("by", f"{LEAST} to {MOST}")
        return LEAST
    if LEAST <= by <= MOST and by == int(by):
        return int(by)
    sentence = f"factor {name!r} is moved by {by:g}, and exposure moves it up by whole steps from {LEAST} to {MOST}"
    part.problems.report("C003", part.place("by") if part.has("by") else at, sentence)
    return LEAST
