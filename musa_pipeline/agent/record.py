"""Records as roles and inputs write them, and measurements as the gateway takes them.

A record: `at`, `agent`, `component`, and `metric`, `value`, `unit`, or `finding` with what was found.
"""

import math
from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]
LONGEST = 1000
"""Characters of one text that is told beside a measurement."""
NAME, MOST_ABOUT, LAST = 200, 40, 1e11
"""What the gateway takes: characters of a name, texts beside a measurement, the last time. It would refuse a whole batch for one beyond."""
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
    try:
        value, at = float(value), float(at)
    except OverflowError:
        return None
    if not math.isfinite(value) or not 0 <= at <= LAST:
        return None
    rest = {name: each for name, each in record.items() if name not in _OWN}
    if finding and "metric" in record:
        rest["metric"] = record["metric"]
    about = record.get("about")
    rest.update(about if isinstance(about, dict) else {})
    found = {
        "component": str(record.get("component", "")),
        "machine": machine,
        "agent": str(record.get("agent", "")),
        "metric": metric,
        "value": value,
        "unit": str(record.get("unit", "")),
        "time": at,
        "about": {str(name): _text(each) for name, each in sorted(rest.items())},
    }
    return found if _taken(found) else None


def _taken(found: Record) -> bool:
    """Tell whether the gateway takes a measurement."""
    about: dict[str, str] = found["about"]
    words = [found["component"], found["agent"], found["metric"], found["unit"], *about]
    return (
        bool(found["agent"])
        and len(about) <= MOST_ABOUT
        and max(map(len, words)) <= NAME
        and not any(_half(word) for word in (*words, *about.values()))
    )


def _half(word: str) -> bool:
    """Tell whether a text holds half a sign (a lone surrogate), which no UTF-8 can say."""
    return any("\ud800" <= each <= "\udfff" for each in word) if not word.isascii() else False


def _text(value: object) -> str:
    whole = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"
