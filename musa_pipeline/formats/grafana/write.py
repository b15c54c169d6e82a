"""The dashboard: the whole application first, then a folded row for each component; ids and places follow from the SLAs alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Metric
from musa_pipeline.formats.grafana.panels import Tree, counted, promised, states

SCHEMA: Final = 42
"""The version of Grafana 12's classic dashboard schema; later ones read it."""
COLUMNS: Final = 24
_WIDE: Final = 8
_HIGH: Final = 7


def write_dashboard(application: str, slas: Sequence[Sla], metrics: Mapping[MetricId, Metric]) -> str:
    """Return the dashboard as JSON; `application` is the label that the platform publishes the promises under."""
    name = slas[0].name if slas else application
    found = {
        "uid": f"musa-{sha256(application.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}",
        "title": f"{name}: Security SLA",
        "description": f"How the promises of {name} stand, as `musa assure` publishes it.",
        "tags": ["musa", "sla"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": [_datasource()]},
        "panels": list(_numbered(_panels(application, slas, metrics))),
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _datasource() -> Tree:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1, "hide": 0}


def _panels(application: str, slas: Sequence[Sla], metrics: Mapping[MetricId, Metric]) -> Iterator[Tree]:
    y = 0
    for number, sla in enumerate(each for each in slas if each.slos):
        # folded rows cost nothing until they are opened: a thousand components stay a page
        folded = number > 0
        top = [] if folded else [counted(application) | _at(0, 1, COLUMNS, 4)]
        inside = [*top, *_of(application, sla, metrics, y + (1 if folded else 5))]
        row: Tree = {"type": "row", "title": sla.name, "collapsed": folded, "panels": inside if folded else []}
        yield row | _at(0, y, COLUMNS, 1)
        if folded:
            y += 1
        else:
            yield from inside
            y = max(map(_bottom, inside))


def _of(application: str, sla: Sla, metrics: Mapping[MetricId, Metric], y: int) -> Iterator[Tree]:
    component = str(sla.component or "")
    high = 3 + len(sla.slos)
    yield states(application, component) | _at(0, y, COLUMNS, high)
    for number, slo in enumerate(sla.slos):
        row, column = divmod(number, COLUMNS // _WIDE)
        place = _at(column * _WIDE, y + high + row * _HIGH, _WIDE, _HIGH)
        yield promised(slo, metrics.get(slo.metric), application, component) | place


def _at(x: int, y: int, wide: int, high: int) -> Tree:
    return {"gridPos": {"x": x, "y": y, "w": wide, "h": high}}


def _bottom(panel: Tree) -> int:
    place = panel["gridPos"]
    assert isinstance(place, dict)  # noqa: S101  `_at` made it
    return int(place["y"] + place["h"])


def _numbered(panels: Iterator[Tree]) -> Iterator[Tree]:
    count = 0
    for panel in panels:
        count += 1
        own = count
        inside = panel.get("panels")
        if isinstance(inside, list) and inside:
            count += len(inside)
            yield panel | {"id": own, "panels": [each | {"id": own + number} for number, each in enumerate(inside, 1)]}
        else:
            yield panel | {"id": own}
