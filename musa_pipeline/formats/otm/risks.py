"""A risk profile in OTM's words: threats rated 0..100 with STRIDE and CWE, and the controls that answer them as mitigations."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.risk import Factor, Risk, RiskProfile
from musa_pipeline.domain.threat import LIKELIHOOD, ControlLink, Strength, Stride

Plain = dict[str, Any]
_CATEGORIES: Final = {
    Stride.SPOOFING: "Spoofing",
    Stride.TAMPERING: "Tampering",
    Stride.REPUDIATION: "Repudiation",
    Stride.DISCLOSURE: "Information Disclosure",
    Stride.DENIAL: "Denial of Service",
    Stride.ELEVATION: "Elevation of Privilege",
}
REDUCTIONS: Final = {Strength.STRONG: 75, Strength.PARTIAL: 40}
"""The reduction 0..100 that we write for a control: OTM has one number for all threats, the catalog two strengths for each."""
_HIGHEST: Final = 9
"""The end of OWASP's scale."""
_EXPOSED: Final = "exposed"

Rated = tuple[ThreatId, int, int]
"""A threat with its likelihood and impact 0..100: OTM rates threats, not threats to components, so each rating is one of its threats."""


class Risks:
    """The risks of one model. `states` by risk id; `components` tell which controls are implemented."""

    def __init__(
        self,
        profile: RiskProfile,
        catalogs: Catalogs,
        states: Mapping[str, str],
        components: Mapping[ComponentId, Component],
    ) -> None:
        self.catalogs, self.states = catalogs, states
        self.factors = {each.id: each.factors for each in profile.factor_sets}
        self.rated: dict[Rated, Risk] = {}
        self.by_component: dict[ComponentId, list[Risk]] = defaultdict(list)
        self.required: dict[ComponentId, set[ControlId]] = defaultdict(set)
        self.claimed = {each.id: {claim.control for claim in each.implements} for each in components.values()}
        for risk in profile.risks:
            self.rated.setdefault(_rated(risk), risk)
            self.by_component[risk.component].append(risk)
        for each in profile.required:
            self.required[each.component].add(each.control)
        self.ids = self._ids()
        self._links = {each.id: _links(each.controls) for each in catalogs.threats}

    def _ids(self) -> dict[Rated, str]:
        """Return the id of each rated threat: the catalog's where it is rated once, else with its rating."""
        ratings: dict[ThreatId, int] = defaultdict(int)
        for threat, _, _ in self.rated:
            ratings[threat] += 1
        return {each: str(each[0]) if ratings[each[0]] == 1 else f"{each[0]}-{each[1]}-{each[2]}" for each in sorted(self.rated)}

    def threats(self) -> list[Plain]:
        """Return the threats of the document."""
        return [self._threat(each, name) for each, name in self.ids.items()]

    def _threat(self, rated: Rated, name: str) -> Plain:
        known, risk = self.catalogs.threat.get(rated[0]), self.rated[rated]
        factors = self.factors.get(risk.factors, ())
        found: Plain = {
            "id": name,
            "name": known.title if known else str(rated[0]),
            "categories": [_CATEGORIES[risk.stride]],
            "cwes": list(known.weaknesses) if known else [],
            "risk": {
                "likelihood": rated[1],
                "likelihoodComment": _told([each for each in factors if each.name in LIKELIHOOD]),
                "impact": rated[2],
                "impactComment": _told([each for each in factors if each.name not in LIKELIHOOD]),
            },
            "tags": list(known.techniques) if known else [],
        }
        return found

    def of(self, component: ComponentId) -> list[Plain]:
        """Return the threats of one component, each with the controls that the component needs against it."""
        found = []
        for risk in self.by_component.get(component, ()):
            needed = sorted(self._needed(risk), key=control_key)
            found.append(
                {
                    "threat": self.ids[_rated(risk)],
                    "state": self.states.get(risk.id, _EXPOSED),
                    "mitigations": [
                        {"mitigation": each, "state": "implemented" if each in self.claimed[component] else "required"}
                        for each in needed
                    ],
                }
            )
        return found

    def _needed(self, risk: Risk) -> set[ControlId]:
        """Return the controls that the component of a risk needs against it."""
        return self.required[risk.component] & self._links.get(risk.threat, {}).keys()

    def mitigations(self) -> list[Plain]:
        """Return every control that is needed against a risk, with the most that it does against one of them."""
        most: dict[ControlId, int] = {}
        for some in self.by_component.values():
            for risk in some:
                for control in self._needed(risk):
                    most[control] = max(most.get(control, 0), REDUCTIONS[self._links[risk.threat][control].strength])
        return [
            {"id": each, "name": self._title(each), "riskReduction": most[each], "attributes": {"standard": "NIST SP 800-53"}}
            for each in sorted(most, key=control_key)
        ]

    def _title(self, control: ControlId) -> str:
        known = self.catalogs.control.get(control)
        return f"{control} {known.title}" if known else str(control)


def _rated(risk: Risk) -> Rated:
    return (risk.threat, _percent(risk.likelihood), _percent(risk.impact))


def _percent(value: float) -> int:
    return min(100, max(0, round(value * 100 / _HIGHEST)))


def _told(factors: list[Factor]) -> str:
    return "; ".join(
        f"{each.name} {each.value}: {each.because}" if each.because else f"{each.name} {each.value}" for each in factors
    )


def _links(some: tuple[ControlLink, ...]) -> dict[ControlId, ControlLink]:
    return {each.control: each for each in some}
