"""What a deployment came to."""

import json

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.runners.ansible import Played, Told
from musa_pipeline.stages.deploy import Outcome
from musa_pipeline.stages.deployment import LOCAL
from musa_pipeline.stages.words import count


def render_deployed(outcome: Outcome, took: float, *, check: bool = False, quiet: bool = False) -> str:
    """Return the outcome as text; when quiet, only what failed."""
    failures = render_failures(outcome)
    if quiet:
        return failures
    found, played = outcome.deployment, outcome.played
    where = "guest" if found.on == LOCAL else "host"
    machines = count(len(played.counts), where) if played else ""
    changed = played.changed if played else 0
    verb = "would change" if check else "changed"
    if outcome.well:
        amount = f"{verb} {changed}" if changed else f"nothing {verb if check else 'changed'}"
        state = f"{'checked' if check else 'deployed'} on {machines} in {took:.0f} s: {amount}"
        state += "" if check else ", every component answers"
    else:
        state = click.style(f"not deployed: {count(len(_failures(outcome)), 'task')} failed", fg="red", bold=True)
    rows = [
        [name, found.machines.get(name, ""), f"ok={each.ok}", f"changed={each.changed}", f"failed={each.failed + each.unreachable}"]
        for name, each in sorted(played.counts.items())
    ] if played else []  # fmt: skip
    lines = [f"{click.style(found.application, bold=True)} · {state}", table(rows)]
    if failures:
        lines += ["", failures]
    if outcome.well and not check:
        if found.gateway is None:
            lines.append("  agents keep their records on their machines: give --gateway https://HOST:PORT to have them sent")
        lines.append(f"next      musa assure {found.application} · musa undeploy {found.application}")
    return "\n".join(each for each in lines if each or failures)


def render_deployed_json(outcome: Outcome, took: float, *, check: bool = False, quiet: bool = False) -> str:  # noqa: ARG001
    """Return the outcome for machines."""
    played = outcome.played
    plain = {
        "application": outcome.deployment.application,
        "on": outcome.deployment.on,
        "check": check,
        "well": outcome.well,
        "seconds": round(took, 1),
        "booted": list(outcome.booted),
        "changed": played.changed if played else 0,
        "machines": {
            name: {
                "address": outcome.deployment.machines.get(name, ""),
                "ok": each.ok,
                "changed": each.changed,
                "failed": each.failed,
                "unreachable": each.unreachable,
            }
            for name, each in sorted(played.counts.items())
        }
        if played
        else {},
        "failures": [{"machine": each.machine, "task": each.task, "why": each.detail} for each in _failures(outcome)],
    }
    return json.dumps(plain, indent=2)


def render_failures(outcome: Outcome) -> str:
    """Return each failure with its machine and reason."""
    lines = []
    for each in _failures(outcome):
        lines.append(f"  {click.style(each.machine, bold=True)}: {f'{each.role}: ' if each.role else ''}{each.task}")
        lines += [f"    {line}" for line in each.detail.splitlines()[:12]]
    lines += [f"  {run.said}" for run in _runs(outcome) if run.said]
    return "\n".join(lines)


def _runs(outcome: Outcome) -> list[Played]:
    return [each for each in (outcome.played, outcome.answering) if each is not None]


def _failures(outcome: Outcome) -> list[Told]:
    return [each for run in _runs(outcome) if not run.well for each in run.failures]
