"""What the gate found: model by model, kind by kind, the worst first; and lines to paste for what somebody answers for."""

import os
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

import click

from musa_pipeline.cli.render.findings import written
from musa_pipeline.cli.render.problems import render_problems
from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import one_line
from musa_pipeline.domain.gate import Finding
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.formats.findings import Checked
from musa_pipeline.stages.check import Judged
from musa_pipeline.stages.words import count
from musa_pipeline.workspace.findings import meanings

_MOST = 8
"""Findings of one kind that are shown without -v."""
_PROPOSED = 1
_LASTS = timedelta(days=90)
"""How long a waiver lasts that is proposed."""
_COLOR = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def told(judged: Sequence[Judged], today: date, *, everything: bool, quiet: bool) -> str:
    """Return everything as text."""
    known = meanings()
    parts = [_model(each, known, everything=everything, quiet=quiet) for each in judged]
    proposals = [] if quiet else [text for each in judged if (text := _to_paste(each, today, everything=everything))]
    return "\n\n".join([part for part in [*parts, *proposals] if part] + [_sum(judged)])


def for_programs(judged: Sequence[Judged], format_: str) -> str:
    """Return everything in a format for programs."""
    return written(tuple(map(_checked, judged)), format_, command="check")


def _checked(each: Judged) -> Checked:
    told = Problems()  # of very many alike, the first: nobody reads more
    told.extend(finding.problem for finding in each.findings)
    numbers = {"required": each.required, "promised": each.promised, "waived": each.waived, "known": each.known}
    return Checked(
        file=each.file,
        language=each.language,
        components=each.components,
        problems=tuple(told),
        counts=() if each.broken else (*numbers.items(), ("mended", each.mended)),
    )


def _model(each: Judged, known: dict[str, tuple[str, str, str]], *, everything: bool, quiet: bool) -> str:
    file = one_line(each.file)
    head = click.style(each.application or file, bold=True)
    if each.broken:
        problems = render_problems((finding.problem for finding in each.findings), everything=everything)
        return f"{head}  {click.style('cannot be judged', fg='red')}\n{problems}"
    least = Severity.ERROR if quiet else Severity.NOTE if everything else Severity.WARNING
    order = list(Severity)
    shown = [finding for finding in each.findings if order.index(finding.problem.severity) <= order.index(least)]
    groups = groupby(shown, key=lambda finding: (finding.problem.severity, finding.problem.code))
    lines = [
        line for (severity, code), found in groups for line in _kind(severity, code, list(found), known, everything=everything)
    ]
    if quiet and not lines:
        return ""
    return "\n".join([f"{head}  {click.style(file, dim=True)}  {_numbers(each)}", *lines])


def _numbers(each: Judged) -> str:
    notes = sum(finding.problem.severity is Severity.NOTE for finding in each.findings)
    said = [f"{each.promised} of {each.required} required controls promised"]
    said += [f"{each.waived} waived"] if each.waived else []
    said += [f"{each.known} known"] if each.known else []
    said += [f"{count(each.mended, 'known finding')} mended: write the baseline anew"] if each.mended else []
    said += [f"{count(notes, 'note')} (-v)"] if notes else []
    return " · ".join(said)


def _kind(
    severity: Severity, code: str, found: list[Finding], known: dict[str, tuple[str, str, str]], *, everything: bool
) -> list[str]:
    head = click.style(f"{severity}[{code}]", fg=_COLOR[severity], bold=True)
    meaning = known.get(code, (code, "", ""))[0]
    shown = found if everything else found[:_MOST]
    rows = [[click.style(str(each.problem.at), dim=True), each.problem.text] for each in shown]
    lines = [f"  {head} {len(found)} × {meaning}", table(rows, indent=4)]
    if len(shown) < len(found):
        lines.append(click.style(f"    … and {len(found) - len(shown)} more (musa -v check shows them)", dim=True))
    ways = list(dict.fromkeys(each.problem.help for each in shown if each.problem.help))
    return lines + [f"    → {one_line(way)}" for way in (ways if everything else ways[:1])]


def _to_paste(each: Judged, today: date, *, everything: bool) -> str:
    """Return what one writes into decisions.yaml to leave some errors as they are; who and why stay to be filled in."""
    failing = [finding for finding in each.findings if finding.problem.severity is Severity.ERROR]
    gaps = [finding.about for finding in failing if finding.problem.code in ("J001", "J002")]
    risks = list(dict.fromkeys(finding.about[0] for finding in failing if finding.problem.code in ("J003", "J004", "J005")))
    term = ("owner:", "reason:", f"since: {today}", f"expires: {today + _LASTS}")
    waivers = [(f"component: {component}", f"control: {control}", *term) for component, control in gaps]
    accepted = [(f"risk: {risk}", *term) for risk in risks]
    most = max(len(waivers), len(accepted)) if everything else _PROPOSED
    lines = [*_entries("waivers", waivers[:most]), *_entries("accepted", accepted[:most])]
    if not lines:
        return ""
    left = sum(max(0, len(some) - most) for some in (waivers, accepted))
    more = f" ({left} more with -v)" if left else ""
    place = os.path.join(os.path.dirname(one_line(each.file)), "decisions.yaml")  # noqa: PTH118, PTH120  a name that is shown
    head = f"what may stay as it is for a time goes into {place}, with who answers for it and why{more}:"
    return "\n".join([click.style(head, bold=True), *(f"  {line}" for line in lines)])


def _entries(name: str, entries: Sequence[Sequence[str]]) -> list[str]:
    """Return a list of mappings as YAML in block style, in which people need not quote commas."""
    lines = [f"{'  - ' if number == 0 else '    '}{line}" for entry in entries for number, line in enumerate(entry)]
    return [f"{name}:", *lines] if lines else []


def _sum(judged: Sequence[Judged]) -> str:
    errors = sum(each.errors for each in judged)
    failed = [each for each in judged if each.errors]
    what = count(len(judged), "model")
    if not failed:
        warnings = sum(finding.problem.severity is Severity.WARNING for each in judged for finding in each.findings)
        left = f", {count(warnings, 'warning')}" if warnings else ""
        return f"{click.style('passed', fg='green', bold=True)}: {what} checked{left}"
    worst = next(each.problem.code for one in failed for each in one.findings if each.problem.severity is Severity.ERROR)
    said = f"{count(errors, 'error')} in {len(failed)} of {what}"
    return f"{click.style('failed', fg='red', bold=True)}: {said} · musa explain {worst}"
