"""What a policy hears: findings, verdicts, incidents, management events and silence, in one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.assurance.sight import View
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.event import Finding, Plain
from musa_pipeline.domain.verdict import Incident, Verdict

LONGEST: Final = 1000
"""Characters of one field of an event that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One event: `what` it is and `which` of its kind, whom it concerns, when; `fields` is what conditions see of it."""

    id: str
    what: str
    which: str
    component: str
    machine: str
    time: float
    confidence: float = 1.0
    metric: str = ""
    fields: dict[str, Plain] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The component that it concerns, else the machine."""
        return self.component or self.machine


def heard(event: str, time: float, said: Finding | Verdict | Incident | Mapping[str, Plain], view: View) -> Heard:
    """Return an event as policies hear it; the machine of a component is looked up where the event does not say it."""
    match said:
        case Finding():
            what, which, confidence, metric = "finding", said.type, said.confidence, ""
            component, machine = str(said.component), str(said.machine)
            fields = _fields(said, ("type", "confidence", "algorithm", "source", "detail"))
            fields["evidence"] = dict(said.evidence)
            identity, time = said.id, said.time
        case Verdict():
            what, which, confidence, metric = "verdict", str(said.state), said.confidence, str(said.metric)
            component, machine = str(said.component), ""
            fields = _fields(said, ("objective", "metric", "state", "value", "samples", "beyond", "confidence", "reason"))
            identity, time = event, said.time
        case Incident():
            what, which, confidence, metric = "incident", str(said.stage), 1.0, str(said.metric)
            component, machine = str(said.cause or said.component), str(said.machine)
            fields = _fields(said, ("objective", "metric", "stage", "began", "cause", "because", "recommendation"))
            identity = said.id
            time = said.told if said.ended is None else said.ended
        case _:
            what, which, confidence, metric = "management", _text(said.get("what")), 1.0, _text(said.get("metric"))
            component, machine = _text(said.get("component")), _text(said.get("machine"))
            fields = {"what": which, "data": dict(said)}
            identity = event
    machine = machine or machine_of(component, view)
    own = str(said.component) if isinstance(said, Incident) else component
    fields |= {"id": identity, "component": own, "machine": machine, "target": component or machine, "time": time}
    return Heard(
        id=event,
        what=what,
        which=which,
        component=component,
        machine=machine,
        time=time,
        confidence=confidence,
        metric=metric,
        fields={name: _short(value) for name, value in fields.items() if value is not None and value != ""},
    )


def silence(which: str, component: str, machine: str, since: float, now: float) -> Heard:
    """Return the event that something did not come any more."""
    identity = f"silence:{which}:{component or machine}:{since:.3f}"
    target = component or machine
    fields: dict[str, Plain] = {
        "id": identity,
        "type": which,
        "component": component,
        "machine": machine,
        "target": target,
        "time": now,
    }
    return Heard(
        id=identity,
        what="silence",
        which=which,
        component=component,
        machine=machine,
        time=now,
        fields={name: value for name, value in fields.items() if value != ""},
    )


def kind_of(said: Finding | Verdict | Incident | Mapping[str, Plain]) -> tuple[str, str]:
    """Return what an event is and which of its kind, as triggers name it."""
    match said:
        case Finding():
            return "finding", said.type
        case Verdict():
            return "verdict", str(said.state)
        case Incident():
            return "incident", str(said.stage)
        case _:
            return "management", _text(said.get("what"))


def machine_of(component: str, view: View) -> str:
    """Return the machine that a component runs on; empty if it is not known."""
    found = view.get(Kind.SERVICE, component) if component else None
    return _text(found.desired.get("machine")) if found and not found.gone else ""


def _fields(said: object, names: tuple[str, ...]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name in names:
        value = getattr(said, name)
        found[name] = str(value) if isinstance(value, str) else value
    return found


def _short(value: Plain) -> Plain:
    """Keep a text that somebody made endless from filling memory and log."""
    return value[:LONGEST] if isinstance(value, str) else value


def _text(value: Plain) -> str:
    return value if isinstance(value, str) else ""
