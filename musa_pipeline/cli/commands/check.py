"""`musa check [MODEL]…`: the gate for a pipeline; it writes nothing but what it is told to."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.clock import day, moment
from musa_pipeline.cli.commands.common import models_here, reading_options_offline
from musa_pipeline.cli.outlet import Outlet

if TYPE_CHECKING:
    from musa_pipeline.domain.gate import Rule
    from musa_pipeline.stages.check import Judged
    from musa_pipeline.workspace.given import Given

FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab")
_FORMS = (
    rb"\{.*\"musa/findings\"",
    rb"\{.*\bsarif\b",
    rb"<\?xml.*<testsuites\b",
    rb"::(?:error|warning|notice) ",
    rb"\[\s*(?:\]|\{)",
)
"""How reports begin, in the order of FORMATS."""


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=lambda _ctx, _param, begun: models_here(begun))
@click.option(
    "--fail-on", "conditions", metavar="CONDITION", multiple=True, help="What fails; repeatable. Replaces check.fail_on."
)
@click.option("--baseline", metavar="FILE", help="Findings that FILE holds are known and fail nothing.")
@click.option(
    "--write-baseline", "written", metavar="FILE", help="Write the present findings to FILE: from now on only new ones fail."
)
@click.option("--as-of", metavar="DAY", callback=day, help="Judge decisions as of this day (2027-04-30); today if left out.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="How findings are printed.")
@click.option(
    "--report", "reports", metavar="FORMAT=FILE", multiple=True, help="Write them to FILE too, in that format; repeatable."
)
@click.option("-o", "--out", metavar="DIR", help="Compare with sla/ and playbooks/ under DIR, not with those of the repository.")
@reading_options_offline
@click.pass_obj
def check(
    outlet: Outlet,
    models: tuple[str, ...],
    given: "Given",
    conditions: tuple[str, ...],
    baseline: str | None,
    written: str | None,
    as_of: date | None,
    format_: str,
    reports: tuple[str, ...],
    out: str | None,
) -> int:
    """Judge models as a pipeline does before a change goes in; without MODEL all models of the repository. Nothing is written.

    Every model is derived anew in memory. Found are required controls that nobody grants, risks above the bar that nobody answers
    for, decisions that expired, and committed documents that are not what the model gives.

    A CONDITION is a word, perhaps with a bound: missing, mandatory, over, expired, stale, unverified, broken (these fail by themselves),
    expiring, gone, unmeasured, unanswered, warning, new; 'unanswered > 10', 'coverage < 95 %', 'risk >= high', 'residual >= medium'.

    Exit code 0 if nothing fails, 1 if something does, 2 if a model or a flag is wrong, 3 if the outside failed.
    """
    from musa_pipeline.cli.render.check import for_programs, told
    from musa_pipeline.stages.check import Asked
    from musa_pipeline.stages.check import check as judge
    from musa_pipeline.workspace.baseline import load_baseline

    files = [_report(each) for each in reports]
    now = moment(as_of)
    before = load_baseline(Path(written)) if written and Path(written).exists() else frozenset()
    asked = Asked(
        now=now,
        rules=_rules(conditions),
        baseline=load_baseline(Path(baseline)) if baseline else None,
        forgive=written is not None,
        given=given,
        out=out,
    )
    judged = tuple(judge(models, asked))
    outlet.out(
        told(judged, now.date(), everything=outlet.verbose, quiet=outlet.quiet)
        if format_ == "text"
        else for_programs(judged, format_)
    )
    for kind, file in files:
        _write(file, for_programs(judged, kind))
    if written is not None:
        _remember(outlet, judged, before, Path(written))
    if any(each.outside for each in judged):
        return 3
    return 2 if any(each.broken for each in judged) else int(any(each.errors for each in judged))


def _rules(conditions: tuple[str, ...]) -> "tuple[Rule, ...] | None":
    from musa_pipeline.domain.gate import read_rule

    return tuple(map(read_rule, conditions)) if conditions else None


def _report(said: str) -> tuple[str, str]:
    kind, equals, file = said.partition("=")
    if kind not in FORMATS[1:] or not equals or not file:
        raise click.UsageError(f"--report {said!r}: write FORMAT=FILE, with one of {', '.join(FORMATS[1:])}")
    _is_free(Path(file))
    return kind, file


def _is_free(file: Path) -> None:
    """Raise UsageWrong for a file that is no report: a slip of the keyboard writes over nobody's model."""
    from musa_pipeline.domain.errors import UsageWrong

    if not file.is_file():
        return
    with file.open("rb") as opened:
        begins = opened.read(1000).strip()
    if (begins or file.suffix in (".yaml", ".yml")) and not any(re.match(form, begins, re.DOTALL) for form in _FORMS):
        raise UsageWrong(f"{str(file)!r} is there, and it is no report of a check", "name another file, or remove this one")


def _write(file: str, text: str) -> None:
    from musa_pipeline.workspace.files import write_named

    write_named(Path(file), f"{text}\n".encode("utf-8", "backslashreplace"))


def _remember(outlet: Outlet, judged: "tuple[Judged, ...]", before: frozenset[str], file: Path) -> None:
    """Write the baseline; what it knew of models that were not judged now stays in it."""
    from musa_pipeline.workspace.baseline import save_baseline

    fresh = tuple(f"{each.application}: " for each in judged if not each.broken)
    keys = {key for each in judged for key in each.keys} | {key for key in before if not key.startswith(fresh)}
    save_baseline(file, keys)
    outlet.err(f"{file} knows {len(keys)} findings; from now on `musa check --baseline {file}` fails for new ones only")
