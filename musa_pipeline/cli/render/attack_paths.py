"""Attack paths on a terminal: one a line, worst first, each hop with the risk that lets an attacker in."""

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import rating
from musa_pipeline.domain.attack import SENSITIVE, AttackPath, AttackPaths, Hop
from musa_pipeline.domain.cpim import Cpim, Trust
from musa_pipeline.stages import attack, values
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

_SHOWN = 20
_FIRST, _LAST = 2, 6
"""Hops of a long path that are told."""


def attack_paths(work: Work) -> str:
    """Return the paths as text."""
    found = attack.paths(work)
    parts = [click.style(f"{found.application} · attack paths", bold=True)]
    if found.paths:
        rows = [_row(each, work) for each in found.paths[:_SHOWN]]
        parts.append(table(rows, ["rating", "likelihood", "impact", "data", "way"]))
    else:
        parts.append(f"  {_none(values.cpim(work))}")
    return "\n".join([*parts, *_rest(found, work)])


def _none(cpim: Cpim) -> str:
    """Return why there is no path, which is often that the model does not say enough."""
    public = {each.name for each in cpim.zones if each.trust is Trust.PUBLIC}
    if not any(each.exposed or each.zone in public for each in cpim.components):
        return "none: the model says of no component that it is exposed, or stands in a public zone"
    if not any(data.classification in SENSITIVE for each in cpim.components for data in each.data):
        return "none: the model says of no component that it holds confidential or personal data"
    return "none: the model shows no way from what is exposed to confidential or personal data"


def _row(path: AttackPath, work: Work) -> list[str]:
    return [
        rating(path.rating),
        f"{path.likelihood:.1f}",
        f"{path.impact:.1f}",
        str(path.data),
        " → ".join(["internet", *_way(path, work)]),
    ]


def _way(path: AttackPath, work: Work) -> list[str]:
    left_out = len(path.hops) - _FIRST - _LAST
    if left_out < 2:
        return [_hop(each, work) for each in path.hops]
    first, last = path.hops[:_FIRST], path.hops[-_LAST:]
    return [*(_hop(each, work) for each in first), f"… {left_out} more …", *(_hop(each, work) for each in last)]


def _hop(hop: Hop, work: Work) -> str:
    if hop.risk is None:
        return f"{hop.component} (anybody is there)"
    return f"{hop.component} ({work.catalogs.threat[hop.risk.threat].title}, {rating(hop.risk.rating)})"


def _rest(found: AttackPaths, work: Work) -> list[str]:
    more = max(len(found.paths) - _SHOWN, 0) + found.more
    lines = [f"  … and {more} more"] if more else []
    if found.unreached:
        names = ", ".join(found.unreached[:8]) + (f" and {len(found.unreached) - 8} more" if len(found.unreached) > 8 else "")
        lines.append(f"  no way is shown to {names}")
    if found.paths:
        lines.append(click.style(f"  as a picture: musa risk {called(work.place)} --paths --format svg", dim=True))
    return lines
