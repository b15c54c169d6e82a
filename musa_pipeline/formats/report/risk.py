"""The risks: each with what it was, what is left of it under the controls that are granted, and what became of it."""

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.residual import ResidualProfile, ResidualRisk, State
from musa_pipeline.domain.risk import Rating, RiskProfile
from musa_pipeline.formats.report.model import Badge, Below, Block, Cell, Code, Text, Tone, names, table

TONES = {
    Rating.CRITICAL: Tone.WORST,
    Rating.HIGH: Tone.BAD,
    Rating.MEDIUM: Tone.POOR,
    Rating.LOW: Tone.FAIR,
    Rating.VERY_LOW: Tone.GOOD,
}
"""Ratings, worst first."""
_STATES = {State.OPEN: Tone.BAD, State.MITIGATED: Tone.GOOD, State.ACCEPTED: Tone.FAIR, State.TRANSFERRED: Tone.FAIR}


def rated(rating: Rating) -> Badge:
    """Return a rating as a badge."""
    return Badge(str(rating), TONES[rating])


def risks(profile: RiskProfile, residual: ResidualProfile, catalogs: Catalogs, named: str) -> tuple[Block, ...]:
    """Return all risks, what is left of them first by what is worst."""
    worst = list(TONES)
    order = sorted(
        residual.risks,
        key=lambda each: (not each.over, worst.index(each.rating), worst.index(each.inherent), each.component, each.threat),
    )
    rows = (_row(each, catalogs) for each in order)
    lead = Text(
        (
            f"{len(order):,} threats apply to components. A risk is over the bar when what is left of it is worse than its team lives with.",
        )
    )
    head = ("left", "was", "component", "threat", "state", "lowered by")
    return (lead, *table(head, rows, most=300, where=f"musa risk {named} --residual")) if profile.risks else ()


def _row(risk: ResidualRisk, catalogs: Catalogs) -> tuple[Cell | str, ...]:
    threat = catalogs.threat.get(risk.threat)
    state: Cell = (Badge(str(risk.state), _STATES[risk.state]),)
    if risk.owner:
        state = (*state, Below(f"{risk.owner}, until {risk.expires}" if risk.expires else risk.owner))
    return (
        (rated(risk.rating),),
        (rated(risk.inherent),),
        (Code(risk.component),),
        threat.title if threat else str(risk.threat),
        state,
        names(risk.lowered_by, 6) or ("nothing granted lowers it",),
    )
