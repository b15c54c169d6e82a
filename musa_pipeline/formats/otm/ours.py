"""What attributes of ours say of a component: facts that OTM has no words for."""

from dataclasses import replace
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Port, Wanted
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.places import place_code
from musa_pipeline.domain.problems import near
from musa_pipeline.formats.otm.facts import listed, numbered, port, truth
from musa_pipeline.formats.otm.tree import Entry, attributes
from musa_pipeline.formats.otm.words import OURS

_NAMES: Final = ("role", "exposed", "image", "instances", "most-instances", "countries", "wanted", "implements", "zone", "sla")
_MOST: Final = 1_000_000


def with_ours(component: Component, entry: Entry, zones: set[str], catalogs: Catalogs, findings: Findings) -> Component:
    """Return the component with what its attributes of ours say; each that says nothing sound is told and left out."""
    said = {key.removeprefix(OURS): text for key, text in attributes(entry.body).items() if key.startswith(OURS)}
    if not said:
        return component
    return _Attributes(component.id, entry, said, zones, catalogs, findings).added_to(component)


class _Attributes:
    def __init__(
        self,
        component: ComponentId,
        entry: Entry,
        said: dict[str, str],
        zones: set[str],
        catalogs: Catalogs,
        findings: Findings,
    ) -> None:
        self.component, self.entry, self.said, self.zones = component, entry, said, zones
        self.catalogs, self.findings = catalogs, findings

    def added_to(self, component: Component) -> Component:
        self._check_names()
        zone = self.said.get("zone")
        known = zone is not None and (not zone or zone in self.zones)
        if zone is not None and not known:
            self._wrong("zone", near(zone, sorted(self.zones)) or "name a trust zone of the file")
        claimed = {each.control: each for each in (*component.implements, *self._controls("implements"))}
        return replace(
            component,
            exposed=truth(self.said.get("exposed", "")),
            ports=self._ports(),
            image=self.said.get("image", ""),
            instances=self._count("instances", 1),
            most_instances=self._count("most-instances", 0),
            countries=self._countries(),
            wanted=self._controls("wanted"),
            implements=tuple(claimed.values()),
            zone=zone or "" if known else component.zone,
            sla=self.said.get("sla", ""),
        )

    def _check_names(self) -> None:
        known = [f"{OURS}{each}" for each in _NAMES]
        for name in self.said:
            if name not in _NAMES and not name.startswith("port."):
                self._wrong(name, near(f"{OURS}{name}", known) or "known are " + ", ".join(known))

    def _wrong(self, name: str, way_out: str) -> None:
        at = self.entry.place("attributes")
        self.findings.warn("U016", at, f"attribute {OURS + name!r} of {self.component!r} is {self.said[name]!r}", way_out)

    def _ports(self) -> tuple[Port, ...]:
        found = []
        for key, text in numbered({f"{OURS}{name}": each for name, each in self.said.items()}, "port"):
            if (one := port(text)) is not None:
                found.append(one)
            else:
                self._wrong(key.removeprefix(OURS), "write number, protocol, encrypted or plain, path; - for none")
        return tuple(found)

    def _count(self, name: str, default: int) -> int:
        text = self.said.get(name, "")
        if not text:
            return default
        if text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= _MOST:
            return int(text)
        self._wrong(name, "write a number")
        return default

    def _countries(self) -> frozenset[str]:
        some = listed(self.said.get("countries", ""))
        codes = {each: place_code(each) for each in some}
        if not all(codes.values()):
            self._wrong("countries", "write ISO 3166 codes, or EU, EEA, EUROPE")
        return frozenset(each for each in codes.values() if each)

    def _controls(self, name: str) -> tuple[Wanted, ...]:
        found: dict[str, Wanted] = {}
        for text in listed(self.said.get(name, "")):
            known = self.catalogs.named(text)
            if not known:
                self._wrong(name, "write ids of NIST SP 800-53, such as SC-5, with commas between")
            for each in known:
                found[each] = Wanted(control=each, at=self.entry.place("attributes"))
        return tuple(found.values())
