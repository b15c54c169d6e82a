"""A cloud-provider-independent model as an OTM 0.2.0 document in JSON, with its risks where they are known (docs/formats/otm.md)."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataSet, Role, Trust, Wanted, Zone
from musa_pipeline.domain.ids import ComponentId, control_key, slug
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.formats.otm.facts import tell_port, tell_truth
from musa_pipeline.formats.otm.risks import Risks
from musa_pipeline.formats.otm.standing import ASSUMED
from musa_pipeline.formats.otm.words import OURS, RATINGS, RISKS
from musa_pipeline.text.json import readable

Plain = dict[str, Any]
_EXTERNAL: Final = "external-service"
_NAMES: Final = {Trust.PUBLIC: "Internet", Trust.INTERNAL: "Application"}
"""Zones that are assumed where a model has none, as every component of OTM needs a parent."""


def write_otm(
    cpim: Cpim, *, catalogs: Catalogs, profile: RiskProfile | None = None, states: Mapping[str, str] | None = None
) -> str:
    """Return the document. `states` are those of risks by id; what is not among them is exposed.

    Facts without a word in OTM are attributes that begin with `musa.`; what has no place there either is left out.
    """
    risks = Risks(profile, catalogs, states or {}, {each.id: each for each in cpim.components}) if profile else None
    return readable(_Writer(cpim, risks).document())


class _Writer:
    def __init__(self, cpim: Cpim, risks: Risks | None) -> None:
        self.cpim, self.risks = cpim, risks
        self.by_id = {each.id: each for each in cpim.components}
        self.zones = {each.name: name for each, name in zip(cpim.zones, _ids(each.name for each in cpim.zones), strict=True)}
        self.assumed: dict[Trust, str] = {}
        sets = sorted({(each.name, each.classification) for one in cpim.components for each in one.data})
        self.assets = dict(zip(sets, _ids(f"{name}-{kind}" for name, kind in sets), strict=True))

    def document(self) -> Plain:
        components = [self._component(each) for each in self.cpim.components]
        zones = [
            *(self._zone(each) for each in self.cpim.zones),
            *(self._assumed(each) for each in Trust if each in self.assumed),
        ]
        found: Plain = {
            "otmVersion": "0.2.0",
            "project": {"name": self.cpim.name or "model", "id": slug(self.cpim.name)},
            "trustZones": zones,
            "components": components,
            "dataflows": self._flows(),
        }
        if self.assets:
            found["assets"] = [self._asset(*each) for each in self.assets]
        if self.risks:
            found |= {"threats": self.risks.threats(), "mitigations": self.risks.mitigations()}
        return found

    # what stands where

    def _zone(self, zone: Zone) -> Plain:
        rating = {"trustRating": RATINGS[zone.trust]}
        return {"id": self.zones[zone.name], "name": zone.name, "type": str(zone.trust), "risk": rating}

    def _assumed(self, trust: Trust) -> Plain:
        rating = {"trustRating": RATINGS[trust]}
        found: Plain = {"id": self.assumed[trust], "name": _NAMES[trust], "type": str(trust), "risk": rating}
        return found | {"attributes": {ASSUMED: "true"}}

    def _parent(self, component: Component) -> dict[str, str]:
        if component.host in self.by_id:
            return {"component": str(component.host)}
        if component.zone in self.zones:
            return {"trustZone": self.zones[component.zone]}
        trust = Trust.PUBLIC if component.role is Role.EXTERNAL else Trust.INTERNAL
        name = slug(_NAMES[trust])
        while name in self.zones.values():
            name += "-assumed"
        self.assumed.setdefault(trust, name)
        return {"trustZone": name}

    def _inherited(self, component: Component) -> str:
        """Return the zone that a reader takes from the parents."""
        seen: set[ComponentId] = set()
        while component.host in self.by_id and component.id not in seen:
            seen.add(component.id)
            component = self.by_id[component.host]
        return component.zone if component.zone in self.zones else ""

    # components

    def _component(self, component: Component) -> Plain:
        found: Plain = {
            "id": component.id,
            "name": component.name.strip() or component.id,
            "type": component.kind,
            "parent": self._parent(component),
            "tags": _tags(component),
        }
        if component.data:
            found["assets"] = {"stored": sorted({self._asset_id(each) for each in component.data})}
        if self.risks and (threats := self.risks.of(component.id)):
            found["threats"] = threats
        return found | {"attributes": self._attributes(component)}

    def _attributes(self, component: Component) -> dict[str, str]:
        said = {"exposed": tell_truth(component.exposed)}
        usual = Role.HOST if component.kind == COMPUTE else Role.EXTERNAL if component.kind == _EXTERNAL else Role.COMPONENT
        if component.role is not usual:
            said["role"] = str(component.role)
        if component.zone != self._inherited(component):
            said["zone"] = component.zone
        said |= {f"port.{number}": tell_port(each) for number, each in enumerate(component.ports, 1)}
        if component.instances != 1:
            said["instances"] = str(component.instances)
        if component.most_instances:
            said["most-instances"] = str(component.most_instances)
        lists = {
            "countries": sorted(component.countries),
            "wanted": _controls(component.wanted),
            "implements": _controls(component.implements),
        }
        said |= {name: ", ".join(each) for name, each in lists.items() if each}
        said |= {name: each for name, each in (("image", component.image), ("sla", component.sla)) if each}
        return {f"{OURS}{name}": each for name, each in said.items()}

    # flows and assets

    def _flows(self) -> list[Plain]:
        links = [each for each in self.cpim.connections if each.source in self.by_id and each.target in self.by_id]
        ids = _ids(f"{each.source}-{each.target}" for each in links)
        return [self._flow(name, each) for name, each in zip(ids, links, strict=True)]

    def _flow(self, name: str, link: Connection) -> Plain:
        source, target = self.by_id[link.source], self.by_id[link.target]
        said = {"initiator": str(link.initiator), "port": tell_port(link.port)}
        if link.authenticated is not None:
            said["authenticated"] = tell_truth(link.authenticated)
        found: Plain = {
            "id": name,
            "name": f"{source.name or source.id} uses {target.name or target.id}",
            "source": link.source,
            "destination": link.target,
            "bidirectional": True,
            "tags": [link.port.protocol] if link.port.protocol else [],
        }
        if target.data:
            found["assets"] = sorted({self._asset_id(each) for each in target.data})
        return found | {"attributes": {f"{OURS}{key}": each for key, each in said.items()}}

    def _asset_id(self, one: DataSet) -> str:
        return self.assets[one.name, one.classification]

    def _asset(self, name: str, kind: Any) -> Plain:
        confidentiality, integrity, availability = RISKS[kind]
        return {
            "id": self.assets[name, kind],
            "name": name.strip() or self.assets[name, kind],
            "risk": {"confidentiality": confidentiality, "integrity": integrity, "availability": availability},
            "attributes": {f"{OURS}class": str(kind)},
        }


def _tags(component: Component) -> list[str]:
    exposed = ["exposed"] if component.exposed else []
    return [str(component.role), *exposed, *([component.type] if component.type else [])]


def _controls(some: tuple[Wanted, ...]) -> list[str]:
    return sorted({str(each.control) for each in some}, key=control_key)


def _ids(names: Any) -> list[str]:
    """Return an id for each name, numbered where two would be alike: the order of the names decides."""
    found: list[str] = []
    used: dict[str, int] = defaultdict(int)
    taken: set[str] = set()
    for name in names:
        start = slug(str(name))
        wanted = start
        while wanted in taken:
            used[start] += 1
            wanted = f"{start}-{used[start] + 1}"
        taken.add(wanted)
        found.append(wanted)
    return found
