"""How every promise stands, as OpenMetrics 1.0 text: what a Prometheus scrapes beside the platform's own figures."""

from collections.abc import Iterator

from musa_pipeline.assurance.board import Board, PromiseRow
from musa_pipeline.domain.published import EVIDENCE, HELP, STATE, VALUE, series
from musa_pipeline.domain.verdict import State


def openmetrics(board: Board) -> str:
    """Return the families of all promises, without the end mark; nothing where nothing is promised."""
    if not board.promises:
        return ""
    lines: list[str] = []
    for name, samples in ((VALUE, _values(board)), (STATE, _states(board)), (EVIDENCE, _evidence(board))):
        lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge", *samples]
    return "\n".join([*lines, ""])


def _values(board: Board) -> Iterator[str]:
    # without evidence that is young enough there is no value: a scraper must not take an old one for a new one
    known = (each for each in board.promises if each.value is not None and each.state is not State.NOT_DETERMINED)
    return (f"{_series(VALUE, board, each)} {each.value!r}" for each in known)


def _states(board: Board) -> Iterator[str]:
    for each in board.promises:
        for state in State:
            yield f"{_series(STATE, board, each, state=str(state))} {int(each.state is state)}"


def _evidence(board: Board) -> Iterator[str]:
    return (f"{_series(EVIDENCE, board, each)} {each.last!r}" for each in board.promises if each.last is not None)


def _series(name: str, board: Board, row: PromiseRow, **more: str) -> str:
    return series(name, board.application, row.component, row.metric, **more)
