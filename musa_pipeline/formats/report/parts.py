"""The parts of the application: all in one table beside the picture, then each by itself; the documents; how to read it all."""

from collections import Counter
from collections.abc import Iterable

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.formats.report.model import Badge, Block, Cell, Code, Fold, Picture, Text, Tone, count, table
from musa_pipeline.formats.report.promise import controls, levels
from musa_pipeline.formats.report.risk import TONES, rated

MOST_FOLDS = 200
"""Components that are told one by one; of more, the SLAs themselves tell."""
LARGEST_PICTURE = 1_500_000
"""Characters of a picture that a page still shows quickly."""


def application(
    cpim: Cpim, chosen: Selection, residual: ResidualProfile, picture: Picture, found: Composition
) -> tuple[Block, ...]:
    """Return the picture and a row for each component."""
    shown: Block = picture
    if len(picture.svg) > LARGEST_PICTURE:
        shown = Text(
            (
                f"{count(len(cpim.components), 'component')} and {count(len(cpim.connections), 'link')} are too many for a picture here.",
            )
        )
    where = {member: each for each in chosen.placements for member in (*each.members, each.unit)}
    missing = {each.component: len(each.missing) for each in found.components}
    left = {each.component: each.rating for each in sorted(residual.risks, key=lambda risk: risk.rating.score)}
    rows = (
        _row(each, where.get(each.id), missing.get(each.id), left.get(each.id))
        for each in cpim.components
        if each.role is not Role.HOST
    )
    head = ("component", "kind", "runs on", "exposed", "data", "controls missing", "worst risk left")
    return (shown, *table(head, rows, right=(5,)))


def _row(each: Component, at: Placement | None, missing: int | None, left: Rating | None) -> tuple[Cell | str, ...]:
    return (
        (Code(each.id),),
        str(each.kind),
        (Code(at.offering), f" {at.region}") if at else "",
        _exposed(each),
        ", ".join(f"{data.name} ({data.classification})" for data in each.data[:4]),
        _missing(missing),
        (rated(left),) if left else "",
    )


def _missing(number: int | None) -> Cell:
    if number is None:
        return ("",)
    return (Badge(str(number), Tone.BAD if number else Tone.GOOD),)


def _exposed(each: Component) -> Cell:
    match each.exposed:
        case True:
            return (Badge("yes", Tone.FAIR),)
        case False:
            return ("no",)
        case _:
            return ("",)


def components(parts: Iterable[Sla], catalogs: Catalogs) -> tuple[Block, ...]:
    """Return each component's own promise, folded."""
    every = list(parts)
    folds: list[Block] = [_component(each, catalogs) for each in every[:MOST_FOLDS]]
    left = len(every) - MOST_FOLDS
    return (
        (*folds, Text((f"And {count(left, 'component')} more: their SLAs stand beside that of the application.",)))
        if left > 0
        else tuple(folds)
    )


def _component(sla: Sla, catalogs: Catalogs) -> Fold:
    said = f" · {count(len(sla.terms), 'control')} · {count(len(sla.slos), 'service level')}"
    kind = f" · {sla.kind}" if sla.kind else ""
    return Fold((Code(sla.component or sla.name), kind, said), (*controls(sla), *levels(sla, catalogs), *_threats(sla)))


def _threats(sla: Sla) -> tuple[Block, ...]:
    ratings = Counter(each.rating for each in sla.threats)
    order = sorted(sla.threats, key=lambda each: (list(TONES).index(each.rating), each.title))
    rows = (((rated(each.rating),), each.title, str(each.stride).replace("-", " "), each.source) for each in order)
    return table(("rating", f"{count(ratings.total(), 'threat')}", "kind", "after"), rows)


def members(whole: Sla) -> tuple[Block, ...]:
    """Return the documents that the whole was composed of."""
    rows = (((Code(each.component),), (Code(each.document),), (Code(f"sha256:{each.digest}"),)) for each in whole.members)
    return table(("component", "document", "digest"), rows, most=1_000)


def reading(known: bool) -> tuple[Block, ...]:
    """Return how words and figures are meant."""
    promise = "A control is promised only if every component that it applies to is granted it: by itself, by what it runs on, or by an agent."
    level = (
        "A service level is promised as its weakest part allows: shares of services in a chain multiply, times take the longest."
    )
    risk = "A rating comes from likelihood and impact, 0 to 9 each (OWASP risk rating methodology): below 3 low, below 6 medium, else high."
    score = "A score is that of the worst risk that a control answers: very low 1, low 3, medium 5, high 7, critical 9."
    verify = ("Whether a document holds, and follows from the model: ", Code("musa verify"), ".")
    lines: list[Cell] = [(promise,), (level,), *([(risk,), (score,)] if known else []), verify]
    return tuple(Text(each) for each in lines)
