"""Metrics as people read them: who can measure each, which controls it shows how well, and what is open in the whole catalog."""

from collections import Counter
from collections.abc import Iterable, Iterator

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import ControlId, control_key
from musa_pipeline.domain.metric import Grade, Metric, MetricLink
from musa_pipeline.formats.catalogs.coverage import Coverage

_SIGNS = {"eq": "=", "geq": "≥", "leq": "≤", "gt": ">", "lt": "<"}


def rows_of(catalogs: Catalogs, metric: Metric) -> list[list[str]]:
    """Return what is known of one metric, a row each; empty ones are for the caller to drop."""
    return [
        ["definition", metric.definition],
        ["scale", f"{metric.scale}{_range(metric)}"],
        ["unit", metric.unit],
        ["bound", _bound(metric)],
        ["because", metric.because],
        ["source says", " and ".join(metric.target)],
        ["combines by", str(metric.combine)],
        ["evidence", f"at most {metric.max_age} s old"],
        *[[f"shows {link.control}", f"{link.grade}: {link.because}".removesuffix(": ")] for link in _by_grade(metric)],
        ["bears on", ", ".join(metric.threats)],
        *_measurers(catalogs, metric),
        ["source id", metric.uuid],
    ]


def _bound(metric: Metric) -> str:
    if metric.default is None:
        return f"{_SIGNS[metric.operator]}, no default"
    words = {True: "yes", False: "no"}
    value = words[metric.default] if isinstance(metric.default, bool) else f"{metric.default:g}"
    return f"{_SIGNS[metric.operator]} {value} {metric.unit if metric.unit not in ('1', 'level') else ''}".rstrip()


def _range(metric: Metric) -> str:
    if metric.lowest is None or metric.highest is None:
        return ""
    return f" from {metric.lowest:g} to {metric.highest:g}"


def _by_grade(metric: Metric) -> list[MetricLink]:
    grades = list(Grade)
    return sorted(metric.controls, key=lambda each: (grades.index(each.grade), control_key(each.control)))


def _measurers(catalogs: Catalogs, metric: Metric) -> list[list[str]]:
    rows = [["measured by agent", f"{each.id}: {each.title}"] for each in catalogs.agents if metric.id in each.measures]
    rows += [[f"measured by {each.by}", each.how] for each in metric.measured_by]
    return rows or [["measured by", "nobody yet; no template asks for it by itself"]]


def showing(catalogs: Catalogs, control: ControlId) -> str:
    """Return the metrics that show a control at work, the best first, with grade."""
    grades = list(Grade)
    found = [
        (grades.index(link.grade), each.id) for each in catalogs.metrics for link in each.controls if link.control == control
    ]
    return ", ".join(f"{metric} ({grades[grade]})" for grade, metric in sorted(found))


def summary(coverage: Coverage) -> str:
    """Return who measures how many metrics and how many show controls, and name those that are open."""
    links = Counter(link.grade for each in _all(coverage) for link in each.controls)
    linked = sum(bool(each.controls) for each in _all(coverage))
    graded = ", ".join(f"{links[each]} {each}" for each in Grade)
    counted = f"{len(_all(coverage))} metrics: {len(coverage.by_agents)} measured by agents of the catalog"
    lines = [
        f"{counted}, {len(coverage.by_others)} by a provider, a scanner or an auditor, {len(coverage.by_nobody)} by nobody yet",
        f"{linked} of them show controls ({sum(links.values())} links: {graded}), {len(coverage.unlinked)} show none",
        *_named("measured by nobody", coverage.by_nobody),
        *_named("linked to no control", coverage.unlinked),
    ]
    return "\n".join(lines)


def _all(coverage: Coverage) -> tuple[Metric, ...]:
    return (*coverage.by_agents, *coverage.by_others, *coverage.by_nobody)


def _named(what: str, metrics: Iterable[Metric]) -> Iterator[str]:
    if names := ", ".join(each.id for each in metrics):
        yield f"  {what}: {names}"
