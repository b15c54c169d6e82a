"""What stands in what: the trust zone and the host of each component, by the parents that an OTM document gives."""

from dataclasses import dataclass, field
from typing import Final

from musa_pipeline.domain.cpim import Trust, Zone
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.otm.tree import Entry, attributes, inside, is_null, number, word
from musa_pipeline.formats.otm.words import OURS, trust_by_rating, trust_by_words
from musa_pipeline.text.yaml import Mapping, Scalar

ZONE: Final = "trustZone"
COMPONENT: Final = "component"
ASSUMED: Final = f"{OURS}assumed"
"""Attribute of a zone that we only write because every component needs a parent."""

_TENS: Final = 10
"""Documents whose ratings are all below may have taken the scale for one of ten: only their order is sure."""
Node = tuple[str, str]
"""ZONE or COMPONENT, and the id."""


@dataclass(slots=True)
class Standing:
    """`zone` and `parent` by component id, parents being components; `zones` by zone id."""

    zones: dict[str, Zone]
    zone: dict[str, str] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    trust: dict[str, Trust] = field(default_factory=dict)


def read_standing(components: dict[str, Entry], zones: dict[str, Entry], findings: Findings) -> Standing:
    """Return where everything stands; what stands in itself, at once or by others, is an error and stands nowhere."""
    found = Standing(zones=_zones(zones, findings))
    known = {ZONE: zones, COMPONENT: components}
    parents: dict[Node, Node] = {}
    for kind, entries, noun in ((ZONE, zones, "trust zone"), (COMPONENT, components, "component")):
        for name, entry in entries.items():
            if parent := _parent(entry, noun, known, findings, needed=kind == COMPONENT):
                parents[kind, name] = parent
    _cut_circles(parents, known, findings)
    enclosing: dict[Node, str] = {}
    for name in components:
        parent = parents.get((COMPONENT, name))
        if parent is None:
            continue
        if parent[0] == COMPONENT:
            found.parent[name] = parent[1]
        if (zone := _zone_above(parent, parents, enclosing)) and zone in found.zones:
            found.zone[name], found.trust[name] = found.zones[zone].name, found.zones[zone].trust
    return found


def _zone_above(start: Node, parents: dict[Node, Node], known: dict[Node, str]) -> str:
    """Return the nearest zone, the start counted; '' if there is none. `known` remembers, so that deep nests cost no more."""
    path: list[Node] = []
    node: Node | None = start
    zone = ""
    while node is not None:
        if node[0] == ZONE or node in known:
            zone = node[1] if node[0] == ZONE else known[node]
            break
        path.append(node)
        node = parents.get(node)
    known.update(dict.fromkeys(path, zone))
    return zone


def _parent(entry: Entry, noun: str, known: dict[str, dict[str, Entry]], findings: Findings, *, needed: bool) -> Node | None:
    node = entry.body.get("parent")
    if isinstance(node, Mapping):
        said = [(kind, word(node.get(kind))) for kind in (COMPONENT, ZONE) if not is_null(node.get(kind))]
        if len(said) > 1:
            text = f"{noun} {entry.id!r} has two parents; {said[0][1]!r} counts"
            findings.warn("U006", node.at, text, "keep the nearer of them")
    else:
        said = [(kind, word(node)) for kind in (ZONE, COMPONENT) if word(node) in known[kind]]
        said = said or ([(ZONE, word(node))] if isinstance(node, Scalar) and word(node) else [])
    if not said:
        if needed:
            way_out = "write 'parent: {trustZone: …}' or 'parent: {component: …}'"
            findings.warn("U006", entry.place("parent"), f"{noun} {entry.id!r} has no parent, so no trust zone", way_out)
        return None
    kind, name = said[0]
    if name in known[kind]:
        return kind, name
    _unknown(entry, noun, kind, name, known, findings)
    return None


def _unknown(entry: Entry, noun: str, kind: str, name: str, known: dict[str, dict[str, Entry]], findings: Findings) -> None:
    body = inside(entry.body, "parent")
    at = body.entries[kind].at if kind in body.entries else entry.place("parent")
    other = COMPONENT if kind == ZONE else ZONE
    called = "trust zone" if kind == ZONE else "component"
    way_out = f"it is a {'component' if other == COMPONENT else 'trust zone'}: write 'parent: {{{other}: …}}'"
    if name not in known[other]:
        way_out = findings.near(name, known[kind]) or f"add the {called}, or name one that is there"
    findings.error("U007", at, f"{noun} {entry.id!r} stands in {called} {name!r}, which the file does not have", way_out)


def _cut_circles(parents: dict[Node, Node], known: dict[str, dict[str, Entry]], findings: Findings) -> None:
    done: set[Node] = set()
    for start in list(parents):
        path: dict[Node, None] = {}
        node = start
        while node in parents and node not in done and node not in path:
            path[node] = None
            node = parents[node]
        if node in path:
            entry = known[node[0]][node[1]]
            circle = list(path)[list(path).index(node) :]
            names = " in ".join(repr(each) for _, each in (*circle[:5], node)) if len(circle) <= 5 else repr(node[1])
            findings.error("U008", entry.place("parent"), f"{names} stands in itself", "end the circle at a trust zone")
            del parents[node]
        done.update(path)


def _zones(zones: dict[str, Entry], findings: Findings) -> dict[str, Zone]:
    ratings = {name: _rating(entry, findings) for name, entry in zones.items()}
    different = {each for each in ratings.values() if each is not None}
    telling = len(different) > 1 and max(different) > _TENS
    names: set[str] = set()
    found: dict[str, Zone] = {}
    for key, entry in zones.items():
        if attributes(entry.body).get(ASSUMED) == "true":
            continue
        name = entry.name if entry.name not in names else f"{entry.name} ({entry.id})"
        names.add(name)
        found[key] = Zone(name=name, trust=_trust(entry, ratings[key], findings, telling=telling), at=entry.at)
    return found


def _trust(entry: Entry, rating: float | None, findings: Findings, *, telling: bool) -> Trust:
    """Return a zone's trust: its type where that is a word of ours, else its rating; its name where all ratings are alike.

    A rating only orders the zones of one file, so one that all of them share says nothing. The internet is public always.
    """
    said = word(entry.body.get("type"))
    if said in list(Trust):
        return Trust(said)
    by_words = trust_by_words(slug(said).split("-")) or trust_by_words(slug(entry.name).split("-"))
    if rating is not None and telling:
        return (
            Trust.PUBLIC if by_words is Trust.PUBLIC and "internet" in slug(f"{said} {entry.name}") else trust_by_rating(rating)
        )
    if by_words is not None:
        return by_words
    if rating is not None:
        return trust_by_rating(rating)
    text = f"how far trust zone {entry.name!r} is trusted cannot be told; it is taken as internal"
    findings.note("U010", entry.at, text, "write 'risk: {trustRating: …}', 0 to 100")
    return Trust.INTERNAL


def _rating(entry: Entry, findings: Findings) -> float | None:
    risk = inside(entry.body, "risk")
    node = risk.get("trustRating") or entry.body.get("trustRating")  # StartLeft's example has it beside an empty risk
    rating = number(node)
    at: Span = node.at if node is not None else entry.at
    if rating is None and not is_null(node):
        findings.warn("U009", at, f"trust rating {word(node)!r} of {entry.name!r} is no number", "write 0 to 100")
    elif rating is not None and not 0 <= rating <= 100:
        findings.warn("U009", at, f"trust rating {word(node)!r} of {entry.name!r} is off its scale", "write 0 to 100")
        return min(max(rating, 0.0), 100.0)
    return rating
