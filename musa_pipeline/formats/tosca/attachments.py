"""What parts say of what they are attached to: the size of volumes, firewalls open to all, networks anybody is on."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from musa_pipeline.domain.cpim import Component
from musa_pipeline.formats.tosca.endpoints import volume_of
from musa_pipeline.formats.tosca.p1_read import is_null
from musa_pipeline.formats.tosca.scalars import whole
from musa_pipeline.formats.tosca.templates import Edge, Model, Template
from musa_pipeline.formats.tosca.zones import Zones, anywhere, opens_to_all
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_VOLUMES: Final = ("tosca.nodes.BlockStorage", "tosca.nodes.Storage.BlockStorage")
_PORT: Final = re.compile(r"port", re.IGNORECASE)
_INNER: Final = frozenset(
    {
        22,
        23,
        135,
        445,
        1433,
        1521,
        2375,
        2376,
        2379,
        3306,
        3389,
        5432,
        5672,
        5900,
        5984,
        6379,
        8086,
        9042,
        9092,
        9200,
        11211,
        27017,
    }
)
"""Ports of administration and of stores, which are not meant for everybody."""

Components = dict[str, Component | None]


def attach(model: Model, edges: dict[str, list[Edge]], components: Components, zones: Zones) -> None:
    """Give what parts say to the components they are attached to; `components` has None for each part."""
    for name, some in edges.items():
        for edge in some:
            for part, whole_ in ((edge.target.name, edge.source.name), (edge.source.name, edge.target.name)):
                component = components[whole_]
                if components[part] is None and component is not None:
                    components[whole_] = _with(model, model.templates[part], component)
        # an address on the internet counts for more than a private endpoint, and less than what `exposed` says
        if name in zones.public and (component := components.get(name)) and model.raw(name, "exposed") is None:
            components[name] = replace(component, exposed=True)
    for name, each in components.items():
        zone = zones.of.get(name, "")
        if each and zone:
            components[name] = replace(each, zone=zone)


def _with(model: Model, part: Template, component: Component) -> Component:
    if part.isa(*_VOLUMES):
        storage = component.resources.storage + volume_of(model, part)
        return replace(component, resources=replace(component.resources, storage=storage))
    place = opens_to_all(part)
    if place is None:
        return component
    report_open(model, component.name, part.properties, place, f"by {part.name!r}")
    return replace(component, exposed=True) if component.exposed is None else component


def report_open(model: Model, name: str, rules: Node, place: Node, by: str) -> None:
    """Tell that any address is let in; a warning if a port of administration or of a store is open so."""
    inner = sorted(_INNER & {port for low, high in _ranges(rules) for port in _INNER if low <= port <= high})
    text = f"component {name!r} is open to any address, {by}"
    if inner:
        shown = ", ".join(map(str, inner[:4])) + (" …" if len(inner) > 4 else "")
        text += f", with {'port' if len(inner) == 1 else 'ports'} {shown}"
        model.findings.warn("T072", place.at, text, "let in only the addresses that need it")
    else:
        model.findings.note("T072", place.at, text, "it counts as exposed; let in only the addresses that need it")


def _ranges(rules: Node) -> Iterator[tuple[int, int]]:
    """Yield the ports that rules for any address are for."""
    pending = [rules]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending.extend(node.items)
        elif isinstance(node, Mapping):
            pending.extend(each for each in node.entries.values() if not isinstance(each, Scalar))
            if any(isinstance(each, Scalar) and anywhere(each) for each in node.entries.values()):
                numbers = [_number(value) for key, value in node if _PORT.search(key) and not is_null(value)]
                found = [each for each in numbers if each is not None]
                if found:
                    yield min(found), max(found)


def _number(node: Node) -> int | None:
    return whole(node.value) if isinstance(node, Scalar) else None
