"""Why a threat is a risk of a component, and what answers it: a tree whose leaves are places one can open."""

import json

import click

from musa_pipeline.cli.render.risk_reasons import left_of, rated, risk_json, sources
from musa_pipeline.cli.render.tree import Branch, draw
from musa_pipeline.cli.render.words import rating, tick
from musa_pipeline.domain.condition import written
from musa_pipeline.domain.risk import Risk
from musa_pipeline.stages.explain_risk import Answering, ExplainedRisk
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called


def explained_risk(work: Work, found: ExplainedRisk) -> str:
    """Return the whole explanation as text."""
    head = f"{click.style(found.threat.title, bold=True)} · {found.component} · "
    if found.risk is None:
        return "\n".join([f"{head}no risk", "", *draw(_absent(found))])
    score = f"likelihood {found.risk.likelihood:.1f}, impact {found.risk.impact:.1f}, score {found.risk.rating.score}"
    more = f"who grants a control, and what would: musa explain {called(work.place)} {found.component} CONTROL"
    return "\n".join(
        [
            f"{head}{rating(found.risk.rating)} ({score})",
            "",
            *draw(_reasons(work, found, found.risk)),
            "",
            click.style(more, dim=True),
        ]
    )


def _absent(found: ExplainedRisk) -> list[Branch]:
    applies = Branch(f"it applies when {written(found.threat.applies)}", str(found.threat.at))
    if found.answer is None:
        return [applies]
    said = f"answered {'yes' if found.answer.yes else 'no'}{': ' + found.answer.because if found.answer.because else ''}"
    return [Branch(said, str(found.answer.at)), applies]


def _reasons(work: Work, found: ExplainedRisk, risk: Risk) -> list[Branch]:
    return [
        Branch(f"it applies: {risk.because}", str(found.answer.at if found.answer else found.threat.at)),
        *rated(work, risk),
        Branch("answered by (✓ granted here)", "", [Branch(_line(each), str(each.link.at)) for each in found.answering]),
        left_of(work, risk, by_what=False),
        sources(work, risk),
    ]


def _line(each: Answering) -> str:
    why = f": {each.link.because}" if each.link.because else ""
    if each.organisation:
        asked = "the organisation's own"
    else:
        asked = f"required of {', '.join(each.required)}" if each.required else "not required"
    return f"{tick(each.granted)} {each.link.control} {each.link.strength}, lowers {each.link.lowers}, {asked}{why}"


def explained_risk_json(work: Work, found: ExplainedRisk) -> str:
    """Return the explanation for programs."""
    return json.dumps(
        {
            "component": found.component,
            "threat": found.threat.id,
            "title": found.threat.title,
            "applies": found.risk is not None,
            "risk": risk_json(work, found.risk) if found.risk else None,
            "answered_by": [
                {
                    "control": each.link.control,
                    "strength": each.link.strength,
                    "lowers": each.link.lowers,
                    "because": each.link.because,
                    "granted": each.granted,
                    "required": list(each.required),
                    "organisation": each.organisation,
                    "at": str(each.link.at),
                }
                for each in found.answering
            ],
            "sources": [str(each) for each in found.threat.sources],
        },
        indent=2,
    )
