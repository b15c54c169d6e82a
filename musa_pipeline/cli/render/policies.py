"""Policies, their tests and what the controller did, as text."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click

from musa_pipeline.assurance.reactions import Note, Record
from musa_pipeline.assurance.rehearse import Done, Rehearsal
from musa_pipeline.cli.render.problems import render_problems
from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.policy import Life, Policy, Rule
from musa_pipeline.formats.policies import PolicyFile

_GOOD = (Life.VERIFIED, Life.REVERTED, Life.EXPIRED, Life.APPLIED)


def policies(files: Sequence[PolicyFile]) -> str:
    """Return one line for each policy: what starts it, what it does, how far it may go."""
    found = [(each.policy, len(each.tests)) for each in files if each.policy]
    rows = [[p.id, _starts(p.rule), ", ".join(_steps(p.rule)), str(p.mode), str(tests)] for p, tests in found]
    return table(rows, head=("policy", "on", "does", "mode", "tests"), indent=0)


def rehearsals(done: Iterable[tuple[Policy, Rehearsal]], *, traces: bool) -> tuple[str, int, int]:
    """Return what came of tests, how many there were, and how many of them failed."""
    lines: list[str] = []
    count = failed = 0
    for policy, each in done:
        count += 1
        failed += bool(each.faults)
        mark = click.style("✗", fg="red") if each.faults else click.style("✓", fg="green")
        lines.append(f"{mark} {policy.id}: {each.test.title}")
        if traces:
            lines += [f"    {step.time:>7.1f} s  {step}" for step in each.done]
            told = (note for note in each.notes if note.trace and not note.action)
            lines += [f"      {line}" for note in told for line in (note.what, *note.trace.split("\n"))]
        if each.faults:
            lines.append(render_problems(each.faults))
    return "\n".join(lines), count, failed


def replayed(done: Sequence[Done], notes: Sequence[Note], *, traces: bool) -> str:
    """Return what policies would have done, by time."""
    rows = [[_time(each.time), each.record.action.policy, str(each)] for each in done]
    told = [note for note in notes if traces and note.trace and not note.action]
    lines = [f"{_time(note.time)}  {note.policy} {note.what}\n  " + note.trace.replace("\n", "\n  ") for note in told]
    return "\n".join(
        [
            table(rows, head=("time", "policy", "would have been done"), indent=0) if rows else "nothing would have been done",
            *lines,
        ]
    )


def reactions(records: Sequence[Record], model: str, *, stopped: bool) -> str:
    """Return actions of the controller, newest first; `model` as the user called it."""
    rows = [
        [
            _time(each.action.time),
            each.id,
            each.action.policy,
            _what(each),
            each.action.target,
            _life(each.life),
            each.action.reason,
        ]
        for each in records
    ]
    told = f"reactions are stopped: musa reactions resume {model} lets them go on"
    head = click.style(told, fg="yellow") + "\n" if stopped else ""
    return head + (
        table(rows, head=("time", "action", "policy", "what", "on", "state", "why"), indent=0) if rows else "no action yet"
    )


def _what(record: Record) -> str:
    return f"{'undo ' if record.takes_back else ''}{record.step} {record.main}"


def _life(life: Life) -> str:
    color = "green" if life in _GOOD else "red" if life is Life.FAILED else "yellow"
    return click.style(str(life), fg=color)


def _time(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _starts(rule: Rule) -> str:
    return f"{'without' if rule.on.what == 'silence' else rule.on.what} {rule.on.which}"


def _steps(rule: Rule) -> list[str]:
    own = [str(each.step) for each in (*rule.do, *rule.otherwise)]
    return list(dict.fromkeys([*own, *(step for each in rule.then for step in _steps(each))]))
