"""Which generation of the notation a file is written in, and its nodes in the words of the newest."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.macm.graph import Graph, Vertex
from musa_pipeline.formats.macm.words import (
    AGENT,
    ASSET_TYPES,
    CONTAINER,
    EXTENSION,
    LAYER,
    OLD_LABELS,
    OLD_TYPES,
    OURS,
    PRIMARY,
    SLA,
    VIRTUAL,
)

TYPE: Final = ("asset_type", "type")
NUMBER: Final = ("component_id", "id")
_EXTENSION: Final = {"agent": AGENT, "sla": SLA, "slat": SLA}
_TYPES: Final = {each.lower(): each for each in ASSET_TYPES}
_PRIMARY: Final = {each.lower(): each for each in PRIMARY}
_OLD: Final = frozenset({"any", "saas", "paas", "iaas", "caas"})


class Dialect(StrEnum):
    """The generations that are told apart, by the words they have and later ones have not."""

    MUSA_2017 = "MACM of MUSA (2017: agents, SLAs, IaaS, PaaS and SaaS)"
    LABELS_2020 = "MACM of 2020 (labels such as SaaS, IaaS and any)"
    TOOLS_2025 = "MACM of 2025 (asset types in 'type', numbers in 'component_id')"
    SCHEMA_2026 = "MACM of 2026 (asset types in 'asset_type', numbers in 'id')"
    FREE = "labelled graph with types of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node in today's words. `type` is its asset type, as written where the catalogue does not have it; `primary` '' if none is known.

    `current`: its labels are today's, so that they can be held against its asset type.
    """

    key: str
    name: str
    primary: str
    secondary: tuple[str, ...]
    type: str
    current: bool
    vertex: Vertex
    at: Span

    @property
    def ours(self) -> bool:
        """Whether we wrote it: then it is what it says, and nothing is concluded about it."""
        return any(each.startswith(OURS) for each in self.vertex.properties)


def dialect_of(graph: Graph) -> Dialect:
    """Return the generation of a graph: that of its oldest word."""
    labels = {each.lower() for one in graph.vertices for each in one.labels}
    keys = {each for one in graph.vertices for each in one.properties}
    ours = any(each.startswith(OURS) for each in keys)
    kinds = {each.kind.lower() for each in graph.arcs}
    if not ours and (kinds & EXTENSION or labels & _EXTENSION.keys()):
        return Dialect.MUSA_2017
    if {each.labels[0].lower() for each in graph.vertices if each.labels} & _OLD:
        return Dialect.LABELS_2020
    if not labels & _PRIMARY.keys():
        return Dialect.FREE
    return Dialect.SCHEMA_2026 if "asset_type" in keys else Dialect.TOOLS_2025


def in_todays_words(graph: Graph, file: str, findings: Findings) -> dict[str, Node]:
    """Return the nodes by key, in the words of the newest generation, and tell which one the file is of."""
    dialect = dialect_of(graph)
    nodes = {each.key: _node(each) for each in graph.vertices}
    older = sum(not each.current for each in nodes.values() if each.primary in PRIMARY)
    said = f"read as {dialect.value}"
    if any(each.ours for each in nodes.values()):
        said += " with the extension of musa"
    if older:
        said += f"; {older} of {len(nodes)} nodes have labels of other generations and are taken by their type"
    findings.note("H002", Span(file), said)
    return nodes


def _node(vertex: Vertex) -> Node:
    labels, written = vertex.labels, vertex.text(*TYPE)
    name = " ".join((vertex.text("name") or vertex.variable or written).split()) or "node"
    small = [each.lower() for each in labels]
    if extension := next((_EXTENSION[each] for each in small if each in _EXTENSION), ""):
        return _of(vertex, name, (extension, ()), written, current=True)
    primary = next((_PRIMARY[each] for each in small if each in _PRIMARY), "")
    known = _TYPES.get(written.lower(), "")
    old = next((OLD_LABELS[each] for each in small if each in _OLD), "")
    if old:
        said = known or OLD_TYPES.get(written.lower(), "")
        # PaaS was said of containers and of what stood in them alike: the label tells, where the type says no more than a machine
        asset = old if not said or old == CONTAINER or ASSET_TYPES[old][0] in (VIRTUAL, LAYER) else said
        return _of(vertex, name, ASSET_TYPES[asset], asset, current=False)
    now = known or OLD_TYPES.get(written.lower(), "")
    if now and not known:
        return _of(vertex, name, ASSET_TYPES[now], now, current=False)
    if primary:
        rest = tuple(each for each, low in zip(labels, small, strict=True) if low not in _PRIMARY)
        return _of(vertex, name, (primary, rest), known or written, current=True)
    if known:
        return _of(vertex, name, ASSET_TYPES[known], known, current=False)
    return _of(vertex, name, (_guessed(written, small), ()), written, current=False)


def _of(vertex: Vertex, name: str, labels: tuple[str, str | tuple[str, ...]], asset: str, *, current: bool) -> Node:
    secondary = labels[1] if isinstance(labels[1], tuple) else (labels[1],) if labels[1] else ()
    return Node(
        key=vertex.key,
        name=name,
        primary=labels[0],
        secondary=secondary,
        type=asset,
        current=current,
        vertex=vertex,
        at=vertex.at,
    )


def _guessed(written: str, labels: Iterable[str]) -> str:
    """Return the primary label that the first word of an unknown type says; else that of software, which most nodes are."""
    first = written.partition(".")[0].lower()
    return _PRIMARY.get(first, "Service" if written or any(labels) else "")
