"""Documents with our notes back to the value they were written from. Where the two differ, what SPECS says counts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from lxml import etree

from musa_pipeline.domain.agreement import Sla, Slat, SlaTerm, SlatTerm
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, ThreatId
from musa_pipeline.domain.metric import Slo
from musa_pipeline.formats.wsag.content import Content
from musa_pipeline.formats.wsag.elements import Elements, children
from musa_pipeline.formats.wsag.foreign import asked, declared, objective
from musa_pipeline.formats.wsag.names import control_parts
from musa_pipeline.formats.wsag.read_controls import FoundControl
from musa_pipeline.formats.wsag.read_notes import Notes, because_of
from musa_pipeline.formats.wsag.read_objectives import FoundObjective

_Part = TypeVar("_Part", FoundControl, FoundObjective)


def own_slat(content: Content, note: etree._Element, elements: Elements) -> Slat:
    """Return the template."""
    notes = Notes(note, elements)
    terms = ((found, own) for found, own in _noted(content.controls, notes.terms, elements))
    return Slat(
        id=content.template_id or content.agreement_id or "",
        application=notes.need(note, "application"),
        component=ComponentId(notes.need(note, "component")),
        name=content.name,
        kind=KindId(notes.need(note, "kind")),
        framework=content.framework or note.get("framework", ""),
        terms=tuple(asked(found, elements) if own is None else _asked(found, own, notes, elements) for found, own in terms),
        slos=tuple(_slos(content.objectives, notes, elements)),
        threats=tuple(notes.threats()),
    )


def own_sla(content: Content, note: etree._Element, elements: Elements) -> Sla:
    """Return the agreement."""
    notes = Notes(note, elements)
    terms = _noted(content.controls, notes.terms, elements)
    component, kind = note.get("component"), note.get("kind")
    by = content.provider or ""
    return Sla(
        id=content.agreement_id or "",
        application=notes.need(note, "application"),
        name=content.name,
        framework=content.framework or note.get("framework", ""),
        terms=tuple(declared(found, by) if own is None else _promised(found, own, notes) for found, own in terms),
        component=None if component is None else ComponentId(component),
        kind=None if kind is None else KindId(kind),
        slos=tuple(_slos(content.objectives, notes, elements)),
        threats=tuple(notes.threats()),
        resources=(*content.resources, *notes.resources()),
        members=tuple(notes.members()),
        customer="customer" if content.customer is None else content.customer,
    )


def _noted(
    found: Iterable[_Part], notes: Mapping[str, etree._Element], elements: Elements
) -> Iterator[tuple[_Part, etree._Element | None]]:
    """Pair what was found with its note, in the order of the notes; then whatever has none."""
    by_ref: dict[str, list[_Part]] = {}
    for each in found:
        by_ref.setdefault(each.ref, []).append(each)
    for ref, note in notes.items():
        if ref not in by_ref:
            elements.left_out(note, f"there is no {ref!r} in the terms: its note is left out")
        for each in by_ref.pop(ref, ()):
            yield each, note
    for rest in by_ref.values():
        for each in rest:
            yield each, None


def _asked(found: FoundControl, note: etree._Element, notes: Notes, elements: Elements) -> SlatTerm:
    return SlatTerm(
        control=_control(found, note),
        title=found.title,
        by=notes.word(note, "by", Grant) or Grant.NOBODY,
        score=notes.whole(note, "score"),
        weight=found.weight,
        answered=note.get("answered", "").strip() in ("true", "1"),
        because=because_of(note),
        threats=tuple(ThreatId(notes.need(each, "threat")) for each in children(note, "musa:answers")),
        agents=tuple(AgentId(notes.need(each, "agent")) for each in children(note, "musa:could-grant")),
        at=elements.at(found.element),
    )


def _promised(found: FoundControl, note: etree._Element, notes: Notes) -> SlaTerm:
    return SlaTerm(
        control=_control(found, note),
        title=found.title,
        weight=found.weight,
        rule=notes.need(note, "rule"),
        granted_by=(*(notes.need(each, "by") for each in children(note, "musa:granted")), *notes.group(note, "granted-by")),
        granted_for=tuple(map(ComponentId, notes.group(note, "granted-for"))),
        not_applicable=tuple(map(ComponentId, notes.group(note, "not-applicable"))),
    )


def _control(found: FoundControl, note: etree._Element) -> ControlId:
    """Return the control; one that is not NIST's is told only by its note, for ids of elements may carry a number of their own."""
    return found.control if control_parts(found.control) else ControlId(note.get("control") or found.control)


def _slos(found: Iterable[FoundObjective], notes: Notes, elements: Elements) -> Iterator[Slo]:
    for each, note in _noted(found, notes.objectives, elements):
        if note is None:
            yield objective(each, elements)
        else:
            yield Slo(
                metric=each.metric,
                operator=each.operator,
                bound=each.bound,
                unit=notes.need(note, "unit"),
                weight=each.weight,
                alert=notes.alert(note),
                because=because_of(note),
                at=elements.at(each.element),
            )
