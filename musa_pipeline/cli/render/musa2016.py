"""The ranking of the MUSA SLA Generator as tables and JSON."""

import json
from dataclasses import asdict

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import rating
from musa_pipeline.risk.musa2016 import Ranking
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work


def rank(work: Work) -> Ranking:
    """Rank the model of a run; what is wrong in its answers ends the run."""
    from musa_pipeline.risk.musa2016 import ranking

    found = ranking(values.cpim(work), values.answers(work), work.catalogs)
    work.stop_if_wrong()
    return found


def ranked(work: Work) -> str:
    """Return threats by component and class, the risk of each class, and the controls of revision 4 to be selected."""
    found = rank(work)
    title = {each.id: each.title for each in work.catalogs.threats}
    rows = [
        [
            rating(each.risk),
            each.component,
            title[each.threat],
            f"{each.likelihood:.3f}",
            f"{each.impact:.2f}",
            str(each.stride),
            f"{len(each.required)} of {len(each.suggested)} controls",
        ]
        for each in found.threats
    ]
    head = ["risk", "component", "threat", "likelihood", "impact", "class", "required"]
    classes = [[each.component, str(each.stride), rating(each.risk), f"{each.mean:.2f}"] for each in found.classes]
    parts = [
        click.style(f"{found.application} · ranked as MUSA's SLA Generator did in 2016", bold=True),
        table(rows, head),
        "",
        click.style("risk by class: the mean of its threats", bold=True),
        table(classes),
        "",
        click.style("required controls, of SP 800-53 revision 4", bold=True),
        table([[component, ", ".join(controls)] for component, controls in found.required]),
    ]
    if found.without_category:
        parts += ["", f"without a category of MUSA, so not ranked: {', '.join(found.without_category)}"]
    return "\n".join(parts)


def ranked_json(work: Work) -> str:
    """Return the same for programs."""
    found = asdict(rank(work))
    found["required"] = {component: list(controls) for component, controls in found["required"]}
    return json.dumps({"format": "musa/ranking-2016", **found}, indent=2)
