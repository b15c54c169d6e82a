"""What SPECS has no words for, in our own namespace inside `Context`: reasons, threats, proofs, scopes, members, duties, alerts."""

from collections.abc import Sequence
from functools import partial

from musa_pipeline.domain.agreement import Member, Resource, Sla, Slat, SlaTerm, SlatTerm, ThreatNote
from musa_pipeline.domain.composition import Duty
from musa_pipeline.formats.wsag.build import Element, Kept, add, put
from musa_pipeline.formats.wsag.layout import Layout, Objective, Placed
from musa_pipeline.formats.wsag.values import spell

_SHORT = 4
_ASKED, _PROMISED, _THREATS, _OBJECTIVES = Kept(), Kept(), Kept(), Kept()


def note_slat(context: Element, slat: Slat, layout: Layout) -> None:
    """Add `musa:template`: whose template it is, its threats, who is to implement each control and why, alerts."""
    attributes = {
        "application": slat.application,
        "component": slat.component,
        "kind": slat.kind,
        "framework": slat.framework,
    }
    note = add(context, "musa:template", attributes)
    _threats(note, slat.threats)
    if layout.terms:
        terms = add(note, "musa:terms")
        for placed in layout.terms:
            _ASKED.add(terms, (placed.ref, placed.term), partial(_asked, placed=placed))
    _objectives(note, layout.objectives)


def note_sla(context: Element, sla: Sla, layout: Layout, duties: Sequence[Duty]) -> None:
    """Add `musa:agreement`: whose promise it is, its threats, the proof and scope of each control, alerts, members, duties."""
    attributes = {"application": sla.application, "framework": sla.framework}
    if sla.component is not None:
        attributes["component"] = sla.component
    if sla.kind is not None:
        attributes["kind"] = sla.kind
    note = add(context, "musa:agreement", attributes)
    _threats(note, sla.threats)
    groups: dict[tuple[str, ...], str] = {}
    if layout.terms:
        terms = add(note, "musa:terms")
        for placed in layout.terms:
            _promised(terms, placed, groups)
        _groups(note, groups)
    _objectives(note, layout.objectives)
    if not layout.terms:
        _resources(note, sla.resources)
    _members(note, sla.members)
    _duties(note, duties)


def _threats(note: Element, threats: Sequence[ThreatNote]) -> None:
    if threats:
        element = add(note, "musa:threats")
        for threat in threats:
            _THREATS.add(element, threat, partial(_threat, threat=threat))


def _threat(parent: Element, threat: ThreatNote) -> None:
    attributes = {
        "id": threat.threat,
        "title": threat.title,
        "stride": threat.stride,
        "rating": threat.rating,
        "source": threat.source,
    }
    put(parent, "musa:threat", None, attributes)


def _asked(parent: Element, placed: Placed) -> None:
    term = placed.term
    if not isinstance(term, SlatTerm):
        raise TypeError(f"a template asks, it does not promise {term.control!r}")
    attributes = {"ref": placed.ref, "control": term.control, "by": term.by, "score": str(term.score)}
    if term.answered:
        attributes["answered"] = "true"
    element = add(parent, "musa:term", attributes)
    if term.because:
        put(element, "musa:because", term.because)
    for threat in term.threats:
        put(element, "musa:answers", None, {"threat": threat})
    for agent in term.agents:
        put(element, "musa:could-grant", None, {"agent": agent})


def _promised(parent: Element, placed: Placed, groups: dict[tuple[str, ...], str]) -> None:
    """Long lists of names stand once for all promises that share them: an application may have thousands of components."""
    term = placed.term
    if not isinstance(term, SlaTerm):
        raise TypeError(f"an agreement promises, it does not ask for {term.control!r}")
    said = {"ref": placed.ref, "control": term.control, "rule": term.rule}
    inline = term.granted_by if len(term.granted_by) <= _SHORT else ()
    grouped = {
        "granted-by": () if inline else term.granted_by,
        "granted-for": term.granted_for,
        "not-applicable": term.not_applicable,
    }
    said |= {key: groups.setdefault(names, f"group-{len(groups) + 1}") for key, names in grouped.items() if names}
    _PROMISED.add(parent, (tuple(said.items()), inline), partial(_term, said=said, inline=inline))


def _term(parent: Element, said: dict[str, str], inline: tuple[str, ...]) -> None:
    element = add(parent, "musa:term", said)
    for name in inline:
        put(element, "musa:granted", None, {"by": name})


def _groups(note: Element, groups: dict[tuple[str, ...], str]) -> None:
    if groups:
        element = add(note, "musa:groups")
        for names, group in groups.items():
            listed = add(element, "musa:group", {"id": group})
            for name in names:
                put(listed, "musa:part", None, {"name": name})


def _objectives(note: Element, objectives: Sequence[Objective]) -> None:
    if objectives:
        element = add(note, "musa:objectives")
        for objective in objectives:
            slo = objective.slo
            said = (objective.id, slo.unit, None if slo.alert is None else spell(slo.alert), slo.because)
            _OBJECTIVES.add(element, said, partial(_objective, said=said))


def _objective(parent: Element, said: tuple[str, str, str | None, str]) -> None:
    name, unit, alert, because = said
    element = add(parent, "musa:objective", {"ref": name, "unit": unit, **({} if alert is None else {"alert": alert})})
    if because:
        put(element, "musa:because", because)


def _resources(note: Element, resources: Sequence[Resource]) -> None:
    """A document without controls has no service description, and so no other place for resources."""
    if resources:
        element = add(note, "musa:resources")
        for each in resources:
            names = ("provider", "offering", "zone", "title", "os")
            put(element, "musa:resource", None, {name: getattr(each, name) for name in names})


def _members(note: Element, members: Sequence[Member]) -> None:
    if members:
        element = add(note, "musa:members")
        for each in members:
            attributes = {"component": each.component, "document": each.document, "sha256": each.digest}
            put(element, "musa:member", None, attributes)


def _duties(note: Element, duties: Sequence[Duty]) -> None:
    if duties:
        element = add(note, "musa:duties")
        for each in duties:
            attributes = {
                "component": each.component,
                "control": each.control,
                "offering": each.offering,
                "source": each.source,
            }
            put(element, "musa:duty", None, attributes)
