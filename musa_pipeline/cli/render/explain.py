"""Why a control is or is not promised: a proof, not a paragraph; each leaf is a place one can open."""

import json

import click

from musa_pipeline.cli.render.risk_reasons import left_of, rated, risk_json, sources
from musa_pipeline.cli.render.tree import Branch, draw
from musa_pipeline.cli.render.words import rating, tick
from musa_pipeline.domain.composition import Proof
from musa_pipeline.domain.risk import Risk
from musa_pipeline.risk.tailor import tailored
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
        call = "calls" if len(found.organisation.threats) == 1 else "call"
        score = found.organisation.score
        parts.append(f"the organisation's own, after NIST: {threats} {call} for it (score {score}), no component can fail it")
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
    if found.control.withdrawn:
        return [f"ask for {' and '.join(found.control.moved_to) or 'another control'} in its place"]
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
        *rated(work, risk),
        left_of(work, risk),
        sources(work, risk),
    ]
    return Branch(head, str(threat.at), beneath)


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
            "risks": [risk_json(work, each) for each in found.risks],
            "proof": _proof(found.proof),
            "remedies": [{"changes": list(each.changes), "price": each.price} for each in found.remedies],
        },
        indent=2,
    )


def _proof(proof: Proof) -> dict[str, object]:
    return {
        "holds": proof.holds,
        "claim": proof.claim,
        "rule": proof.rule,
        "at": str(proof.at),
        "beneath": [_proof(each) for each in proof.beneath],
    }
