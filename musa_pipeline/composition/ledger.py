"""Who grants what to whom over the whole graph, every control at once: the rules applied node by node, worked out once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from musa_pipeline.composition.fitting import Fitting
from musa_pipeline.composition.rules import Shield, Types, host_grants, local, met_at, protection, travel
from musa_pipeline.composition.universe import Universe, universe_of
from musa_pipeline.domain.agreement import Slat, SlatTerm, type_of
from musa_pipeline.domain.answers import ControlAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId, ControlId, NodeId
from musa_pipeline.domain.macm import Macm, Node, RelationKind


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Nodes by number, components first, each part sorted by id; every list below holds one entry for each node.

    `own`: what it grants by itself; `given`: what its hosts grant it; `protected`: what agents grant it; `local`: what it is
    granted where it stands; `kept`: what travelling leaves of it; `granted`: what it has when entry points met the boundary.
    """

    catalogs: Catalogs
    universe: Universe
    nodes: tuple[Node | None, ...]
    components: tuple[Component, ...]
    facts: dict[ComponentId, Facts]
    terms: dict[ComponentId, dict[ControlId, SlatTerm]]
    number: dict[ComponentId, int]
    members: tuple[int, ...]
    entries: tuple[int, ...]
    parents: list[list[int]]
    agents: list[list[int]]
    uses: list[list[int]]
    users: list[list[int]]
    types: list[Types]
    own: list[int]
    given: list[int]
    protected: list[int]
    applies: list[int]
    required: list[int]
    local: list[int]
    kept: list[int]
    granted: list[int]
    met: int
    culprits: dict[ControlId, dict[int, tuple[int, ...]]] = field(default_factory=dict)

    def missing(self, node: int) -> int:
        """Return what is required of a component where it applies, and not granted."""
        return self.required[node] & self.applies[node] & ~self.granted[node]

    def lacking(self, node: int, among: int) -> int:
        """Return which of some controls apply to a component and are not granted to it, whoever requires them."""
        return among & self.applies[node] & ~self.granted[node]

    def answer(self, node: int, control: ControlId) -> ControlAnswer | None:
        """Return what the questionnaire says of a control at a component."""
        found = self.nodes[node]
        return next((each for each in found.answered if each.control == control), None) if found else None

    def id(self, node: int) -> str:
        """Return the id of a node."""
        found = self.nodes[node]
        return found.id if found else self.components[node].id

    def shields(self, node: int) -> list[Shield]:
        """Return the agents before a component."""
        return [Shield(self.own[each], self.given[each]) for each in self.agents[node]]


def ledger_of(macm: Macm, cpim: Cpim, slats: Sequence[Slat], catalogs: Catalogs) -> Ledger:
    """Apply all rules to a graph; the order of nodes, relations and templates never matters."""
    components = tuple(sorted(cpim.components, key=lambda each: each.id))
    number = {each.id: place for place, each in enumerate(components)}
    nodes = _numbered(macm, number)
    place = {each.id: number for number, each in enumerate(nodes) if each}
    terms = {each.component: {term.control: term for term in each.terms} for each in slats}
    universe = universe_of(catalogs, {control for each in terms.values() for control in each})
    parents = _related(macm, place, len(nodes), RelationKind.HOSTS, RelationKind.PROVIDES, of_target=True)
    agents = _related(macm, place, len(nodes), RelationKind.PROTECTS, of_target=True)
    uses = _related(macm, place, len(nodes), RelationKind.USES, of_target=False)
    users = _related(macm, place, len(nodes), RelationKind.USES, of_target=True)

    known: dict[frozenset[ControlId], int] = {}
    own = []
    for node in nodes:
        grants = node.grants if node else frozenset()
        if grants not in known:
            known[grants] = universe.mask(grants) & universe.live
        own.append(known[grants])
    given = host_grants(own, parents)
    members = tuple(place for place, each in enumerate(components) if each.role is Role.COMPONENT)
    deployed = set(members)
    types = _types(nodes, universe, catalogs)
    protected = [
        protection((Shield(own[each], given[each]) for each in agents[node]), types[node].hybrid) for node in range(len(nodes))
    ]
    here = [
        local(types[node], own[node], given[node], protected[node]) if node in deployed else own[node] | given[node]
        for node in range(len(nodes))
    ]
    facts = facts_of(cpim, catalogs)
    applies = _applies(components, len(nodes), facts, universe, catalogs)
    kept = travel(here, applies, universe.travels, uses)
    entries = tuple(each for each in members if components[each].exposed) or members
    met = met_at(entries, kept, applies, universe.boundary)
    required = [0] * len(nodes)
    for component, asked in terms.items():
        if component in number:
            required[number[component]] = universe.mask(asked)
    return Ledger(
        catalogs=catalogs,
        universe=universe,
        nodes=nodes,
        components=components,
        facts=facts,
        terms=terms,
        number=number,
        members=members,
        entries=entries,
        parents=parents,
        agents=agents,
        uses=uses,
        users=users,
        types=types,
        own=own,
        given=given,
        protected=protected,
        applies=applies,
        required=required,
        local=here,
        kept=kept,
        granted=[left | met if node in deployed else left for node, left in enumerate(kept)],
        met=met,
    )


def _numbered(macm: Macm, number: dict[ComponentId, int]) -> tuple[Node | None, ...]:
    """Put each component's node at the component's number, and all other nodes behind."""
    nodes: list[Node | None] = [None] * len(number)
    others = []
    for node in macm.nodes:
        if node.component in number and node.component is not None:
            nodes[number[node.component]] = node
        else:
            others.append(node)
    return (*nodes, *sorted(others, key=lambda each: each.id))


def _related(macm: Macm, place: dict[NodeId, int], count: int, *kinds: RelationKind, of_target: bool) -> list[list[int]]:
    """Return the neighbours of each node by relations of these kinds, sorted, each once."""
    found: list[list[int]] = [[] for _ in range(count)]
    for relation in macm.relations:
        if relation.kind in kinds and relation.source in place and relation.target in place:
            source, target = place[relation.source], place[relation.target]
            near, far = (target, source) if of_target else (source, target)
            found[near].append(far)
    return [sorted(set(each)) if len(each) > 1 else each for each in found]


def _types(nodes: Sequence[Node | None], universe: Universe, catalogs: Catalogs) -> list[Types]:
    """Return the types for each node: the defaults, and for a component what the questionnaire answered, required or not."""
    default = Types(universe.specific, universe.common, universe.hybrid)
    return [_answered(default, each.answered, universe, catalogs) if each and each.answered else default for each in nodes]


def _answered(default: Types, answers: Iterable[ControlAnswer], universe: Universe, catalogs: Catalogs) -> Types:
    masks = dict.fromkeys(ControlType, 0)
    for answer in answers:
        if control := catalogs.control.get(answer.control):
            masks[type_of(control, answer.by)] |= universe.bit[answer.control] & universe.live
    said = masks[ControlType.SPECIFIC] | masks[ControlType.COMMON] | masks[ControlType.HYBRID]
    return Types(
        default.specific & ~said | masks[ControlType.SPECIFIC],
        default.common & ~said | masks[ControlType.COMMON],
        default.hybrid & ~said | masks[ControlType.HYBRID],
    )


def _applies(
    components: Sequence[Component], count: int, facts: dict[ComponentId, Facts], universe: Universe, catalogs: Catalogs
) -> list[int]:
    """Return where controls apply: by their scope, everywhere without one; the model overrides by asking for a control by name."""
    scoped: dict[str, int] = {}
    for control, scope in catalogs.scope.items():
        scoped[scope.id] = scoped.get(scope.id, 0) | universe.bit.get(control, 0)
    fitting = Fitting((each.id, each.applies) for each in catalogs.scopes)
    known: dict[frozenset[str], int] = {}
    found = [universe.live] * count
    for place, component in enumerate(components):
        fits = fitting.at(facts[component.id])
        if fits not in known:
            known[fits] = universe.live & ~_union(mask for scope, mask in scoped.items() if scope not in fits)
        found[place] = known[fits] | universe.mask(each.control for each in component.wanted)
    return found


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def required(ledger: Ledger) -> int:
    """Return the controls that are required of any component."""
    return _union(ledger.required)


def promised(ledger: Ledger) -> int:
    """Return the controls that every component is granted where they apply, and at least one is (rule 5)."""
    somewhere = failing = 0
    for member in ledger.members:
        somewhere |= ledger.applies[member]
        failing |= ledger.applies[member] & ~ledger.granted[member]
    return ledger.universe.live & somewhere & ~failing
