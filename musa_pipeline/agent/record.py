"""Records as roles and inputs write them, and measurements as the gateway takes them.

A record: `at`, `agent`, `component`, and `metric`, `value`, `unit`, or `finding` with what was found.
"""

import math
from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]
LONGEST = 1000
"""Characters of one text that is told beside a measurement."""
_OWN = frozenset(("at", "agent", "component", "metric", "value", "unit", "finding", "about"))


def measurement(record: Mapping[str, Any], machine: str) -> Record | None:
    """Return a record as a measurement; None if it has no figure. A finding is the measurement `finding.<name>`.

    >>> measurement({"at": 1, "agent": "a", "component": "c", "metric": "m", "value": True, "unit": "", "why": "x"}, "vm")["value"]
    1.0
    """
    finding = record.get("finding")
    value = record.get("value", 1 if finding else None)
    metric = f"finding.{finding}" if finding else record.get("metric")
    at = record.get("at")
    if not isinstance(value, int | float) or not isinstance(at, int | float) or not isinstance(metric, str) or not metric:
        return None
    if not math.isfinite(value) or not math.isfinite(at):
        return None
    rest = {name: each for name, each in record.items() if name not in _OWN}
    if finding and "metric" in record:
        rest["metric"] = record["metric"]
    rest.update(record.get("about") or {})
    return {
        "component": str(record.get("component", "")),
        "machine": machine,
        "agent": str(record.get("agent", "")),
        "metric": metric,
        "value": float(value),
        "unit": str(record.get("unit", "")),
        "time": float(at),
        "about": {str(name): _text(each) for name, each in sorted(rest.items())},
    }


def _text(value: object) -> str:
    whole = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"
