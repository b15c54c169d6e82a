"""What the condition of a policy can see: the fields of its event, and what it may ask the live context.

Types are `bool`, `number`, `text`, `any`, the name of a record below, or `list of` one of them. A field that is not known now has
no value; a condition that needs it is then neither true nor false.
"""

from collections.abc import Mapping
from typing import Final

_EVERY: Final = {"id": "text", "component": "text", "machine": "text", "target": "text", "time": "number"}

EVENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "finding": {
        **_EVERY,
        "type": "text",
        "confidence": "number",
        "algorithm": "text",
        "source": "text",
        "detail": "text",
        "evidence": "any",
    },
    "verdict": {
        **_EVERY,
        "objective": "text",
        "metric": "text",
        "state": "text",
        "value": "number",
        "samples": "number",
        "beyond": "number",
        "confidence": "number",
        "reason": "text",
    },
    "incident": {
        **_EVERY,
        "objective": "text",
        "metric": "text",
        "stage": "text",
        "began": "number",
        "cause": "text",
        "because": "text",
        "recommendation": "text",
    },
    "management": {**_EVERY, "what": "text", "data": "any"},
    "silence": {**_EVERY, "type": "text"},
}
"""The fields of `event`, by what the trigger listens to."""

RECORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "component": {
        "id": "text",
        "kind": "text",
        "exposed": "bool",
        "machine": "text",
        "protected": "bool",
        "uses": "list of text",
        "used_by": "list of text",
        "data": "list of text",
    },
    "host": {
        "id": "text",
        "provider": "text",
        "region": "text",
        "address": "text",
        "components": "list of text",
        "exposed": "bool",
        "silent": "number",
    },
    "incident": {"id": "text", "component": "text", "metric": "text", "stage": "text", "cause": "text", "machine": "text"},
    "series": {"count": "number", "mean": "number", "lowest": "number", "highest": "number", "total": "number"},
}
"""What the questions below answer with. `silent`: seconds since the machine's agent was last heard."""

ASKING: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "component": (("text",), "component"),
    "host": (("text",), "host"),
    "incident": (("text",), "incident"),
    "incidents": (("text",), "list of incident"),
    "state": (("text", "text"), "text"),
    "loaded": (("text", "text"), "bool"),
    "blocked": (("text", "text"), "bool"),
    "seen": (("text", "text", "text"), "number"),
    "series": (("text", "text", "text"), "series"),
}
"""Questions to the context: types of the arguments, type of the answer.

`component(id)`, `host(machine)`, `incident(id)`; `incidents(component)`: the open ones; `state(component, metric)`: the last verdict;
`loaded(program, machine)`, `blocked(address, machine)`; `seen(finding, target, "5m")`: how many in that time;
`series(component or machine, metric, "5m")`.
"""
