"""What a check of models found: as text for people, or as JSON, SARIF or JUnit for other programs."""

import os
from pathlib import Path

import click

from musa_pipeline import __version__
from musa_pipeline.cli.render.problems import render_problems
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.findings import Checked, Report, findings_json, github, gitlab, junit, sarif
from musa_pipeline.stages.words import count
from musa_pipeline.text.sarif import split_lines
from musa_pipeline.workspace.files import read_text
from musa_pipeline.workspace.findings import meanings
from musa_pipeline.workspace.places import repository

FROM_ROOT = ("sarif", "github", "gitlab")
_FAMOUS = 12
"""Files named one by one in the text; of more only the number is told."""


def report_of(checked: tuple[Checked, ...], format_: str, command: str = "model check") -> Report:
    """Return the report that a writer takes; what code hosts show speaks from the repository's root, the others from here."""
    if format_ not in FROM_ROOT:
        return Report(checked=checked, version=__version__, command=command)
    lines: dict[str, tuple[str, ...]] = {}
    for each in {problem.at.file for one in checked for problem in one.problems if problem.at}:
        text = read_text(Path(each), each, Problems()) if Path(each).is_file() else None
        lines[each] = split_lines(text) if text is not None else ()
    root = repository()
    names = {each: _from(root, each) for each in {*lines, *(one.file for one in checked)}}
    moved = tuple(_moved(each, names) for each in checked)
    return Report(
        checked=moved,
        version=__version__,
        command=command,
        meanings=meanings(),
        lines={names[each]: found for each, found in lines.items()},
    )


def written(checked: tuple[Checked, ...], format_: str, *, strict: bool = False, command: str = "model check") -> str:
    """Return the report in a format for programs."""
    report = report_of(checked, format_, command)
    if format_ == "junit":
        return junit(report, strict=strict).rstrip()
    return {"json": findings_json, "sarif": sarif, "github": github, "gitlab": gitlab}[format_](report).rstrip()


def told(checked: tuple[Checked, ...], *, everything: bool) -> str:
    """Return the findings as text, and a line on all of it."""
    report = Report(checked=checked, version=__version__)
    problems = [each for each in report.problems if everything or each.severity is not Severity.NOTE]
    parts = [render_problems(problems, everything=True)] if problems else []
    hidden = len(report.problems) - len(problems)
    read = [each for each in checked if each.components is not None]
    what = f"{count(len(checked), 'model')} checked"
    if len(checked) <= _FAMOUS:
        what += "".join(f"\n  {_one(each)}" for each in checked)
    elif len(read) < len(checked):
        what += f", {len(checked) - len(read)} of them cannot be used"
    if hidden:
        what += click.style(f"\n{count(hidden, 'note')} on what was decided for you (musa -v model check shows them)", dim=True)
    return "\n".join([*parts, what])


def _one(each: Checked) -> str:
    bad = sum(problem.severity is Severity.ERROR for problem in each.problems)
    warned = sum(problem.severity is Severity.WARNING for problem in each.problems)
    if each.components is None:
        state = click.style(count(bad, "error"), fg="red") if bad else "nothing to deploy"
    else:
        state = f"{each.language}, {count(each.components, 'component')}"
    return f"{each.file}: {state}" + (f", {count(warned, 'warning')}" if warned else "")


def _moved(each: Checked, names: dict[str, str]) -> Checked:
    from dataclasses import replace

    problems = tuple(
        replace(one, at=Span(names[one.at.file], one.at.line, one.at.column, one.at.length)) if one.at else one
        for one in each.problems
    )
    return replace(each, file=names[each.file], problems=problems)


def _from(root: Path, file: str) -> str:
    """Return a file's path from the repository's root; one outside it as it is called from here."""
    path = os.path.relpath(file, root)
    return file if path.startswith("..") else path
