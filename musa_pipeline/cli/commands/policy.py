"""`musa policy list | check | test | replay`: what happens by itself, and proof of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import Commands, model_argument, out_option, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, OutsideFailed, UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.formats.policies import Known, PolicyFile

files_argument = click.argument("policies", nargs=-1, metavar="[POLICY]...")


@click.group(cls=Commands)
def policy() -> None:
    """List, check, test and replay event-condition-action policies.

    The shipped ones, and those of the repository's own catalogs/policies/ and policies/ folders, which win over them.
    A POLICY is a name (flood) or a file.
    """


@policy.command("list")
@files_argument
@click.pass_obj
def list_(outlet: Outlet, policies: tuple[str, ...]) -> int:
    """List policies: what starts them, what they do, how far they may go."""
    from musa_pipeline.cli.render.policies import policies as rendered

    outlet.out(rendered(_read(outlet, policies)))
    return 0


@policy.command()
@files_argument
@click.option("--model", metavar="MODEL", default="", help="Check names of components and machines too, by what musa run made.")
@click.pass_obj
def check(outlet: Outlet, policies: tuple[str, ...], model: str) -> int:
    """Check policies: words, times, conditions (names and types), names that exist, and whether they work against each other."""
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.formats.catalogs import read_catalogs
    from musa_pipeline.stages.known import known_here, known_of
    from musa_pipeline.stages.words import count
    from musa_pipeline.workspace.catalogs import catalog_files
    from musa_pipeline.workspace.places import repository

    unheard = Problems()  # what is wrong in catalogs is told by musa catalog check
    known = known_of(start(model, None)) if model else known_here(repository(), read_catalogs(catalog_files(unheard), unheard))
    found = _read(outlet, policies, known)
    tests = sum(len(each.tests) for each in found)
    whose = "its" if len(found) == 1 else "their"
    outlet.out(
        f"{count(len(found), 'policy')} and {whose} {count(tests, 'test')} can be read, no condition names what is not there"
    )
    return 0


@policy.command()
@files_argument
@click.option("--trace", is_flag=True, help="Show everything that was done, and every condition with the values that it saw.")
@click.pass_obj
def test(outlet: Outlet, policies: tuple[str, ...], *, trace: bool) -> int:
    """Run the tests that stand beside policies, with a simulated clock. Exit code 1 if one fails."""
    from musa_pipeline.cli.render.policies import rehearsals
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.stages.policies import lists_of, rehearse_policies
    from musa_pipeline.stages.words import count as several
    from musa_pipeline.workspace.places import repository

    found = _read(outlet, policies)
    text, count, failed = rehearsals(rehearse_policies(found, lists_of(repository(), Problems())), traces=trace)
    if text:
        outlet.out(text)
    outlet.out(f"{several(count, 'test')}, {f'{failed} failed' if failed else 'all as expected'}")
    return 1 if failed else 0


@policy.command()
@model_argument
@files_argument
@out_option
@click.option("--since", default="24h", show_default=True, help="How far back: 30m, 24h.")
@click.option("--store", metavar="URL", help="embedded, or http(s)://HOST:PORT of Elasticsearch; overrides musa.yaml.")
@click.option("--trace", is_flag=True, help="Show every condition with the values that it saw.")
@click.pass_obj
def replay(
    outlet: Outlet, model: str, policies: tuple[str, ...], out: str | None, since: str, store: str | None, *, trace: bool
) -> int:
    """Let policies meet what really happened to a watched application: what they would have done. Nothing is done.

    Conditions are answered as of the time of each event; agents are taken to obey at once. The mode of a policy is not heeded.
    """
    import time
    from dataclasses import replace

    from musa_pipeline.assurance.reactions import Belts
    from musa_pipeline.cli.render.policies import replayed
    from musa_pipeline.context.open import open_context
    from musa_pipeline.domain.policy import Mode
    from musa_pipeline.stages.policies import replay_policies
    from musa_pipeline.stages.words import count as several
    from musa_pipeline.text.quantity import read_quantity

    seconds = read_quantity(since, "s")
    if seconds is None or seconds <= 0:
        raise UsageWrong(f"--since {since!r} is no time", "give 30m or 24h")
    work = start(model, out)
    folder = work.place.out.resolve() / ".musa" / "assure" / work.place.application
    runtime = work.settings.runtime
    if not folder.is_dir():
        raise UsageWrong(f"nobody watches {work.place.application}", f"musa assure {work.place.application}")
    found = tuple(replace(each.policy, mode=Mode.ENFORCE) for each in _read(outlet, policies) if each.policy)
    context = open_context(store or runtime.store, folder / "context.sqlite", name=work.place.application)
    try:
        now = time.time()
        belts = Belts(protected=frozenset(runtime.protected))
        count, done, notes = replay_policies(found, context, now - seconds, now, belts, dict(runtime.lists))
    finally:
        context.close()
    outlet.out(replayed(done, notes, traces=trace))
    outlet.out(f"{several(count, 'event')} in the last {_span(since)}")
    return 0


def _read(outlet: Outlet, named: tuple[str, ...], known: "Known | None" = None) -> "tuple[PolicyFile, ...]":
    from musa_pipeline.cli.render.problems import render_problems
    from musa_pipeline.domain.problems import Problems, near
    from musa_pipeline.formats.policies import NOBODY
    from musa_pipeline.stages.policies import lists_of, read_policies
    from musa_pipeline.workspace.places import repository
    from musa_pipeline.workspace.policies import policy_files

    _installed()
    problems = Problems()
    lists = lists_of(repository(), problems)
    everything = policy_files(problems)
    by_name = {Path(path).stem: path for path in everything}
    chosen: dict[str, str] = {} if named else dict(everything)
    for each in named:
        if each in by_name:
            chosen[by_name[each]] = everything[by_name[each]]
        elif each.endswith(".yaml") or Path(each).is_file():
            chosen[each] = _file(each, problems)
        else:
            raise UsageWrong(f"there is no policy {each!r}", near(each, by_name) or f"there are {', '.join(sorted(by_name))}")
    found = read_policies(chosen, lists, problems, known or NOBODY)
    if problems.errors:
        raise FilesWrong(problems)
    if len(problems):
        outlet.err(render_problems(problems, everything=outlet.verbose))
    return found


def _span(since: str) -> str:
    """Return how far back as people read it: `24 h`.

    >>> _span("24h"), _span("1.5 d")
    ('24 h', '1.5 d')
    """
    said = since.strip()
    number = said.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").strip()
    return f"{number} {said[len(number) :].strip() or 's'}"


def _file(name: str, problems: "Problems") -> str:
    from musa_pipeline.workspace.files import read_text

    text = read_text(Path(name), name, problems)
    if text is None:
        raise FilesWrong(problems)
    return text


def _installed() -> None:
    from importlib.util import find_spec

    if find_spec("celpy") is None:
        raise OutsideFailed("conditions of policies need cel-python", "pip install 'musa-pipeline[assure]'")
