"""The flags of `musa risk` about the cheapest measures: `--cover`, with `--appetite`."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import together
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.cli.commands.risk_views import Asked

APPETITES = ("very-low", "low", "medium", "high", "critical")

options = together(
    click.option("--cover", is_flag=True, help="Find the cheapest measures that bring every risk to its bar, and their price."),
    click.option("--appetite", type=click.Choice(APPETITES), help="With --cover: the bar, in place of that of musa.yaml."),
)
"""The flags about the cheapest measures."""


def show(outlet: Outlet, asked: "Asked") -> int:
    """Find the cheapest measures and print them with their price."""
    work = asked.work()
    for _ in follow(work, outlet, "risk"):
        pass
    from musa_pipeline.cli.render.cover import cover, cover_json
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.domain.risk import Rating
    from musa_pipeline.stages.cover import cover_of

    found = cover_of(work, Rating(asked.appetite.replace("-", " ")) if asked.appetite else None)
    warn(outlet, work.problems)
    outlet.out(cover_json(found) if asked.format_ == "json" else cover(found, work.catalogs))
    return 0
