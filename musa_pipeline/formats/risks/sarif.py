"""Risks as SARIF 2.1.0 (OASIS), for code scanning: a rule for each threat, a result for each risk at its component's place in the model."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from musa_pipeline.domain.attack import AttackPath, AttackPaths, Hop
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.residual import ResidualProfile, ResidualRisk, State
from musa_pipeline.domain.risk import Risk, RiskProfile
from musa_pipeline.domain.source import Span
from musa_pipeline.domain.threat import Threat
from musa_pipeline.formats.risks.severity import LEVELS, severity
from musa_pipeline.formats.risks.taxonomies import Taxa
from musa_pipeline.text.markup import plain
from musa_pipeline.text.sarif import document, file_location, place, semantic, sentence

MOST: Final = 25_000
"""Results of a run; code scanning refuses a file with more."""
SHOWN: Final = 5_000
"""Results that code scanning shows."""
_FEW: Final = 6
_STEPS: Final = 100
"""Steps of a way; code scanning draws a thousand of all ways of a result."""
_DECIDED: Final = (State.ACCEPTED, State.TRANSFERRED)


def sarif(
    cpim: Cpim,
    profile: RiskProfile,
    catalogs: Catalogs,
    *,
    version: str,
    lines: Mapping[str, tuple[str, ...]],
    paths: AttackPaths | None = None,
    residual: ResidualProfile | None = None,
    most: int = MOST,
) -> str:
    """Return the risks as SARIF text, worst first; those beyond the `most` worst are left out, which is said.

    A risk at the end of one of the attack `paths` has the way there as its code flow.
    `lines`: the lines of each file that components are in; a file that is not there cannot be shown.
    """
    risks = profile.risks[:most]
    threats = [catalogs.threat[each] for each in sorted({each.threat for each in risks})]
    worst: dict[ThreatId, Risk] = {}
    for risk in risks:
        worst.setdefault(risk.threat, risk)
    taxa = Taxa(threats)
    rules = {each.id: number for number, each in enumerate(threats)}
    driver = {
        "version": version,
        "semanticVersion": semantic(version),
        "rules": [_rule(each, worst[each.id], catalogs, taxa) for each in threats],
        "supportedTaxonomies": taxa.supported(),
    }
    told = _Told(cpim, profile, catalogs, lines, paths, residual)
    files = sorted({each.at.file for each in cpim.components if each.at})
    return document(
        driver,
        invocations=[_invocation(len(profile.risks), most)],
        artifacts=[{"location": file_location(each)} for each in files],
        taxonomies=taxa.written(),
        results=[told.result(each, rules[each.threat]) for each in risks],
    )


def _invocation(found: int, most: int) -> dict[str, Any]:
    text = f"{found} risks were found"
    if found > most:
        text += f", the {most} worst are here: code scanning takes no more than {MOST}"
    text += f"; it shows {SHOWN}."
    said: dict[str, Any] = {"executionSuccessful": True}
    if found > min(most, SHOWN):
        notice = {"descriptor": {"id": "too-many-risks"}, "level": "warning", "message": {"text": text}}
        said["toolExecutionNotifications"] = [notice]
    return said


def _rule(threat: Threat, worst: Risk, catalogs: Catalogs, taxa: Taxa) -> dict[str, Any]:
    """Return the rule of a threat; its severity is that of the worst of its risks, for code scanning asks rules alone."""
    about = f"{threat.title} ({str(threat.stride).replace('-', ' ')})."
    answering = [f"{each.control} {_title(each.control, catalogs)}: {each.strength}" for each in threat.controls]
    sources = "; ".join(map(str, threat.sources))
    asked = f" {threat.question}" if threat.question else ""
    weaknesses = [f"external/cwe/{each.lower()}" for each in threat.weaknesses]
    bullets = "\n".join(f"- {plain(each)}" for each in answering)
    return {
        "id": threat.id,
        "name": "".join(each.capitalize() for each in threat.id.split("-")),
        "shortDescription": {"text": threat.title},
        "fullDescription": {"text": f"{about}{asked}"},
        "help": {
            "text": f"{about}{asked} Answered by {'; '.join(answering) or 'no control that we know'}. Sources: {sources}.",
            "markdown": f"{plain(about + asked)}\n\nControls of NIST SP 800-53 that answer it:\n\n{bullets}\n\nSources: {plain(sources)}",
        },
        "defaultConfiguration": {"level": LEVELS[worst.rating]},
        "relationships": taxa.relationships(threat),
        "properties": {
            "tags": ["security", str(threat.stride), *weaknesses][:10],
            "security-severity": str(severity(worst.rating, worst.likelihood, worst.impact)),
        },
    }


def _title(control: ControlId, catalogs: Catalogs) -> str:
    return catalogs.control[control].title if control in catalogs.control else ""


class _Told:
    """What each result says, with what it needs to know at hand."""

    def __init__(
        self,
        cpim: Cpim,
        profile: RiskProfile,
        catalogs: Catalogs,
        lines: Mapping[str, tuple[str, ...]],
        paths: AttackPaths | None,
        residual: ResidualProfile | None,
    ) -> None:
        self.application, self.lines = cpim.name, lines
        self.components = {each.id: each for each in cpim.components}
        self.threats = catalogs.threat
        self.ways = {each.hops[-1].risk.id: each for each in (paths.paths if paths else ()) if each.hops[-1].risk}
        self.left = {each.id: each for each in residual.risks} if residual else {}
        self.answers: dict[tuple[ComponentId, ThreatId], list[ControlId]] = defaultdict(list)
        for each in profile.required:
            for threat in each.threats:
                self.answers[each.component, threat].append(each.control)

    def result(self, risk: Risk, rule: int) -> dict[str, Any]:
        """Return the result of one risk under a rule; its name, not its place or number, is what makes it the same in the next run."""
        left = self.left.get(risk.id)
        name = hashlib.sha256(f"{self.application}\n{risk.id}".encode("utf-8", "surrogatepass")).hexdigest()
        found: dict[str, Any] = {
            "ruleId": risk.threat,
            "ruleIndex": rule,
            "level": LEVELS[risk.rating],
            "message": {"text": _bare(self._message(risk, self.threats[risk.threat], left))},
            "locations": [self._location(self.components[risk.component])],
            "partialFingerprints": {"musaRisk/v1": name},
            "rank": round(risk.likelihood * risk.impact / 0.81, 1),
            "properties": self._properties(risk, left),
        }
        if way := self.ways.get(risk.id):
            found["codeFlows"] = [self._flow(way)]
        if left and left.state in _DECIDED:
            found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": f"the risk is {left.state}"}]
        return found

    def _message(self, risk: Risk, threat: Threat, left: ResidualRisk | None) -> str:
        rated = f"likelihood {risk.likelihood:.1f}, impact {risk.impact:.1f} of 9"
        parts = [f"{threat.title}: a {risk.rating} risk of {risk.component} ({rated}). It applies because: {risk.because}."]
        if controls := sorted(self.answers[risk.component, risk.threat], key=control_key):
            more = f" and {len(controls) - _FEW} more" if len(controls) > _FEW else ""
            parts.append(f"Required against it: {', '.join(controls[:_FEW])}{more}.")
        if left and left.lowered_by:
            parts.append(f"With the controls that are granted it is {left.rating}.")
        return sentence(" ".join(parts))

    def _flow(self, way: AttackPath) -> dict[str, Any]:
        """Return the way from the internet, one location for each hop; of a long one the first and the last."""
        hops = way.hops if len(way.hops) <= _STEPS else (*way.hops[: _STEPS // 2], *way.hops[-_STEPS // 2 :])
        rated = f"{way.rating}: likelihood {way.likelihood:.1f}, impact {way.impact:.1f} of 9"
        flow = {"locations": [{"location": self._step(each)} for each in hops]}
        return {"message": {"text": f"From the internet to {way.data} data ({rated})"}, "threadFlows": [flow]}

    def _step(self, hop: Hop) -> dict[str, Any]:
        said = f"{self.threats[hop.risk.threat].title}: {hop.risk.rating}" if hop.risk else "anybody is there"
        return {**self._location(self.components[hop.component]), "message": {"text": _bare(f"{hop.component} ({said})")}}

    def _location(self, component: Component) -> dict[str, Any]:
        logical = [{"name": component.id, "fullyQualifiedName": f"{self.application}/{component.id}", "kind": "module"}]
        found: dict[str, Any] = {"logicalLocations": logical}
        if component.at:
            found["physicalLocation"] = place(component.at, self._line(component.at))
        return found

    def _line(self, at: Span) -> str:
        lines = self.lines.get(at.file, ())
        return lines[at.line - 1] if 0 < at.line <= len(lines) else ""

    def _properties(self, risk: Risk, left: ResidualRisk | None) -> dict[str, Any]:
        found = {
            "rating": str(risk.rating),
            "likelihood": risk.likelihood,
            "impact": risk.impact,
            "security-severity": str(severity(risk.rating, risk.likelihood, risk.impact)),
        }
        return {**found, "residual": str(left.rating), "state": str(left.state)} if left else found


def _bare(text: str) -> str:
    """Return a message without links: brackets make them (SARIF 3.11.6), and no name of a model is to be one."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
