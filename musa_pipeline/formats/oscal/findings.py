"""What composition found of each control, and of each service level, as OSCAL's observations and findings."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from musa_pipeline.domain.composition import ComposedSlo, Gap, Outcome, Proof
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.oscal.assessing import origin
from musa_pipeline.formats.oscal.elements import Plain, moment, prop, prose, some, statement_id
from musa_pipeline.formats.oscal.promised import bound
from musa_pipeline.formats.oscal.requirements import implementation_of
from musa_pipeline.formats.oscal.risks import gap_risk
from musa_pipeline.formats.oscal.system import System

_MOST: Final = 20
"""Reasons shown of one control: a large application fails at hundreds of components, and the plan names them all."""


def observation(system: System, outcome: Outcome) -> Plain:
    """Return what was seen of one control: for whom it is granted, where it fails and why, and where that is written."""
    seen = [("granted for", outcome.granted_for), ("missing at", outcome.failing), ("not applicable to", outcome.not_applicable)]
    text = "; ".join(f"{word} {prose(', '.join(which))}" for word, which in seen if which) or "nobody is granted it"
    counted = sorted({prose(each.offering) for each in system.composition.duties if each.control == outcome.control})
    text += f"; it counts on what somebody has to configure at {', '.join(counted)}" if counted else ""
    evidence = list(_evidence(outcome.proof))[:_MOST] if outcome.proof else []
    return {
        "uuid": observed(system, outcome),
        "title": f"{outcome.control} {prose(system.catalogs.control[outcome.control].title)}",
        "description": f"{text[0].upper()}{text[1:]}.",
        **_how(system, outcome.granted_for + outcome.failing),
        **some(relevant_evidence=evidence),
    }


def observed(system: System, outcome: Outcome) -> str:
    """Return the UUID of the observation on a control."""
    return system.identity("observation", outcome.control)


def finding(system: System, outcome: Outcome) -> Plain:
    """Return the judgement: satisfied if the whole application promises the control."""
    title = f"{outcome.control} {prose(system.catalogs.control[outcome.control].title)}"
    holds = {"state": "satisfied", "reason": "pass"} if outcome.promised else {"state": "not-satisfied", "reason": "fail"}
    risk = [] if outcome.promised else [{"risk-uuid": gap_risk(system, outcome.control)}]
    return {
        "uuid": system.identity("finding", outcome.control),
        "title": f"{title} {'is promised' if outcome.promised else 'cannot be promised'}",
        "description": "Decided by composing the Security SLAs of all components.",
        "origins": [origin()],
        "target": {"type": "statement-id", "target-id": statement_id(outcome.control), "status": holds},
        "implementation-statement-uuid": implementation_of(system, outcome.control),
        "related-observations": [{"observation-uuid": observed(system, outcome)}],
        **some(related_risks=risk),
    }


def level(system: System, composed: ComposedSlo) -> Plain:
    """Return a service level of the whole, and of which bounds it is made."""
    metric = system.catalogs.metric.get(composed.slo.metric)
    of = ", ".join(f"{prose(member)} {value}" for member, value in composed.members)
    return {
        "uuid": system.identity("observation", "level", composed.slo.metric),
        "title": prose(metric.title if metric else composed.slo.metric),
        "description": f"Promised: {bound(composed.slo)} ({composed.combine} of {of}).",
        "props": [prop("metric", composed.slo.metric)],
        **_how(system, tuple(member for member, _ in composed.members)),
    }


def unmeasured(system: System, gap: Gap) -> Plain:
    """Return a service level that nobody can watch."""
    return {
        "uuid": system.identity("observation", "unmeasured", gap.component, gap.metric or ""),
        "title": f"Nobody measures {prose(gap.metric or '')} at {prose(gap.component)}",
        "description": f"{prose(gap.reason or 'no agent of the catalog measures it')}.",
        **_how(system, (gap.component,)),
    }


def _how(system: System, components: tuple[ComponentId, ...]) -> Plain:
    subjects = [
        {"subject-uuid": system.uuid(("component", each)), "type": "component", "title": prose(each)}
        for each in dict.fromkeys(components)
    ]
    return {
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "origins": [origin()],
        **some(subjects=subjects),
        "collected": moment(system.at),
    }


def _evidence(proof: Proof) -> Iterator[Plain]:
    """Yield why it fails, leaf by leaf, with the line of the model that says so."""
    waiting = [proof]
    while waiting:
        each = waiting.pop()
        waiting.extend(one for one in reversed(each.beneath) if not one.holds)
        if not each.beneath:
            where = {"href": f"{quote(each.at.file)}#L{each.at.line}"} if each.at else {}
            yield where | {"description": f"{prose(each.claim)}."}
