"""How the platform publishes the standing of each promise to whoever scrapes it: names, labels, and the words of PromQL for them."""

from typing import Final

from musa_pipeline.domain.metric import Operator, Value

VALUE: Final = "musa_promise_value"
"""What was measured over the window of the verdict, in the unit of the promise; yes is 1, no is 0."""
STATE: Final = "musa_promise_state"
"""1 for the state that the promise is in, 0 for every other; the label `state` has the word."""
EVIDENCE: Final = "musa_promise_evidence_timestamp_seconds"
"""When the newest evidence was observed, in seconds since 1970."""
HELP: Final = {
    VALUE: "What was measured of a promise, in its own unit.",
    STATE: "Whether a promise is in a state: 1 or 0.",
    EVIDENCE: "When the newest evidence of a promise was observed.",
}
COMPARISON: Final = {Operator.GE: ">=", Operator.LE: "<=", Operator.GT: ">", Operator.LT: "<", Operator.EQ: "=="}
"""Signs of PromQL for what is promised."""
BROKEN: Final = {Operator.GE: "<", Operator.LE: ">", Operator.GT: "<=", Operator.LT: ">=", Operator.EQ: "!="}
"""Signs of PromQL for the opposite."""


def series(name: str, application: str, component: str, metric: str, **more: str) -> str:
    """Return one series: in an exposition as in PromQL. The application itself has no component: its label is empty.

    >>> series(VALUE, "shop", "web", "availability")
    'musa_promise_value{application="shop",component="web",metric="availability"}'
    """
    labels = {"application": application, "component": component, "metric": metric, **more}
    return f"{name}{{{','.join(f'{key}={quoted(value)}' for key, value in labels.items())}}}"


def quoted(text: str) -> str:
    r"""Return a text between quotes, as both languages take it.

    >>> quoted('a "b" \\ c')
    '"a \\"b\\" \\\\ c"'
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def number(value: Value) -> str:
    """Return a value as a figure that both languages read.

    >>> number(True), number(24), number(98.505)
    ('1', '24', '98.505')
    """
    return str(int(value)) if isinstance(value, bool) else repr(value)
