"""The running application in a terminal: the same board as the page, worst first."""

import json
from dataclasses import asdict

import click

from musa_pipeline.assurance.board import Board
from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.verdict import State
from musa_pipeline.services.pages.words import ago, bound, clock, figure, lasted

_COLORS = {
    State.VIOLATED: "red",
    State.AT_RISK: "yellow",
    State.FULFILLED: "green",
}
_SIGNS = {
    State.VIOLATED: "✗",
    State.AT_RISK: "!",
    State.FULFILLED: "✓",
    State.NOT_DETERMINED: "?",
    State.NOT_APPLICABLE: "·",
}


def state(value: State) -> str:
    """Return a state with its sign, for those who see no colour too."""
    text = f"{_SIGNS[value]} {str(value).replace('-', ' ')}"
    return click.style(text, fg=_COLORS.get(value), dim=value in (State.NOT_DETERMINED, State.NOT_APPLICABLE))


def status(shown: Board, *, everything: bool = False) -> str:
    """Return the board as text; kept promises are counted unless `everything` is asked for."""
    parts = [f"{click.style(shown.application, bold=True)} · {state(shown.state)} · {clock(shown.time)} UTC"]
    kept = [each for each in shown.promises if each.state is State.FULFILLED]
    rows = [
        [
            state(each.state),
            each.component or shown.application,
            each.metric,
            bound(each.bound, each.operator, each.unit),
            figure(each.value, each.unit),
            each.reason,
        ]
        for each in shown.promises
        if everything or each.state is not State.FULFILLED
    ]
    if rows:
        parts.append(table(rows, head=["state", "of", "metric", "promised", "measured", "why"]))
    if kept and not everything:
        parts.append(f"  {state(State.FULFILLED)}  {len(kept)} of {len(shown.promises)} promises")
    if shown.incidents:
        parts.append(_titled("incidents", [_incident(shown, number) for number in range(len(shown.incidents))]))
    if shown.actions:
        rows = [[clock(each.time), each.policy, each.step, each.target, each.life, each.reason] for each in shown.actions]
        parts.append(_titled("actions", rows))
    rows = [
        [each.id, each.provider, f"agent heard {ago(each.seen, shown.time)}", ", ".join(each.programs), _blocked(each.blocked)]
        for each in shown.machines
    ]
    parts.append(_titled("machines", rows))
    return "\n\n".join(parts)


def _incident(shown: Board, number: int) -> list[str]:
    each = shown.incidents[number]
    still = click.style("open", fg="red") if each.ended is None else f"closed after {lasted(each.ended - each.began)}"
    what = f"{each.metric} of {each.component or shown.application}"
    return [clock(each.began), still, what, f"{each.cause} {each.because}".strip(), each.recommendation]


def _blocked(blocked: tuple[tuple[str, float, float], ...]) -> str:
    return ", ".join(f"drops {source} until {clock(until)} ({figure(packets)} packets)" for source, packets, until in blocked)


def _titled(title: str, rows: list[list[str]]) -> str:
    return f"{click.style(title, bold=True)}\n{table(rows)}"


def status_json(shown: Board) -> str:
    """Return the board as JSON."""
    return json.dumps(asdict(shown), indent=2, ensure_ascii=False)
