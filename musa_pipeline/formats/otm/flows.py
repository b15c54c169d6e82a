"""Data flows of an OTM document as connections: who uses whom, by which protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.cpim import Component, Connection, Initiator, Port
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import slug
from musa_pipeline.formats.otm.facts import port, truth
from musa_pipeline.formats.otm.kinds import is_ours
from musa_pipeline.formats.otm.tree import Entry, attributes, items, word
from musa_pipeline.formats.otm.words import OPEN, OURS, PLAIN, SECURE, STORES

_KEYS: Final = {"source": ("source",), "destination": ("destination", "target")}
"""The standard's own example has a flow with a target."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A data flow whose ends are components of the file. `assets`: what it carries, from the place it was written."""

    source: str
    destination: str
    entry: Entry


def read_flows(
    flows: dict[str, Entry], components: Mapping[str, Entry], zones: Mapping[str, Entry], findings: Findings
) -> list[Flow]:
    """Return the flows between components; one that begins or ends nowhere is an error."""
    found = []
    for entry in flows.values():
        ends = [_end(entry, key, components, zones, findings) for key in _KEYS]
        if not all(ends):
            continue
        if ends[0] == ends[1]:
            text = f"data flow {entry.name!r} leads from {ends[0]!r} to itself and is left out"
            findings.note("U013", entry.at, text)
            continue
        found.append(Flow(ends[0], ends[1], entry))
    return found


def _end(entry: Entry, end: str, components: Mapping[str, Entry], zones: Mapping[str, Entry], findings: Findings) -> str:
    key = next((each for each in _KEYS[end] if word(entry.body.get(each))), end)
    said, at = word(entry.body.get(key)), entry.place(key)
    if said in components:
        return said
    if not said:
        findings.warn(
            "U012", at, f"data flow {entry.name!r} has no {end} and is left out", f"write '{end}:' and a component's id"
        )
    elif said in zones:
        text = f"{end} of data flow {entry.name!r} is trust zone {said!r}; it is left out"
        findings.warn("U012", at, text, "let it lead to a component in that zone")
    else:
        way_out = findings.near(said, dict(components)) or "add the component, or name one that is there"
        findings.error("U014", at, f"{end} of data flow {entry.name!r} is {said!r}, which the file does not have", way_out)
    return ""


def connections(flows: list[Flow], components: Mapping[str, Component], findings: Findings) -> tuple[Connection, ...]:
    """Return who uses whom: the source of a flow its destination, but what a store sends is read by who gets it."""
    found: dict[tuple[str, str, int, str, str], Connection] = {}
    for flow in flows:
        source, target = components[flow.source], components[flow.destination]
        if source.kind in STORES and target.kind not in STORES and not is_ours(flow.entry):
            text = f"data flow {flow.entry.name!r} leaves {source.name!r}, which only answers: {target.name!r} uses it"
            findings.note("U015", flow.entry.at, text)
            source, target = target, source
        if source.id == target.id:
            continue
        link = _connection(flow.entry, source, target, findings)
        key = (link.source, link.target, link.port.number or 0, link.port.protocol, link.port.path)
        found.setdefault(key, link)
    return tuple(found[each] for each in sorted(found))


def _connection(entry: Entry, source: Component, target: Component, findings: Findings) -> Connection:
    said = attributes(entry.body)
    initiator = said.get(f"{OURS}initiator", "")
    return Connection(
        source=source.id,
        target=target.id,
        port=port_of(entry, findings),
        initiator=Initiator(initiator) if initiator in list(Initiator) else Initiator.SOURCE,
        authenticated=truth(said.get(f"{OURS}authenticated", "")),
        at=entry.at,
    )


def port_of(entry: Entry, findings: Findings) -> Port:
    """Return the port of a flow: as we wrote it, else the protocol that its tags or its name speak of, the weakest of several."""
    said = attributes(entry.body).get(f"{OURS}port", "")
    if said:
        if (found := port(said)) is not None:
            return found
        text = f"attribute {OURS + 'port'!r} is {said!r}"
        findings.warn("U016", entry.place("attributes"), text, "write number, protocol, encrypted or plain, path; - for none")
    words = {part for each in items(entry.body.get("tags")) for part in slug(word(each)).split("-")}
    words |= set(slug(entry.name).split("-"))
    for protocols, secure in ((PLAIN, False), (OPEN, None), (SECURE, True)):
        if known := sorted(words & protocols):
            return Port(protocol=known[0], secure=secure)
    return Port()
