"""The end of a run: what a manager needs, worst first, each with the next command."""

import json
import shlex
from collections import Counter
from collections.abc import Sequence

import click

from musa_pipeline.cli.render.residual import told
from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import money, one_line, rating
from musa_pipeline.domain.composition import Gap
from musa_pipeline.domain.risk import Rating
from musa_pipeline.stages import values
from musa_pipeline.stages.pipeline import Done
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

WORST = 6


def summary(work: Work, done: Sequence[Done], *, verbose: bool = False, quiet: bool = False) -> str:
    """Return the summary as text; when quiet, only what is missing."""
    if quiet:
        return table(gap_rows(work, by_control(values.composition(work).gaps)))
    cpim, profile, chosen, found = values.cpim(work), values.profile(work), values.selection(work), values.composition(work)
    count = Counter(each.rating for each in profile.risks)
    required = found.outcomes
    kept = [each for each in required if each.promised]
    providers = Counter(each.provider for each in chosen.placements)
    bands = ", ".join(f"{count[each]} {rating(each)}" for each in reversed(Rating) if count[each]) or "none"
    proof = "proven best" if chosen.status == "optimal" else f"within {chosen.gap:.1%} of the best"
    rows = [
        ["components", done[0].said],
        ["risks", bands],
        ["residual", f"{told(values.residual(work))} (musa risk {called(work.place)} --residual)"],
        [
            "controls",
            f"{len(required)} required · {len(kept)} promised by the whole application · {len(required) - len(kept)} missing",
        ],
        ["levels", f"{len(found.slos)} service levels on security metrics"],
        [
            "providers",
            ", ".join(f"{name} {number}" for name, number in sorted(providers.items(), key=lambda each: (-each[1], each[0])))
            + f" · {money(chosen.price)} · {proof}",
        ],
        ["plan", done[-1].said],
    ]
    lines = [
        f"{click.style(cpim.name, bold=True)} · {one_line(work.place.shown(work.place.model))}",
        table([[click.style(a, dim=True), b] for a, b in rows]),
    ]
    groups = by_control(found.gaps)
    if groups:
        lines += ["", table(gap_rows(work, groups[:WORST]))]
        if len(groups) > WORST:
            rest = ", ".join(each[0].control or "" for each in groups[WORST : WORST + 8]) + (
                " …" if len(groups) > WORST + 8 else ""
            )
            lines.append(f"  … and {len(groups) - WORST} more controls ({rest}): musa compose {called(work.place)}")
    unmeasured = sorted({each.metric for each in found.gaps if each.metric})
    if unmeasured:
        lines.append(f"  {click.style('unseen', fg='yellow')}   asked for, but no agent measures: {', '.join(unmeasured)}")
    if found.duties:
        duties = ", ".join(sorted({f"{each.control} at {each.offering}" for each in found.duties}))
        lines.append(f"  {click.style('duty', fg='yellow')}     yours to configure: {duties}")
    if profile.organisation:
        own = len(profile.organisation)
        lines.append(
            f"  {click.style('people', fg='yellow')}   {own} controls are the organisation's own: musa risk {called(work.place)}"
        )
    if profile.unanswered:
        lines.append(
            f"  {click.style('open', fg='yellow')}     {len(profile.unanswered)} questions nobody answered: musa risk {called(work.place)}"
        )
    lines += ["", *_written(work, done, verbose=verbose)]
    return "\n".join(lines)


def by_control(gaps: Sequence[Gap]) -> list[list[Gap]]:
    """Group the gaps by control, worst first as they come; metrics aside."""
    groups: dict[str, list[Gap]] = {}
    for gap in gaps:
        if gap.control:
            groups.setdefault(gap.control, []).append(gap)
    return list(groups.values())


def gap_rows(work: Work, groups: Sequence[Sequence[Gap]]) -> list[list[str]]:
    """Return two rows a control: where it is missing and why, and the smallest change that mends the first of them."""
    rows = []
    for gaps in groups:
        first, more = gaps[0], len(gaps) - 1
        where = first.component + (f" (+{more} more)" if more else "")
        rows.append([click.style("missing", fg="red"), str(first.control), where, first.reason])
        rows.append(["", "", "", click.style(_way_out(work, first), dim=True)])
    return rows


def _way_out(work: Work, gap: Gap) -> str:
    ask = f"musa explain {called(work.place)} {gap.component} {shlex.quote(str(gap.control))}"
    if not gap.remedies:
        return f"no change of the catalog grants it · {ask}"
    best = gap.remedies[0]
    price = f" (+{best.price:.2f} EUR/month)" if best.price else ""
    changes = " and ".join(best.changes[:2]) + (f" and {len(best.changes) - 2} more" if len(best.changes) > 2 else "")
    return f"{changes}{price} · {ask}"


def _written(work: Work, done: Sequence[Done], *, verbose: bool) -> list[str]:
    files = [name for each in done for name in each.files]
    changed = sum(len(each.changed) for each in done)
    below = {work.place.sla: 0, work.place.playbook: 0}
    for name in files:
        below[work.place.sla if name.startswith(work.place.sla + "/") else work.place.playbook] += 1
    where = " · ".join(f"{_from_here(work, folder)} ({number} files)" for folder, number in below.items())
    lines = [f"written   {where}, {changed} changed"]
    if verbose:
        lines += [f"          {name}" for each in done for name in each.changed]
    name = called(work.place)
    lines.append(
        f"next      musa compose {name} · musa explain {name} COMPONENT CONTROL · {_from_here(work, work.place.playbook)}/README.md"
    )
    return lines


def _from_here(work: Work, folder: str) -> str:
    import os.path

    shown = os.path.relpath(work.place.out / folder)
    return shown if not shown.startswith("../..") else str(work.place.out / folder)


def summary_json(work: Work, done: Sequence[Done]) -> str:
    """Return the summary for programs."""
    profile, chosen, found = values.profile(work), values.selection(work), values.composition(work)
    left = values.residual(work).whole
    count = Counter(each.rating for each in profile.risks)
    required = found.outcomes
    return json.dumps(
        {
            "application": work.place.application,
            "stages": [
                {"name": each.stage, "fresh": each.fresh, "changed": list(each.changed), "said": each.said} for each in done
            ],
            "risks": {str(each): count[each] for each in Rating},
            "residual": {str(each.rating): each.residual for each in reversed(left.tallies)},
            "over_appetite": left.over,
            "controls": {
                "required": [each.control for each in required],
                "promised": [each.control for each in required if each.promised],
                "missing": [each.control for each in required if not each.promised],
                "organisation": [each.control for each in profile.organisation],
            },
            "providers": sorted({each.provider for each in chosen.placements}),
            "price": {"amount": chosen.price, "currency": "EUR", "per": "month"},
            "proven": chosen.status == "optimal",
            "gaps": len(found.gaps),
            "unanswered": len(profile.unanswered),
            "files": sorted(name for each in done for name in each.files),
        },
        indent=2,
    )
