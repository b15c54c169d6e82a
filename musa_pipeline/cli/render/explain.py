"""Why a control is or is not promised: a proof, not a paragraph; each leaf is a place one can open."""

import json

import click

from musa_pipeline.cli.render.exposure import because_of, exposed_by, value_of
from musa_pipeline.cli.render.tree import Branch, draw
from musa_pipeline.cli.render.words import rating, tick
from musa_pipeline.domain.composition import Proof
from musa_pipeline.domain.residual import ResidualRisk
from musa_pipeline.domain.risk import Exposure, Factor, Risk
from musa_pipeline.domain.threat import BUSINESS, LIKELIHOOD, TECHNICAL
from musa_pipeline.risk.tailor import tailored
from musa_pipeline.stages import values
from musa_pipeline.stages.explain import Explanation
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

MOST = 9
"""The score of the worst risk; a control that is required from a higher one is required by none."""


def explanation(work: Work, found: Explanation) -> str:
    """Return the whole explanation as text."""
    where = found.component or work.place.application
    state = click.style("granted", fg="green") if found.granted else click.style("not granted", fg="red")
    parts = [f"{click.style(found.control.id, bold=True)} {found.control.title} · {where} · {state}", ""]
    if found.required:
        parts.append("required, because of")
        parts += draw(_required(work, found))
    elif found.inhabitants:
        parts.append(f"what threatens {found.component} is answered at what runs on it: {', '.join(found.inhabitants)}")
    elif found.organisation:
        threats = ", ".join(found.organisation.threats)
        parts.append(
            f"the organisation's own, after NIST: {threats} call for it (score {found.organisation.score}), no component can fail it"
        )
    elif found.component:
        parts.append(
            f"nothing requires it of {found.component}: no threat that applies leads to it, nor does the model ask for it"
        )
    else:
        parts.append(f"required of {', '.join(found.asking) or 'no component'}")
    parts += ["", f"{'granted' if found.granted else 'not granted'}, because"]
    parts += draw([_branch(each) for each in found.proof.beneath] or [_branch(found.proof)])
    if not found.granted:
        parts += ["", *_ways_out(found)]
    return "\n".join(parts)


def _ways_out(found: Explanation) -> list[str]:
    if not found.remedies:
        return ["no small change grants it: more components would have to change, or the catalog has nothing that would do"]
    price = [f" (+{each.price:.2f} EUR/month)" if each.price else "" for each in found.remedies]
    if found.component is None:
        (whole,) = found.remedies
        return [
            f"all of these together would grant it{price[0]} (each was tried)",
            *draw([Branch(each) for each in whole.changes]),
        ]
    options = [Branch(" and ".join(each.changes) + price[number]) for number, each in enumerate(found.remedies)]
    return ["the smallest changes that would grant it (each was tried)", *draw(options)]


def _required(work: Work, found: Explanation) -> list[Branch]:
    branches = [_risk(work, each, found) for each in found.risks]
    if found.required and found.required.wanted:
        branches.insert(0, Branch("the model asks for it", str(found.required.wanted)))
    if found.required and found.required.policy:
        branches.insert(0, Branch(f"policy: {found.required.because}", str(found.required.policy)))
    elif found.required and not found.required.wanted and work.settings.risk.require == "cover":
        how = f"musa risk {called(work.place)} --cover"
        branches.insert(0, Branch(f"it is one of the cheapest controls that bring every risk to its bar    {how}"))
    return branches


def _risk(work: Work, risk: Risk, found: Explanation) -> Branch:
    threat = work.catalogs.threat[risk.threat]
    link = next(each for each in threat.controls if each.control == found.control.id)
    least = tailored(work.settings.risk.profile, work.catalogs).least(link, found.control)
    asked = f"from score {least} on" if least and least <= MOST else "though no risk asks for it"
    at = "" if risk.component == found.component else f" of its machine {risk.component}"
    head = f"{threat.title}{at}: {rating(risk.rating)} (likelihood {risk.likelihood:.1f}, impact {risk.impact:.1f}, score {risk.rating.score})"
    beneath = [
        Branch(f"it applies: {risk.because}"),
        Branch(f"{found.control.id} answers it, {asked}{': ' + link.because if link.because else ''}", str(link.at)),
        *(
            _factors(found.factors[risk.id], title, names, exposed_by(values.profile(work), risk.component))
            for title, names in (("likelihood", LIKELIHOOD), ("technical impact", TECHNICAL), ("business impact", BUSINESS))
        ),
        _left(work, risk),
        Branch("who says so", "", [Branch(" ".join(filter(None, (str(each), each.link, each.date)))) for each in threat.sources]),
    ]
    return Branch(head, str(threat.at), beneath)


def _residual(work: Work, risk: Risk) -> ResidualRisk:
    return next(each for each in values.residual(work).risks if each.id == risk.id)


def _left_json(work: Work, risk: Risk) -> dict[str, object]:
    left = _residual(work, risk)
    said = {"rating": left.rating, "likelihood": left.likelihood, "impact": left.impact}
    return {**said, "appetite": left.appetite, "state": left.state, "lowered_by": list(left.lowered_by)}


def _left(work: Work, risk: Risk) -> Branch:
    """What the granted controls leave of it, and whether that is above the bar."""
    left = _residual(work, risk)
    bar = f"{'over' if left.over else 'within'} the bar of {left.appetite}"
    numbers = f"likelihood {left.likelihood:.1f}, impact {left.impact:.1f}"
    links = [each for each in work.catalogs.threat[risk.threat].controls if each.control in left.lowered_by]
    lowered = [Branch(f"{each.control} lowers {each.lowers}, {each.strength}", str(each.at)) for each in links]
    return Branch(f"left of it: {rating(left.rating)} ({numbers}), {bar}, {left.state}", "", lowered)


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


def _branch(proof: Proof) -> Branch:
    rule = click.style(f" [{proof.rule}]", dim=True) if proof.rule else ""
    return Branch(f"{tick(proof.holds)} {proof.claim}{rule}", str(proof.at), [_branch(each) for each in proof.beneath])


def explanation_json(work: Work, found: Explanation) -> str:
    """Return the explanation for programs."""
    return json.dumps(
        {
            "component": found.component,
            "control": found.control.id,
            "title": found.control.title,
            "granted": found.granted,
            "required": {
                "score": found.required.score,
                "threats": list(found.required.threats),
                "asked": str(found.required.wanted),
                "policy": str(found.required.policy),
                "because": found.required.because,
            }
            if found.required
            else None,
            "organisation": {"score": found.organisation.score, "threats": list(found.organisation.threats)}
            if found.organisation
            else None,
            "risks": [
                {
                    "component": each.component,
                    "threat": each.threat,
                    "rating": each.rating,
                    "likelihood": each.likelihood,
                    "impact": each.impact,
                    "because": each.because,
                    "left": _left_json(work, each),
                    "factors": [
                        _factor_json(one, exposed_by(values.profile(work), each.component)) for one in found.factors[each.id]
                    ],
                }
                for each in found.risks
            ],
            "proof": _proof(found.proof),
            "remedies": [{"changes": list(each.changes), "price": each.price} for each in found.remedies],
        },
        indent=2,
    )


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


def _proof(proof: Proof) -> dict[str, object]:
    return {
        "holds": proof.holds,
        "claim": proof.claim,
        "rule": proof.rule,
        "at": str(proof.at),
        "beneath": [_proof(each) for each in proof.beneath],
    }
