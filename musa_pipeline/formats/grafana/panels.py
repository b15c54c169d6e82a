"""Panels of Grafana's dashboard schema, version 42: the states of promises, and one service level with its bounds as lines."""

from typing import Final

from musa_pipeline.domain.metric import Metric, Operator, Slo
from musa_pipeline.domain.published import COMPARISON, STATE, VALUE, number, quoted, series

Tree = dict[str, object]

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
COLOURS: Final = {
    "fulfilled": "green",
    "not-applicable": "text",
    "not-determined": "purple",
    "at-risk": "orange",
    "violated": "red",
}
"""States, best first, as the platform's own page has them."""
_CODES: Final = {"not-determined": 1, "at-risk": 2, "violated": 3}
_UNITS: Final = {"%": "percent", "ms": "ms", "s": "s", "h": "h", "d": "d", "": "none", "1": "none"}


def counted(application: str) -> Tree:
    """Return the panel that counts promises by state."""
    query = f"count by (state) ({STATE}{{application={quoted(application)}}} == 1)"
    fixed: list[Tree] = [
        {
            "matcher": {"id": "byName", "options": state},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}],
        }
        for state, colour in COLOURS.items()
    ]
    options: Tree = {"colorMode": "background", "graphMode": "none", "textMode": "value_and_name", "reduceOptions": _LAST}
    return _panel("stat", "Promises by state", query, "{{state}}", {"unit": "none"}, options, overrides=fixed)


def states(application: str, component: str) -> Tree:
    """Return the panel that shows how the promises of one SLA stood over time."""

    def of(state: str) -> str:
        labels = f"application={quoted(application)},component={quoted(component)},state={quoted(state)}"
        return f"{STATE}{{{labels}}}"

    query = " + ignoring (state) ".join(f"{of(state)} * {code}" for state, code in _CODES.items())
    words = {0: "fulfilled", **{code: state for state, code in _CODES.items()}}
    mapped = {str(code): {"text": state, "color": COLOURS[state], "index": code} for code, state in words.items()}
    defaults: Tree = {
        "unit": "none",
        "mappings": [{"type": "value", "options": mapped}],
        "custom": {"fillOpacity": 80, "lineWidth": 0},
    }
    options: Tree = {"mergeValues": True, "showValue": "never", "alignValue": "left", "rowHeight": 0.85, "legend": _BELOW}
    return _panel("state-timeline", "States", query, "{{metric}}", defaults, options)


def promised(slo: Slo, metric: Metric | None, application: str, component: str) -> Tree:
    """Return the panel of one service level: its figure over time, or yes and no."""
    title = metric.title if metric else str(slo.metric)
    query = series(VALUE, application, component, str(slo.metric))
    about = _about(slo, metric)
    if isinstance(slo.bound, bool):
        good, bad = ("green", "red") if slo.bound else ("red", "green")
        yes = {"0": {"text": "no", "color": bad, "index": 0}, "1": {"text": "yes", "color": good, "index": 1}}
        defaults: Tree = {"unit": "none", "mappings": [{"type": "value", "options": yes}]}
        options: Tree = {"colorMode": "background", "graphMode": "none", "reduceOptions": _LAST}
        return _panel("stat", title, query, title, defaults, options, about=about)
    custom = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 8, "spanNulls": False, "thresholdsStyle": {"mode": "line+area"}}
    defaults = {
        "unit": _UNITS.get(slo.unit, f"suffix: {slo.unit}"),
        "color": {"mode": "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": _steps(slo)},
        "custom": custom,
    }
    return _panel("timeseries", title, query, title, defaults, {"legend": _BELOW, "tooltip": {"mode": "single"}}, about=about)


_LAST: Final = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_BELOW: Final = {"showLegend": False, "displayMode": "list", "placement": "bottom"}


def _steps(slo: Slo) -> list[Tree]:
    """Return the bands of a bound, the lowest first; a promise of one value has none."""
    alert: list[tuple[str, float]] = [] if slo.alert is None else [("orange", float(slo.alert))]
    match slo.operator:
        case Operator.GE | Operator.GT:
            # from the bound up it is near, from the alert up it is well
            rising = (
                [("orange", float(slo.bound)), ("green", float(slo.alert))]
                if slo.alert is not None
                else [("green", float(slo.bound))]
            )
            return _banded("red", rising)
        case Operator.LE | Operator.LT:
            return _banded("green", [*alert, ("red", float(slo.bound))])
        case _:
            return _banded("green", [])


def _banded(lowest: str, above: list[tuple[str, float]]) -> list[Tree]:
    return [{"color": lowest, "value": None}, *({"color": colour, "value": value} for colour, value in above)]


def _about(slo: Slo, metric: Metric | None) -> str:
    unit = f" {slo.unit}" if slo.unit else ""
    parts = [f"Promised: {COMPARISON[slo.operator]} {number(slo.bound)}{unit}, weight {slo.weight.lower()}."]
    if slo.alert is not None:
        parts.append(f"Alert at {number(slo.alert)}{unit}.")
    if slo.because:
        parts.append(f"Why: {slo.because}.")
    if metric and metric.definition:
        parts.append(metric.definition)
    return " ".join(parts)


def _panel(
    type_: str,
    title: str,
    query: str,
    legend: str,
    defaults: Tree,
    options: Tree,
    *,
    about: str = "",
    overrides: list[Tree] | None = None,
) -> Tree:
    target = {"refId": "A", "datasource": DATASOURCE, "editorMode": "code", "expr": query, "legendFormat": legend, "range": True}
    return {
        "type": type_,
        "title": title,
        "description": about,
        "datasource": DATASOURCE,
        "targets": [target],
        "fieldConfig": {"defaults": defaults, "overrides": overrides or []},
        "options": options,
    }
