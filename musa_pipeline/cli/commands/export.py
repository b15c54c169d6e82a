"""`musa export APP|FILE --to LANGUAGE`: a promise in the languages of other tools."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.clock import day, moment, now
from musa_pipeline.cli.commands.common import is_document, models_here, reading_options, start, write_asked
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.stages.export import LANGUAGES

if TYPE_CHECKING:
    from musa_pipeline.stages.export import Subject
    from musa_pipeline.workspace.given import Given


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return models_here(incomplete)


_LIST = "\n\n".join(f"{name}: {each.sentence}" for name, each in LANGUAGES.items())


@click.command(epilog=f"Languages\n\n{_LIST}")
@click.argument("what", metavar="APP|FILE", shell_complete=_complete)
@click.option("--to", "language", required=True, type=click.Choice(list(LANGUAGES)), help="The language to write.")
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE|DIR",
    help="Write it to a file, or into a folder as APP.LANGUAGE with the usual ending; else it is printed.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there and is not the same.")
@click.option("--out", metavar="DIR", help="Where sla/ of APP is, or goes, if not in the model's repository.")
@click.option(
    "--as-of", metavar="DAY", callback=day, help="The day of which documents speak that bear a date; today if left out."
)
@click.option(
    "--status",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="What `musa status --format json` printed: results tell what was measured too (oscal-ar).",
)
@reading_options
@click.pass_obj
def export(
    outlet: Outlet,
    what: str,
    language: str,
    file: str | None,
    out: str | None,
    as_of: date | None,
    status: str | None,
    given: "Given",
    *,
    force: bool,
) -> int:
    """Write a Security SLA in the language of another tool.

    APP is an application: the stages up to its SLA run first, as far as something changed. FILE is any SLA document; its members
    are taken from beside it. What the language has no words for is told.
    """
    from musa_pipeline.stages.export import export as exported

    subject = _subject(outlet, what, out, given, as_of or now().date())
    done = exported(replace(subject, status=status or ""), language)
    if file is None:
        outlet.out(done.data.decode().rstrip())
    else:
        path = Path(file)
        if path.is_dir() or file.endswith("/"):
            ending = LANGUAGES[language].ending
            path /= f"{subject.label}.{language}" + (f".{ending}" if language != ending else "")
        write_asked(path, done.data, force=force)
        outlet.out(f"written  {path}")
    for each in done.left:
        outlet.err(click.style(f"not said in {language}: {each}", fg="yellow"))
    return 0


def _subject(outlet: Outlet, what: str, out: str | None, given: "Given", as_of: date) -> "Subject":
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.stages.export import of_application, of_document

    path = Path(what)
    if is_document(path):
        from musa_pipeline.domain.problems import Problems

        problems = Problems()
        found = of_document(path, what, problems)
        warn(outlet, problems)
        return found
    from musa_pipeline.cli.progress import follow

    work = start(what, out, given)
    for _ in follow(work, outlet, "compose"):
        pass
    warn(outlet, work.problems)
    return of_application(work, moment(as_of))
