"""The parts of an application as OSCAL's components: what the model has, the agents beside it, the services beneath it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeAlias

from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.cpim import Component, Role
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.offering import OfferedControl, Offering, Provider
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.oscal.elements import Plain, identity, line, prop, prose

PartId: TypeAlias = tuple[str, str]
"""`component`, `agent` or `offering`, and its id."""

_TYPES = {Role.COMPONENT: "software", Role.HOST: "hardware", Role.EXTERNAL: "service"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Why a part grants a control: a sentence, and the document behind it."""

    because: str
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of OSCAL's components. `grants` by itself; `configurable`: what its customer has to switch on."""

    id: PartId
    title: str
    type: str
    description: str
    grants: dict[ControlId, Claim] = field(hash=False)
    configurable: dict[ControlId, Claim] = field(default_factory=dict, hash=False)
    provider: Provider | None = None
    protocols: tuple[Plain, ...] = field(default=(), hash=False)

    def plain(self, uuid: str) -> Plain:
        """Return what component definitions and plans say alike of it."""
        found: Plain = {
            "uuid": uuid,
            "type": self.type,
            "title": prose(self.title),
            "description": self.description,
            "props": [prop(f"{self.id[0]}-id", self.id[1])],
        }
        return found | ({"protocols": list(self.protocols)} if self.protocols else {})


def of_component(component: Component, implements: Collection[ControlId]) -> Part:
    """Return a component of the model with the controls that it implements itself."""
    claim = Claim(because=f"{prose(component.name)} implements it, as its model or its questionnaire says.")
    return Part(
        id=("component", component.id),
        title=component.name,
        type=_TYPES[component.role],
        description=f"{prose(component.name)}, of the kind {prose(component.kind)}.",
        grants=dict.fromkeys(sorted(implements), claim),
        protocols=tuple(_protocols(component)),
    )


def _protocols(component: Component) -> list[Plain]:
    return [
        {
            "uuid": identity("port", component.id, str(each.number), each.protocol),
            "name": line(each.protocol or "tcp"),
            "port-ranges": [{"start": each.number, "end": each.number}],
        }
        for each in dict.fromkeys(component.ports)
        if each.number is not None
    ]


def of_agent(agent: Agent) -> Part:
    """Return an agent of the catalog with what it grants to whatever it protects."""
    return Part(
        id=("agent", agent.id),
        title=agent.title,
        type="software",
        description=f"{prose(agent.title)}: an agent for {agent.work}, installed beside what it protects.",
        grants={each.control: Claim(because=f"{prose(each.because)}.", source=agent.source) for each in agent.grants},
    )


def of_offering(offering: Offering, provider: Provider | None) -> Part:
    """Return a provider's service: what it operates, and what it leaves to its customer."""
    who = provider.name if provider else offering.provider
    return Part(
        id=("offering", offering.id),
        title=f"{offering.title} ({who})",
        type="service",
        description=f"{prose(offering.title)}, a service of {prose(who)}.",
        grants={each.control: _offered(each, f"{who} operates it") for each in offering.provided},
        configurable={
            each.control: _offered(each, f"{who} leaves it to the customer to configure") for each in offering.configurable
        },
        provider=provider,
    )


def _offered(each: OfferedControl, says: str) -> Claim:
    return Claim(because=f"{prose(says)} (evidence {each.evidence}: {prose(str(each.source))}).", source=each.source)
