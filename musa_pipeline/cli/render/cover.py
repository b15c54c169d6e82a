"""The cheapest measures on a terminal: what each appetite costs, the measures by component, and what nothing brings to its bar."""

from itertools import groupby

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import rating
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cover import Cover, Measure, Price, Stubborn
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.values import write_value

_COMPONENTS, _STUBBORN, _THREATS = 25, 20, 3


def cover_json(found: Cover) -> str:
    """Return the cover for programs."""
    return write_value(found, "cover").decode().rstrip()


def cover(found: Cover, catalogs: Catalogs) -> str:
    """Return the cover as text."""
    price = found.price
    proof = "proven cheapest" if not price.gap else f"at most {price.gap:.1%} above the cheapest"
    parts = [click.style(f"{found.application} · cheapest measures for appetite {found.appetite} · {proof}", bold=True)]
    head = ["appetite", "controls", "measures", "cost", "risks over"]
    parts += [table([_price(each, found) for each in found.prices], head), *_measures(found, catalogs), *_asked(found)]
    parts += [*_stubborn(found, catalogs), ""]
    if price.controls:
        parts.append("required by risk: each control from its least risk; with risk: {require: cover} in musa.yaml these instead")
    if price.over:
        parts.append("decide about those that stay over: accept or transfer them in decisions.yaml")
    return "\n".join(parts).rstrip()


def _price(price: Price, found: Cover) -> list[str]:
    here = price.appetite is found.appetite
    row = [f"{price.controls:,}", f"{price.measures:,}", f"{price.cost:,}", f"{price.over:,}"]
    return [rating(price.appetite), *row, click.style("← this one", bold=True) if here else ""]


def _measures(found: Cover, catalogs: Catalogs) -> list[str]:
    parts: list[str] = []
    by_component = [(name, list(each)) for name, each in groupby(found.measures, lambda each: each.component)]
    rows: list[list[str]] = []
    for name, measures in by_component[:_COMPONENTS]:
        rows += [_measure(each, name if not number else "", catalogs) for number, each in enumerate(measures)]
    if rows:
        parts += ["", table(rows, ["component", "measure", "cost", "controls", "answers"])]
    if len(by_component) > _COMPONENTS:
        parts.append(click.style(f"  … {len(by_component) - _COMPONENTS:,} more components: --format json has all", dim=True))
    return parts


def _measure(each: Measure, name: ComponentId | str, catalogs: Catalogs) -> list[str]:
    if each.agent:
        what, controls = f"agent {each.agent}", " ".join(each.controls)
    else:
        what, controls = catalogs.control[each.controls[0]].title, each.controls[0]
    more = len(each.answers) - _THREATS
    answers = ", ".join(each.answers[:_THREATS]) + (f" and {more} more" if more > 0 else "")
    return [name, what, str(each.cost), controls, click.style(answers, dim=True)]


def _asked(found: Cover) -> list[str]:
    count = sum(len(controls) for _, controls in found.asked)
    if not count:
        return []
    return ["", f"{count} controls are asked anyway, by the model or by policy, and cost nothing here"]


def _stubborn(found: Cover, catalogs: Catalogs) -> list[str]:
    if not found.stubborn:
        return []
    rows = [_over(each, catalogs) for each in found.stubborn[:_STUBBORN]]
    parts = ["", "no measures bring these to their bar", table(rows, ["component", "threat", "now", "at best", "bar"])]
    if len(found.stubborn) > _STUBBORN:
        parts.append(click.style(f"  … {len(found.stubborn) - _STUBBORN:,} more: --format json has all", dim=True))
    return parts


def _over(each: Stubborn, catalogs: Catalogs) -> list[str]:
    return [each.component, catalogs.threat[each.threat].title, rating(each.inherent), rating(each.best), str(each.appetite)]
