"""What is left to act on, as OSCAL's risks: required controls that are missing, and risks above the bar; and who answers for which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from musa_pipeline.domain.composition import Gap, Remedy
from musa_pipeline.domain.decision import DecidedRisk, Term, Waiver
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.residual import ResidualRisk
from musa_pipeline.formats.oscal.assessing import origin
from musa_pipeline.formats.oscal.elements import OURS, Plain, identity, line, moment, prose, some
from musa_pipeline.formats.oscal.requirements import implementation_of
from musa_pipeline.formats.oscal.system import System

OPEN: Final = "open"
DECIDED: Final = "deviation-approved"


def gap_risk(system: System, control: ControlId) -> str:
    """Return the UUID of the risk that a missing control is."""
    return system.identity("risk", "control", control)


def over(system: System) -> tuple[ResidualRisk, ...]:
    """Return the risks that are worse than their bar after controls."""
    return tuple(each for each in system.residual.risks if each.over)


def missing(system: System) -> dict[ControlId, tuple[Gap, ...]]:
    """Return the gaps of each control that is not promised, as the standard orders them; none where nothing says why."""
    return {each.control: system.gaps.get(each.control, ()) for each in system.outcomes if not each.promised}


def risks(system: System) -> Iterator[Plain]:
    """Yield every risk, missing controls first."""
    for control, those in missing(system).items():
        yield _missing(system, control, those)
    for each in over(system):
        yield _left(system, each)


def owners(system: System) -> Iterator[Plain]:
    """Yield whoever answers for a risk, as a party."""
    decided = [system.decision(each) for each in over(system)]
    waivers = [
        system.waiver(each.component, each.control) for those in missing(system).values() for each in those if each.control
    ]
    for name in sorted({each.term.owner for each in (*decided, *waivers) if each}):
        yield {"uuid": identity("owner", name), "type": "person", "name": line(name)}


def _missing(system: System, control: ControlId, those: Sequence[Gap]) -> Plain:
    title = prose(system.catalogs.control[control].title)
    waivers = {each.component: found for each in those if (found := system.waiver(each.component, control))}
    decided = bool(those) and len(waivers) == len(those)
    reasons = dict.fromkeys(f"{prose(each.reason or f'nobody grants it to {each.component}')}." for each in those)
    score = max((each.score for each in those), default=0)
    return {
        "uuid": gap_risk(system, control),
        "title": f"{control} {title} is missing",
        "description": f"The application cannot promise {control}: {_where(those)}.",
        "statement": " ".join(reasons) or "No component is granted it.",
        "origins": [origin()],
        "status": DECIDED if decided else OPEN,
        "characterizations": [_facets(score=str(score))],
        **_deadline([each.term for each in waivers.values()] if decided else []),
        **some(remediations=_remedies(system, control, those)),
        **_log(_accepted(system, control, waivers, DECIDED if decided else OPEN)),
    }


def _where(those: Sequence[Gap]) -> str:
    asked = [each.component for each in those if each.asked]
    rest = [each.component for each in those if not each.asked]
    parts = [f"missing at {prose(', '.join(asked))}"] if asked else []
    parts += [f"standing in its way: {prose(', '.join(rest))}"] if rest else []
    return "; ".join(parts) or "nobody is granted it"


def _remedies(system: System, control: ControlId, those: Sequence[Gap]) -> Iterator[Plain]:
    found: dict[tuple[str, ...], tuple[Remedy, list[str]]] = {}
    for gap in those:
        for each in gap.remedies:
            found.setdefault(each.changes, (each, []))[1].append(gap.component)
    for changes, (remedy, components) in sorted(found.items()):
        price = f" It costs {remedy.price:.2f} EUR a month." if remedy.price else ""
        yield {
            "uuid": system.identity("remedy", control, *changes),
            "lifecycle": "recommendation",
            "title": prose(" and ".join(changes)),
            "description": f"Verified by composing again: it grants {control} to {prose(', '.join(components))}.{price}",
            "origins": [origin()],
        }


def _left(system: System, risk: ResidualRisk) -> Plain:
    threat, decided = system.catalogs.threat.get(risk.threat), system.decision(risk)
    name = prose(threat.title if threat else risk.threat)
    facets = {
        "likelihood": f"{risk.likelihood:g}",
        "impact": f"{risk.impact:g}",
        "rating": risk.rating,
        "inherent-rating": risk.inherent,
        "appetite": risk.appetite,
    }
    return {
        "uuid": left(system, risk),
        "title": f"{name} at {prose(risk.component)}",
        "description": f"{risk.rating.capitalize()} after controls ({risk.inherent} before), where {risk.appetite} is the bar.",
        "statement": f"{name} threatens {prose(risk.component)}.",
        "origins": [origin()],
        "status": DECIDED if decided else OPEN,
        "characterizations": [_facets(**facets)],
        **some(mitigating_factors=_lowered(system, risk)),
        **_deadline([decided.term] if decided else []),
        **_log([_decided(system, decided)] if decided else []),
    }


def left(system: System, risk: ResidualRisk) -> str:
    """Return the UUID of a risk above the bar."""
    return system.identity("risk", risk.component, risk.threat)


def _lowered(system: System, risk: ResidualRisk) -> Iterator[Plain]:
    planned = set(system.controls)
    for control in risk.lowered_by:
        where = {"implementation-uuid": implementation_of(system, control)} if control in planned else {}
        uuid = system.identity("lowered", risk.component, risk.threat, control)
        yield {"uuid": uuid, **where, "description": f"{control} lowers it."}


def _facets(**values: str) -> Plain:
    facets = [{"name": name.replace("_", "-"), "system": OURS, "value": line(value)} for name, value in values.items()]
    return {"origin": origin(), "facets": facets}


def _deadline(terms: Iterable[Term]) -> Plain:
    """Return the day on which the first of the decisions ends, as OSCAL's deadline."""
    days = [each.expires for each in terms]
    return {"deadline": _day(min(days))} if days else {}


def _accepted(system: System, control: ControlId, waivers: Mapping[ComponentId, Waiver], status: str) -> Iterator[Plain]:
    """Yield the waivers; as long as one component is left out, the risk stays as it is."""
    for component, each in waivers.items():
        title = f"Accepted at {prose(component)} by {prose(each.term.owner)} until {each.term.expires}"
        yield _entry(system, (control, component), title, each.term, status)


def _decided(system: System, each: DecidedRisk) -> Plain:
    to = f" to {prose(each.to)}" if each.to else ""
    title = f"{each.state.capitalize()}{to} by {prose(each.term.owner)} until {each.term.expires}"
    return _entry(system, ("risk", each.risk), title, each.term, DECIDED)


def _entry(system: System, of: tuple[str, ...], title: str, term: Term, status: str) -> Plain:
    return {
        "uuid": system.identity("decision", *of, term.owner, str(term.since), term.reason),
        "title": title,
        "description": prose(term.reason) + (f" ({prose(term.ticket)})" if term.ticket else ""),
        "start": _day(term.since),
        "status-change": status,
        "logged-by": [{"party-uuid": identity("owner", term.owner)}],
    }


def _log(entries: Iterable[Plain]) -> Plain:
    made = list(entries)
    return {"risk-log": {"entries": made}} if made else {}


def _day(day: date) -> str:
    return moment(datetime.combine(day, datetime.min.time(), UTC))
