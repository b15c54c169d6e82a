"""How each required control is met, part by part: what a plan says of a control, with what is inherited and what is left to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from musa_pipeline.domain.composition import Duty, Outcome
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.risk import OfOrganisation
from musa_pipeline.formats.oscal.elements import Plain, oscal_id, prop, prose, some, statement_id
from musa_pipeline.formats.oscal.parts import PartId
from musa_pipeline.formats.oscal.system import System

MISSING = "not-implemented"
"""Our word: OSCAL's own begin at planned, and nobody planned it."""

PLANNED = "planned"
"""Of a component whose SLA counts on what somebody has to configure: nothing here has seen that it is done."""


def requirements(system: System) -> Iterator[Plain]:
    """Yield what the plan says of each control, as the standard orders them."""
    outcomes = {each.control: each for each in system.outcomes}
    people = {each.control: each for each in system.composition.organisation}
    for control in system.controls:
        if control in outcomes:
            met = _Met(system, control)
            said, parts = prop("promised", "yes" if outcomes[control].promised else "no"), met.by_components(outcomes[control])
        else:
            said, parts = prop("left-to", "organisation"), [_of_people(system, people[control])]
        statement = {"statement-id": statement_id(control), "uuid": system.identity("statement", control), "by-components": parts}
        yield {
            "uuid": system.identity("requirement", control),
            "control-id": oscal_id(control),
            "props": [said],
            "statements": [statement],
        }


def implementation_of(system: System, control: ControlId) -> str:
    """Return the UUID of what the plan says of a control for the application as a whole."""
    return system.identity("by-component", control, "this-system")


def _of_people(system: System, each: OfOrganisation) -> Plain:
    return {
        "uuid": implementation_of(system, each.control),
        "component-uuid": system.itself,
        "description": "The risks call for it, and no component can implement it: it is the organisation's own, and this plan does not say that it is done.",
    }


@dataclass(slots=True)
class _Said:
    """What is said of one part: for whom it does it, sentences, its state, and what it provides, leaves, inherits, satisfies."""

    serves: list[ComponentId] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    state: str = "implemented"
    provided: list[Plain] = field(default_factory=list)
    responsibilities: list[Plain] = field(default_factory=list)
    inherited: list[Plain] = field(default_factory=list)
    satisfied: list[Plain] = field(default_factory=list)


class _Met:
    def __init__(self, system: System, control: ControlId) -> None:
        self.system, self.control = system, control
        self.said: dict[PartId, _Said] = {}
        self.gaps = {each.component: each for each in system.gaps.get(control, ())}

    def by_components(self, outcome: Outcome) -> list[Plain]:
        for component in outcome.failing:
            self._missing(component)
        for component in self.system.holders.get(self.control, ()):
            self._granted(component, outcome)
        for component in outcome.not_applicable:
            said = self._of(("component", component))
            said.state = "not-applicable"
            said.sentences.append("The control does not apply to a component of this kind.")
        parts = [self._plain(part, self.said[part]) for part in self.system.parts if part in self.said]
        return [self._whole(outcome), *parts]

    def _of(self, part: PartId) -> _Said:
        return self.said.setdefault(part, _Said())

    def _missing(self, component: ComponentId) -> None:
        said, gap = self._of(("component", component)), self.gaps.get(component)
        said.state = MISSING
        said.sentences.append(f"Missing: {prose(gap.reason) if gap and gap.reason else 'nobody grants it'}.")

    def _granted(self, component: ComponentId, outcome: Outcome) -> None:
        said = self._of(("component", component))
        grantors = self.system.grantors(component, self.control)
        for part in grantors:
            if part == ("component", component):
                said.sentences.append(self.system.parts[part].grants[self.control].because)
            elif part[0] == "offering":
                self._leverage(component, part, said)
            else:
                self._lent(component, part, said)
        if not grantors:
            met = (
                "It is met at the entry points for all."
                if outcome.boundary
                else "What it stands on or is reached through grants it."
            )
            said.sentences.append(met)

    def _lent(self, component: ComponentId, part: PartId, said: _Said) -> None:
        lender = self.system.parts[part]
        claim = lender.grants.get(self.control)
        says = self._of(part)
        says.serves.append(component)
        says.sentences.append(claim.because if claim else lender.description)
        said.sentences.append(f"{prose(lender.title)} grants it.")

    def _leverage(self, component: ComponentId, part: PartId, said: _Said) -> None:
        offering, duty = self.system.parts[part], self.system.duties.get((component, self.control))
        says = self._of(part)
        claim = (offering.configurable if duty else offering.grants).get(self.control)
        because = claim.because if claim else offering.description
        provided = self._identity("provided", part)
        if not says.provided:
            says.sentences.append(because)
            says.provided.append({"uuid": provided, "description": because})
        text = f"{prose(component)} inherits it from {prose(offering.title)}."
        said.inherited.append(
            {"uuid": self._identity("inherited", part, component), "provided-uuid": provided, "description": text}
        )
        if duty:
            self._duty(duty, part, says, said)
        said.sentences.append(text)

    def _duty(self, duty: Duty, part: PartId, says: _Said, said: _Said) -> None:
        responsibility = self._identity("responsibility", part, duty.component)
        text = f"Whoever runs {prose(duty.component)} must configure it ({prose(duty.source)})."
        says.responsibilities.append(
            {"uuid": responsibility, "provided-uuid": self._identity("provided", part), "description": text}
        )
        said.state = PLANNED
        counts = f"The SLA of {prose(duty.component)} counts on it that this is configured; nothing here has seen it."
        said.satisfied.append(
            {
                "uuid": self._identity("satisfied", part, duty.component),
                "responsibility-uuid": responsibility,
                "description": counts,
            }
        )

    def _identity(self, what: str, part: PartId, component: str = "") -> str:
        return self.system.identity(what, self.control, *part, component)

    def _plain(self, part: PartId, said: _Said) -> Plain:
        export = some(provided=said.provided, responsibilities=said.responsibilities)
        return {
            "uuid": self.system.identity("by-component", self.control, *part),
            "component-uuid": self.system.uuid(part),
            "description": (f"For {_names(said.serves)}: " if said.serves else "") + " ".join(dict.fromkeys(said.sentences)),
            "implementation-status": {"state": said.state},
            **({"export": export} if export else {}),
            **some(inherited=said.inherited, satisfied=said.satisfied),
        }

    def _whole(self, outcome: Outcome) -> Plain:
        uuid, export = implementation_of(self.system, self.control), {}
        if outcome.promised:
            state = "partial" if any(control == self.control for _, control in self.system.duties) else "implemented"
            text = f"Promised by the Security SLA: granted for {_names(outcome.granted_for)}."
            provided = {"uuid": self.system.identity("promise", self.control), "description": text}
            export = {"export": {"provided": [provided]}}
        else:
            state = "partial" if self.system.holders.get(self.control, ()) else MISSING
            text = f"Not promised: missing at {_names(outcome.failing)}."
        return {
            "uuid": uuid,
            "component-uuid": self.system.itself,
            "description": text,
            "implementation-status": {"state": state},
            **export,
        }


def _names(components: Sequence[ComponentId]) -> str:
    return prose(", ".join(components)) if components else "no component"
