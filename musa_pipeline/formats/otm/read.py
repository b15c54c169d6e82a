"""An OTM document, version 0.1 or 0.2, to the cloud-provider-independent model (Open Threat Model by IriusRisk)."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, Cpim, Role, Trust
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import ComponentId, slug
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.otm.assets import held, read_assets
from musa_pipeline.formats.otm.flows import Flow, connections, port_of, read_flows
from musa_pipeline.formats.otm.kinds import Kinds, is_around, is_box, is_ours
from musa_pipeline.formats.otm.ours import with_ours
from musa_pipeline.formats.otm.review import review
from musa_pipeline.formats.otm.standing import Standing, read_standing
from musa_pipeline.formats.otm.threats import implemented
from musa_pipeline.formats.otm.tree import Entry, inside, section, word
from musa_pipeline.text.yaml import Mapping, read_yaml

LONGEST: Final = 50_000_000
"""Characters of one file."""
_IN_YAML: Final = re.compile(r"^[\"']?otmVersion[\"']?\s*:", re.MULTILINE)
_IN_JSON: Final = re.compile(r"[{,]\s*\"otmVersion\"\s*:")
_HEAD: Final = 10_000
_PAIR: Final = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""How JSON escapes a sign beyond the first plane, which YAML does not know."""
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def looks_like_otm(text: str) -> bool:
    """Tell, without reading it, whether a text says that it is OTM.

    >>> looks_like_otm("otmVersion: 0.2.0"), looks_like_otm('{"otmVersion": "0.1.0"}'), looks_like_otm("a: otmVersion")
    (True, True, False)
    """
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    return bool((_IN_JSON if head.startswith("{") else _IN_YAML).search(head))


def read_otm(text: str, file: str, *, catalogs: Catalogs, problems: Problems) -> Cpim | None:
    """Return the model that an OTM document describes; None if it is none. Codes U001 to U023: docs/formats/otm.md."""
    findings = Findings(problems)
    if len(text) > LONGEST:
        findings.error("U001", Span(file), f"more than {LONGEST:,} characters")
        return None
    before = problems.errors
    root = read_yaml(_as_yaml(text), file, problems, written_keys=True)
    if not isinstance(root, Mapping):
        if root is not None or problems.errors == before:
            at = root.at if root else Span(file)
            findings.error("U001", at, "an OTM document is a mapping", "begin with 'otmVersion:' and 'project:'")
        return None
    return _Model(root, catalogs, findings).cpim(file)


def _as_yaml(text: str) -> str:
    """Return JSON as what YAML reads at the same places: tabs as blanks, pairs of escapes as the sign that they mean."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return text
    return _PAIR.sub(_sign, text.replace("\t", " ").replace("\\/", "/"))


def _sign(pair: re.Match[str]) -> str:
    return (bytes.fromhex(pair[1]) + bytes.fromhex(pair[2])).decode("utf-16-be")


class _Model:
    """A document on its way to a model."""

    def __init__(self, root: Mapping, catalogs: Catalogs, findings: Findings) -> None:
        self.catalogs, self.findings = catalogs, findings
        self.root = review(root, findings)
        self.zones = section(self.root, "trustZones", "trust zone", findings)
        self.entries = section(self.root, "components", "component", findings)
        self.assets = section(self.root, "assets", "asset", findings)

    def cpim(self, file: str) -> Cpim:
        written = section(self.root, "dataflows", "data flow", self.findings)
        flows = read_flows(written, self.entries, self.zones, self.findings)
        standing = read_standing(self.entries, self.zones, self.findings)
        components = self._components(flows, standing)
        kept = [each for each in flows if each.source in components and each.destination in components]
        project = inside(self.root, "project")
        name = " ".join((word(project.get("name")) or word(project.get("id"))).split())
        final = tuple(sorted(components.values(), key=lambda each: each.id))
        used = {each.zone for each in final}
        return Cpim(
            name=name or slug(file.rpartition("/")[2].partition(".")[0]),
            language="otm",
            components=final,
            connections=connections(kept, components, self.findings),
            zones=tuple(sorted((each for each in standing.zones.values() if each.name in used), key=lambda each: each.name)),
            at=self.root.at,
        )

    def _components(self, flows: list[Flow], standing: Standing) -> dict[str, Component]:
        parents = set(standing.parent.values())
        talking = {end for each in flows for end in (each.source, each.destination)}
        boxes = {name for name, each in self.entries.items() if is_box(each, parents, talking)}
        self._tell_boxes(boxes)
        kept = {name: each for name, each in self.entries.items() if name not in boxes}
        hosts = _hosts(kept, boxes | {name for name, each in kept.items() if is_around(each)}, standing)
        kinds = Kinds(self.catalogs, set(hosts.values()), self.findings)
        ids = _ids(kept.values())
        data = held(self.entries, flows, read_assets(self.assets, self.findings), self.findings)
        claims = implemented(self.root, self.entries, self.catalogs, self.findings)
        found: dict[str, Component] = {}
        for name, entry in kept.items():
            what = kinds.of(entry)
            found[name] = with_ours(
                Component(
                    id=ids[name],
                    name=entry.name,
                    kind=what.kind,
                    role=what.role,
                    type=word(entry.body.get("type")),
                    host=ids[hosts[name]] if name in hosts else None,
                    data=data.get(name, ()),
                    implements=claims.get(name, ()),
                    zone=standing.zone.get(name, ""),
                    at=entry.at,
                ),
                entry,
                {each.name for each in standing.zones.values()},
                self.catalogs,
                self.findings,
            )
        return self._reached(found, flows, standing)

    def _tell_boxes(self, boxes: set[str]) -> None:
        for name in sorted(boxes):
            entry = self.entries[name]
            text = f"{entry.name!r} is drawn around others and does nothing itself: no component"
            self.findings.note("U019", entry.at, text)

    def _reached(self, found: dict[str, Component], flows: list[Flow], standing: Standing) -> dict[str, Component]:
        """Return the components with what flows say of them: reached from a public zone, and by which protocol."""
        public = {name for name in found if standing.trust.get(name) is Trust.PUBLIC}
        reached = {each.destination for each in flows if each.source in public} | public
        for name in sorted(reached & set(found)):
            if found[name].role is not Role.EXTERNAL and not is_ours(self.entries[name]):
                found[name] = replace(found[name], exposed=True)
        for flow in flows:
            target, port = found.get(flow.destination), port_of(flow.entry, self.findings)
            if target and port.protocol and not is_ours(self.entries[flow.destination]) and port not in target.ports:
                ports = sorted((*target.ports, port), key=lambda each: (each.number or 0, each.protocol, each.path))
                found[flow.destination] = replace(target, ports=tuple(ports))
        return found


def _hosts(kept: dict[str, Entry], boxes: set[str], standing: Standing) -> dict[str, str]:
    """Return what each component runs on: the nearest one around it that is no box and no network."""
    above: dict[str, str] = {}
    found = {}
    for name in kept:
        path = []
        host = standing.parent.get(name, "")
        while host in boxes and host not in above:
            path.append(host)
            host = standing.parent.get(host, "")
        host = above.get(host, host)
        above.update(dict.fromkeys(path, host))
        if host:
            found[name] = host
    return found


def _ids(entries: Iterable[Entry]) -> dict[str, ComponentId]:
    """Return the id of each component: its own where that can be one, else its name's; numbered where two would be alike."""
    wanted = {each.id: each.id if slug(each.id) == each.id and not _UUID.search(each.id) else slug(each.name) for each in entries}
    taken = set(wanted.values())
    found: dict[str, ComponentId] = {}
    used: set[str] = set()
    numbers: dict[str, int] = {}
    for key in sorted(wanted, key=lambda each: (each != wanted[each], each)):
        name = wanted[key]
        while name in used or (name != wanted[key] and name in taken):
            numbers[wanted[key]] = numbers.get(wanted[key], 1) + 1
            end = f"-{numbers[wanted[key]]}"
            name = wanted[key][: 80 - len(end)].rstrip("-") + end
        used.add(name)
        found[key] = ComponentId(name)
    return found
