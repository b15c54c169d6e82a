"""Why a risk is rated as it is: factors with reasons and moves, what the granted controls leave of it, and who says so."""

from musa_pipeline.cli.render.exposure import because_of, exposed_by, value_of
from musa_pipeline.cli.render.tree import Branch
from musa_pipeline.cli.render.words import rating
from musa_pipeline.domain.residual import ResidualRisk
from musa_pipeline.domain.risk import Exposure, Factor, Risk
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

_SIDES = (("likelihood", LIKELIHOOD), ("technical impact", TECHNICAL), ("business impact", BUSINESS))


def rated(work: Work, risk: Risk) -> list[Branch]:
    """Return likelihood, technical and business impact, with every factor, its reason and what moved it."""
    profile = values.profile(work)
    exposed = exposed_by(profile, risk.component)
    return [_factors(profile.factors_of(risk), title, names, exposed) for title, names in _SIDES]


def _factors(factors: tuple[Factor, ...], title: str, names: tuple[str, ...], exposed: dict[str, Exposure]) -> Branch:
    mine = [each for each in factors if each.name in names]
    if not mine:
        return Branch(f"{title}: nobody answered it, so the technical impact counts")
    mean = sum(each.value for each in mine) / len(mine)
    beneath = [
        Branch(
            f"{value_of(each)}: {each.because}",
            str(each.at),
            [Branch(because_of(move, exposed), str(move.at)) for move in each.moves],
        )
        for each in mine
    ]
    return Branch(f"{title} {mean:.1f}", "", beneath)


def residual_of(work: Work, risk: Risk) -> ResidualRisk:
    """Return what the granted controls leave of a risk."""
    return next(each for each in values.residual(work).risks if each.id == risk.id)


def left_of(work: Work, risk: Risk, *, by_what: bool = True) -> Branch:
    """Return what the granted controls leave of it and `by_what`, whether that is above the bar, and what was decided."""
    left = residual_of(work, risk)
    bar = f"{'over' if left.over else 'within'} the bar of {left.appetite}"
    numbers = f"likelihood {left.likelihood:.1f}, impact {left.impact:.1f}"
    links = [each for each in work.catalogs.threat[risk.threat].controls if by_what and each.control in left.lowered_by]
    beneath = [Branch(f"{each.control} lowers {each.lowers}, {each.strength}", str(each.at)) for each in links]
    beneath += [
        Branch(
            f"{each.state}{f' to {each.to}' if each.to else ''} by {each.term.owner} until {each.term.expires}: {each.term.reason}",
            str(each.at),
        )
        for each in values.decisions(work).risks
        if left.over and each.risk == risk.id
    ]
    return Branch(f"left of it: {rating(left.rating)} ({numbers}), {bar}, {left.state}", "", beneath)


def sources(work: Work, risk: Risk) -> Branch:
    """Return the sources of the threat, then those of the exposures that moved its factors."""
    moves = {move.at.file for each in values.profile(work).factors_of(risk) for move in each.moves}
    moved = [each for each in work.catalogs.exposures if each.at.file in moves]
    beneath = [_source(each) for each in work.catalogs.threat[risk.threat].sources]
    beneath += [Branch(each.title, str(each.at), list(map(_source, each.sources))) for each in moved]
    day = values.held_against_sources(work, "threats")
    return Branch(f"who says so{f', read on {day}' if day else ''}", "", beneath)


def _source(each: Source) -> Branch:
    return Branch(" ".join(filter(None, (str(each), each.link, each.date))))


def risk_json(work: Work, risk: Risk) -> dict[str, object]:
    """Return a risk with its factors and what is left of it, for programs."""
    profile = values.profile(work)
    exposed = exposed_by(profile, risk.component)
    left = residual_of(work, risk)
    said = {"rating": left.rating, "likelihood": left.likelihood, "impact": left.impact}
    return {
        "component": risk.component,
        "threat": risk.threat,
        "rating": risk.rating,
        "likelihood": risk.likelihood,
        "impact": risk.impact,
        "because": risk.because,
        "left": {**said, "appetite": left.appetite, "state": left.state, "lowered_by": list(left.lowered_by)},
        "factors": [_factor_json(each, exposed) for each in profile.factors_of(risk)],
    }


def _factor_json(factor: Factor, exposed: dict[str, Exposure]) -> dict[str, object]:
    said = {"name": factor.name, "value": factor.value, "because": factor.because, "at": str(factor.at)}
    if factor.before is None:
        return said
    moves = [
        {
            "by": each.by,
            "because": each.because,
            "at": str(each.at),
            **({"fact": each.fact, "path": list(exposed[each.fact].path)} if each.fact in exposed else {}),
        }
        for each in factor.moves
    ]
    return {**said, "before": factor.before, "moves": moves}
