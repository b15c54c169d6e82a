"""Who grants or withholds one control at one node, in words with a place: the leaves of every proof."""

from collections.abc import Iterator

from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.composition import Proof
from musa_pipeline.domain.cpim import Role
from musa_pipeline.domain.ids import ComponentId, ControlId, OfferingId
from musa_pipeline.domain.offering import OfferedControl, Offering
from musa_pipeline.domain.selection import Selection
from musa_pipeline.domain.source import NOWHERE, Span

HOST = "host"
UNPROTECTED = (Proof(holds=False, claim="no agent that grants it protects it", rule="protects"),)


class Witness:
    """Speaks for the nodes of one ledger."""

    def __init__(self, ledger: Ledger, selection: Selection) -> None:
        self.ledger = ledger
        self._region = {each.unit: each.region for each in selection.placements}
        self._said: dict[OfferingId, tuple[dict[ControlId, list[OfferedControl]], dict[ControlId, OfferedControl]]] = {}
        self._hosts: dict[tuple[tuple[int, ...], ControlId], Proof] = {}

    def name(self, node: int) -> str:
        """Return what a node is called: a component by its id, an offering or an agent by its title."""
        if node < len(self.ledger.components):
            return self.ledger.components[node].id
        found = self.ledger.nodes[node]
        return found.name or found.id if found else ""

    def itself(self, node: int, control: ControlId) -> Proof:
        """Say whether a component implements a control, and who says so."""
        ledger = self.ledger
        component = ledger.components[node]
        said = ledger.answer(node, control)
        if ledger.own[node] & ledger.universe.bit[control]:
            claim = next((each.at for each in component.implements if each.control == control), component.at)
            because = f": {said.because}" if said and said.because else ""
            return Proof(
                holds=True, claim=f"{component.id} implements it{because}", rule="implements", at=said.at if said else claim
            )
        if component.role is Role.EXTERNAL:
            text = f"others run {component.id}, and nobody says that it grants it"
            return Proof(holds=False, claim=text, rule="implements", at=component.at)
        asked = {
            Grant.SERVICE: " (answered: the service is to)",
            Grant.AGENT: " (answered: an agent is to)",
            Grant.NOBODY: f" (answered: nobody does{': ' + said.because if said and said.because else ''})",
        }
        doubt = asked.get(said.by, "") if said else ""
        at = said.at if said else component.at
        return Proof(holds=False, claim=f"{component.id} does not implement it{doubt}", rule="implements", at=at)

    def agents(self, node: int, control: ControlId) -> tuple[Proof, ...]:
        """Say which agents before a component grant it a control; if none does, that."""
        ledger, bit = self.ledger, self.ledger.universe.bit[control]
        hybrid = bool(ledger.types[node].hybrid & bit)
        found = []
        for each in ledger.agents[node]:
            if not ledger.own[each] & bit:
                continue
            holds = not hybrid or bool(ledger.given[each] & bit)
            said, at = self._agent_says(each, control)
            text = f"agent {self._agent(each)} protects it{said}" + (
                "" if holds else ", but the host of the agent does not grant it"
            )
            found.append(Proof(holds=holds, claim=text, rule="protects", at=at))
        if found:
            return tuple(found)
        return UNPROTECTED

    def agent_names(self, node: int, control: ControlId) -> list[str]:
        """Return the agents that grant a control to a component."""
        ledger, bit = self.ledger, self.ledger.universe.bit[control]
        hybrid = ledger.types[node].hybrid & bit
        granting = (each for each in ledger.agents[node] if ledger.own[each] & bit and (not hybrid or ledger.given[each] & bit))
        return [f"agent {self._agent(each)}" for each in granting]

    def host_names(self, node: int, control: ControlId) -> list[str]:
        """Return what grants a control among all that a component stands on."""
        bit = self.ledger.universe.bit[control]
        return [self.name(each) for each in sorted(self._below(node)) if self.ledger.own[each] & bit]

    def _agent(self, node: int) -> str:
        found = self.ledger.nodes[node]
        return str(found.agent or found.name) if found else ""

    def _agent_says(self, node: int, control: ControlId) -> tuple[str, Span]:
        """Return grade, source and day of what an agent's entry says of a control, and the row that says it."""
        found = self.ledger.nodes[node]
        entry = self.ledger.catalogs.agent.get(found.agent) if found and found.agent else None
        if entry is None:
            return "", NOWHERE
        document = f"{entry.source.document} {entry.source.version}".strip()
        said = ", ".join(filter(None, (str(entry.evidence), document, entry.source.date)))
        return f" ({said})", next((each.at for each in entry.grants if each.control == control), entry.at)

    def host(self, node: int, control: ControlId) -> Proof:
        """Say whether what a component stands on grants a control, and which part of it; told once for all that stand there."""
        key = (tuple(self.ledger.parents[node]), control)
        if key not in self._hosts:
            self._hosts[key] = self._host(node, control)
        return self._hosts[key]

    def _host(self, node: int, control: ControlId) -> Proof:
        ledger, bit = self.ledger, self.ledger.universe.bit[control]
        holds = bool(ledger.given[node] & bit)
        below = sorted(self._below(node))
        granting = [each for each in below if ledger.own[each] & bit]
        if holds:
            return Proof(
                holds=True,
                claim="its host grants it",
                rule=HOST,
                beneath=tuple(self._granting(each, control) for each in granting),
            )
        lacking = [each for each in below if not ledger.own[each] & bit]
        offering = [each for each in lacking if self._offering(each)]
        beneath = tuple(self._lacking(each, control) for each in offering or lacking)
        if not beneath:
            beneath = (Proof(holds=False, claim="nothing is known of what it runs on", rule=HOST),)
        return Proof(holds=False, claim="its host does not grant it", rule=HOST, beneath=beneath)

    def _below(self, node: int) -> Iterator[int]:
        waiting, seen = list(self.ledger.parents[node]), set[int]()
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting.extend(self.ledger.parents[each])
                yield each

    def _offering(self, node: int) -> Offering | None:
        found = self.ledger.nodes[node]
        return self.ledger.catalogs.offering.get(found.offering) if found and found.offering else None

    def _title(self, node: int, offering: Offering) -> str:
        found = self.ledger.nodes[node]
        unit = ComponentId(found.id.partition("/")[2]) if found else ComponentId("")
        return f"{offering.title} in {self._region[unit]}" if unit in self._region else offering.title

    def _rows(self, offering: Offering) -> tuple[dict[ControlId, list[OfferedControl]], dict[ControlId, OfferedControl]]:
        """Return what an offering says of each control, sorted out once: many machines stand on one offering."""
        if offering.id not in self._said:
            provided: dict[ControlId, list[OfferedControl]] = {}
            for each in offering.provided:
                provided.setdefault(each.control, []).append(each)
            configurable: dict[ControlId, OfferedControl] = {}
            for each in offering.configurable:
                configurable.setdefault(each.control, each)
            self._said[offering.id] = provided, configurable
        return self._said[offering.id]

    def _granting(self, node: int, control: ControlId) -> Proof:
        offering = self._offering(node)
        if offering is None:
            return Proof(holds=True, claim=f"{self.name(node)} grants it", rule=HOST, at=self._place(node))
        title = self._title(node, offering)
        provided, configurable = self._rows(offering)
        if control in provided:
            best = max(provided[control], key=lambda each: (each.evidence, str(each.source), each.at))
            said = ", ".join(filter(None, (str(best.evidence), str(best.source), best.source.date)))
            return Proof(holds=True, claim=f"{title} offers it ({said})", rule=HOST, at=best.at)
        if duty := configurable.get(control):
            return Proof(
                holds=True,
                claim=f"{title} lets the customer configure it, who takes the duty ({duty.source})",
                rule=HOST,
                at=duty.at,
            )
        return Proof(holds=True, claim=f"{title} grants it", rule=HOST, at=offering.at)

    def _lacking(self, node: int, control: ControlId) -> Proof:
        offering = self._offering(node)
        if offering is None:
            return Proof(holds=False, claim=f"{self.name(node)} does not grant it", rule=HOST, at=self._place(node))
        title = self._title(node, offering)
        provided, configurable = self._rows(offering)
        if duty := configurable.get(control):
            text = f"{title} leaves it to the customer, and nobody takes the duty"
            return Proof(holds=False, claim=text, rule=HOST, at=duty.at)
        if control in provided:
            weak = provided[control][0]
            return Proof(holds=False, claim=f"{title} offers it with evidence {weak.evidence} only", rule=HOST, at=weak.at)
        return Proof(holds=False, claim=f"{title} does not offer it", rule=HOST, at=offering.at)

    def _place(self, node: int) -> Span:
        return self.ledger.components[node].at if node < len(self.ledger.components) else NOWHERE
