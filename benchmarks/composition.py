"""Composition of a whole application: every control at once as bits, beside one networkx walk for each control.

    python benchmarks/composition.py [--nodes 10000] [--seed 7]

Both read the same generated graph (layers of services, a machine for every eight, an offering for each machine, agents) and must
find the same grants. The walk is timed on some of the controls and scaled to all of them.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from musa_pipeline.composition.compose import compose
from musa_pipeline.domain.agent import Agent, AgentGrant, AgentInstance, AgentWork
from musa_pipeline.domain.agreement import Slat, SlatTerm, weight_of
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Is
from musa_pipeline.domain.control import Control, ControlCatalog, Level, Scope
from musa_pipeline.domain.cpim import Component, Connection, Cpim, Role
from musa_pipeline.domain.macm import Label, Macm, Node, Relation, RelationKind
from musa_pipeline.domain.selection import Selection
from musa_pipeline.domain.source import Source

SOURCE = Source(document="generated")
FAMILIES = [
    "AC",
    "AT",
    "AU",
    "CA",
    "CM",
    "CP",
    "IA",
    "IR",
    "MA",
    "MP",
    "PE",
    "PL",
    "PM",
    "PS",
    "PT",
    "RA",
    "SA",
    "SC",
    "SI",
    "SR",
]
CONTROLS = 1014


def case(nodes: int, seed: int) -> tuple[Macm, Cpim, tuple[Slat, ...], Selection, Catalogs]:
    """Return a generated application of about so many nodes, and what composition needs."""
    chance = random.Random(seed)
    controls = [
        Control(id=f"{FAMILIES[n % 20]}-{n // 20 + 1}", title="", level=chance.choice([*Level, None])) for n in range(CONTROLS)
    ]
    ids = [each.id for each in controls]
    travelling, boundary, scoped = ids[10:60], ids[60:70], ids[70:170]
    scopes = (
        Scope(id="travelling", controls=tuple(travelling), because="", source=SOURCE, travels=True),
        Scope(id="boundary", controls=tuple(boundary), because="", source=SOURCE, boundary=True),
        Scope(
            id="stores", controls=tuple(scoped), because="", source=SOURCE, applies=Is(fact="kind", among=frozenset({"database"}))
        ),
    )
    agents = tuple(
        Agent(
            id=f"agent-{n}",
            title=f"agent {n}",
            work=AgentWork.ENFORCEMENT,
            role="agent",
            source=SOURCE,
            grants=tuple(AgentGrant(control=each, because="") for each in sorted(chance.sample(ids, 12))),
        )
        for n in range(10)
    )
    offers = [frozenset(chance.sample(ids, 400)) | frozenset(travelling) for _ in range(40)]
    claims = [frozenset(chance.sample(ids, 60)) | frozenset(travelling) for _ in range(200)]
    machines = max(1, nodes // 10)
    count = nodes - 2 * machines
    hosts = [Component(id=f"vm-{n:05}", name="", kind="compute", role=Role.HOST) for n in range(machines)]
    services = [
        Component(
            id=f"service-{n:05}",
            name="",
            kind=chance.choice(["web-application", "database", "worker"]),
            host=f"vm-{n % machines:05}",
            exposed=n % 50 == 0,
        )
        for n in range(count)
    ]
    links = sorted({(n, min(count - 1, n + chance.randrange(1, 60))) for n in range(count - 1) for _ in range(2)})
    cpim = Cpim(
        name="bench",
        language="generated",
        components=tuple(services + hosts),
        connections=tuple(Connection(source=services[a].id, target=services[b].id) for a, b in links),
    )
    graph_nodes = [
        *(Node(id=each.id, label=Label.SERVICE, name="", component=each.id) for each in hosts),
        *(Node(id=each.id, label=Label.SERVICE, name="", component=each.id, grants=chance.choice(claims)) for each in services),
        *(Node(id=f"iaas/{each.id}", label=Label.IAAS, name="", grants=chance.choice(offers)) for each in hosts),
    ]
    relations = [
        *(Relation(kind=RelationKind.HOSTS, source=f"iaas/{each.id}", target=each.id) for each in hosts),
        *(Relation(kind=RelationKind.HOSTS, source=each.host, target=each.id) for each in services),
        *(Relation(kind=RelationKind.USES, source=each.source, target=each.target) for each in cpim.connections),
    ]
    instances = []
    for each in services:
        if chance.random() < 0.2:
            agent = chance.choice(agents)
            instances.append(AgentInstance(agent=agent.id, component=each.id))
            node = f"agent/{agent.id}/{each.id}"
            graph_nodes.append(
                Node(id=node, label=Label.AGENT, name="", grants=frozenset(one.control for one in agent.grants), agent=agent.id)
            )
            relations.append(Relation(kind=RelationKind.PROTECTS, source=node, target=each.id))
            relations.append(Relation(kind=RelationKind.HOSTS, source=each.host, target=node))
    macm = Macm(name="bench", nodes=tuple(graph_nodes), relations=tuple(relations))
    asked = [chance.sample(ids, 25) for _ in range(200)]
    slats = tuple(
        Slat(
            id=each.id,
            application="bench",
            component=each.id,
            name="",
            kind=each.kind,
            framework="",
            terms=tuple(
                SlatTerm(control=control, title="", by=Grant.COMPONENT, score=5, weight=weight_of(5), answered=n % 3 == 0)
                for n, control in enumerate(sorted(asked[place % len(asked)]))
            ),
        )
        for place, each in enumerate(services)
    )
    selection = Selection(
        application="bench",
        placements=(),
        agents=tuple(instances),
        coverage=0,
        of=0,
        price=0,
        agents_price=0,
        status="",
        gap=0,
        method="",
    )
    catalogs = Catalogs(
        controls=ControlCatalog(id="generated", title="", revision="5", version="1", source=SOURCE, controls=tuple(controls)),
        scopes=scopes,
        agents=agents,
    )
    return macm, cpim, slats, selection, catalogs


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--nodes", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--walked", type=int, default=20, help="controls that the walk composes")
    given = arguments.parse_args()
    print(f"{'nodes':>7} {'controls':>9} {'ours s':>8} {'walk s':>9} {'ratio':>7}  same grants")
    for nodes in sorted({given.nodes // 100, given.nodes // 10, given.nodes}):
        _row(nodes, given.seed, given.walked)


def _row(nodes: int, seed: int, walked: int) -> None:
    from tests.composition.walk import Walk

    macm, cpim, slats, selection, catalogs = case(nodes, seed)
    ours = min(_timed(lambda: compose(macm, cpim, slats, selection, catalogs)) for _ in range(3))
    found = compose(macm, cpim, slats, selection, catalogs)
    promised = [each.control for each in found.outcomes if each.promised]
    every = [each.control for each in found.outcomes]
    some = sorted({*every[:: max(1, CONTROLS // walked)], *promised[:3], *every[10:13], *every[60:63]})
    granted = {each.component: frozenset(each.granted) for each in found.components}
    walk = Walk(macm, cpim, slats, catalogs)
    walks: dict[str, dict[str, bool]] = {}
    spent = _timed(lambda: walks.update((each, walk.granted(each)) for each in some))
    same = all((control in granted[component]) is has for control in some for component, has in walks[control].items())
    whole = spent / len(some) * CONTROLS
    print(
        f"{len(macm.nodes):>7} {CONTROLS:>9} {ours:>8.3f} {whole:>9.1f} {whole / ours:>7.0f}  {same} ({len(some)} controls walked)"
    )


def _timed(act) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
