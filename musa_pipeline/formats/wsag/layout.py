"""How a document is laid out: controls in capabilities, one a family, and each objective beside the first control it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from musa_pipeline.domain.agreement import SlaTerm, SlatTerm
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Metric, Slo
from musa_pipeline.formats.wsag.names import FAMILIES, Unique, control_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A term and the id of its element."""

    ref: str
    term: SlatTerm | SlaTerm


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """An objective, the id of its element, its metric if the catalog knows it, and the controls here that it shows."""

    id: str
    slo: Slo
    metric: Metric | None
    shows: tuple[Placed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """The controls of one family (of NIST, or a domain of another framework) and the objectives that show them."""

    id: str
    title: str
    nist: bool
    terms: tuple[Placed, ...]
    objectives: tuple[Objective, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole: capabilities in the order of the terms; `loose` objectives show no control that is here."""

    terms: tuple[Placed, ...]
    objectives: tuple[Objective, ...]
    capabilities: tuple[Capability, ...]
    loose: tuple[Objective, ...]


def arrange(terms: Sequence[SlatTerm | SlaTerm], slos: Sequence[Slo], metrics: Mapping[MetricId, Metric]) -> Layout:
    """Lay out a document. An objective goes to the capability of the first linked control that is in the document."""
    unique = Unique()
    placed = tuple(Placed(ref=unique(_ref(term.control)), term=term) for term in terms)
    by_control: dict[str, list[Placed]] = {}
    by_family: dict[tuple[bool, str], list[Placed]] = {}
    for each in placed:
        by_control.setdefault(each.term.control, []).append(each)
        by_family.setdefault(_family(each.term.control), []).append(each)
    objectives = tuple(_objectives(slos, metrics, by_control))
    beside: dict[tuple[bool, str], list[Objective]] = {}
    for objective in objectives:
        if objective.shows:
            beside.setdefault(_family(objective.shows[0].term.control), []).append(objective)
    unique = Unique()
    return Layout(
        terms=placed,
        objectives=objectives,
        capabilities=tuple(
            Capability(
                id=unique(family),
                title=FAMILIES.get(family, family) if nist else family,
                nist=nist,
                terms=tuple(members),
                objectives=tuple(beside.get((nist, family), ())),
            )
            for (nist, family), members in by_family.items()
        ),
        loose=tuple(each for each in objectives if not each.shows),
    )


def _objectives(
    slos: Sequence[Slo], metrics: Mapping[MetricId, Metric], by_control: Mapping[str, list[Placed]]
) -> list[Objective]:
    unique = Unique()
    found = []
    for slo in slos:
        metric = metrics.get(slo.metric)
        links = dict.fromkeys(link.control for link in metric.controls) if metric else {}
        shows = tuple(each for control in links for each in by_control.get(control, ()))
        found.append(Objective(id=unique(f"slo-{slo.metric}"), slo=slo, metric=metric, shows=shows))
    return found


def _ref(control: str) -> str:
    parts = control_parts(control)
    if not parts:
        return control
    family, number, enhancement = parts
    return f"NIST_{family}_{number}" + (f"_{enhancement}" if enhancement != "0" else "")


def _family(control: str) -> tuple[bool, str]:
    parts = control_parts(control)
    return (True, parts[0]) if parts else (False, control.split("-")[0] or control)
