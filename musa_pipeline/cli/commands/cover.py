"""The flags of `musa risk` about the cheapest measures: `--cover`, with `--appetite`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from musa_pipeline.cli.commands.common import start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

OWASP = "owasp"
APPETITES = ("very-low", "low", "medium", "high", "critical")
_OPTIONS = (
    click.option("--cover", is_flag=True, help="Find the cheapest measures that bring every risk to its bar, and their price."),
    click.option("--appetite", type=click.Choice(APPETITES), help="With --cover: the bar, in place of that of musa.yaml."),
)


def cover_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command these flags; it runs itself when `--cover` is not there."""

    @wraps(command)
    def instead(*arguments: Any, cover: bool, appetite: str | None, **others: Any) -> int:
        if not cover and appetite:
            raise click.UsageError("--appetite goes with --cover; for everything else musa.yaml says risk: {appetite: ...}")
        if not cover:
            return command(*arguments, **others)
        beside = any(each is True for each in others.values()) or others["view"] or others["method"] != OWASP
        if beside or others["format_"] not in ("table", "json"):
            raise click.UsageError("--cover is a table or JSON of its own, of the risks rated by owasp")
        outlet: Outlet = click.get_current_context().obj
        return _cover(outlet, others, appetite)

    made: Callable[..., int] = instead
    for option in reversed(_OPTIONS):
        made = option(made)
    return made


def _cover(outlet: Outlet, others: dict[str, Any], appetite: str | None) -> int:
    work = start(others["model"], others["out"], others["given"])
    for _ in follow(work, outlet, "risk"):
        pass
    from musa_pipeline.cli.render.cover import cover, cover_json
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.domain.risk import Rating
    from musa_pipeline.stages.cover import cover_of

    found = cover_of(work, Rating(appetite.replace("-", " ")) if appetite else None)
    warn(outlet, work.problems)
    outlet.out(cover_json(found) if others["format_"] == "json" else cover(found, work.catalogs))
    return 0
