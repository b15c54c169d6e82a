"""Random values of the vocabulary, for laws: any text in names, any shape, places included."""

from typing import Any

from hypothesis import strategies as st

from musa_pipeline.domain.agent import AgentInstance
from musa_pipeline.domain.composition import ComponentOutcome, ComposedSlo, Composition, Duty, Gap, Outcome, Proof, Remedy
from musa_pipeline.domain.cpim import (
    Component,
    Connection,
    Cpim,
    DataClass,
    DataSet,
    Port,
    Resources,
    Role,
    Script,
    Wanted,
    WantedAgent,
)
from musa_pipeline.domain.macm import Label, Macm, Node, Relation, RelationKind
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.plan import (
    Csp,
    Machine,
    Managed,
    ManualTask,
    OpenPort,
    Plan,
    PlannedAgent,
    PlannedComponent,
    Pool,
    Step,
)
from musa_pipeline.domain.question import (
    Consequence,
    ControlAt,
    ControlQuestion,
    FactorQuestion,
    Questions,
    ThreatQuestion,
)
from musa_pipeline.domain.residual import AggregateRisk, ResidualProfile, ResidualRisk, State, Tally
from musa_pipeline.domain.risk import Exposure, Factor, FactorMove, FactorSet, Rating, Required, Risk, RiskProfile, Unanswered
from musa_pipeline.domain.selection import Alternative, Placement, Selection
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.domain.threat import FACTORS, Stride

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any text that a file can hold."""
ids: st.SearchStrategy[Any] = st.from_regex(r"[a-z][a-z0-9]{0,4}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
controls: st.SearchStrategy[Any] = st.builds(
    lambda family, number, enhancement: f"{family}-{number}" + (f"({enhancement})" if enhancement else ""),
    st.sampled_from(["AC", "AU", "CP", "IA", "SC", "SI"]),
    st.integers(1, 40),
    st.integers(0, 12),
)
counts = st.integers(0, 2**40)
scores = st.integers(1, 9)
money = st.floats(0, 1e7, allow_nan=False)
spans = st.just(NOWHERE) | st.builds(Span, words, counts.map(lambda n: n % 10**6), st.integers(0, 500), st.integers(0, 99))
bounds = st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)


def several(each: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few of them, in any order."""
    return st.lists(each, max_size=most).map(tuple)


def some(each: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[frozenset[Any]]:
    """A set of a few."""
    return st.frozensets(each, max_size=most)


slos = st.builds(
    Slo,
    metric=ids,
    operator=st.sampled_from(Operator),
    bound=bounds,
    unit=words,
    weight=st.sampled_from(Weight),
    alert=st.none() | bounds,
    because=words,
    at=spans,
)

# The model.
ports = st.builds(Port, number=st.none() | st.integers(0, 65535), protocol=words, secure=st.none() | st.booleans())
data_sets = st.builds(DataSet, name=words, classification=st.sampled_from(DataClass), at=spans)
resources = st.builds(Resources, cores=counts, memory=counts, storage=counts, os=words)
wanted = st.builds(Wanted, control=controls, at=spans)
scripts = st.builds(Script, operation=st.sampled_from(["create", "configure", "start", "stop", "delete"]), run=words)
components = st.builds(
    Component,
    id=ids,
    name=words,
    kind=ids,
    role=st.sampled_from(Role),
    type=words,
    host=st.none() | ids,
    exposed=st.none() | st.booleans(),
    ports=several(ports),
    data=several(data_sets),
    resources=st.just(Resources()) | resources,
    countries=some(st.sampled_from(["DE", "EU", "FR", "IT"])),
    wanted=several(wanted),
    implements=several(wanted),
    slos=several(slos, 2),
    scripts=several(scripts, 2),
    image=words,
    instances=st.integers(1, 9),
    at=spans,
)
connections = st.builds(Connection, source=ids, target=ids, port=st.just(Port()) | ports, at=spans)
wanted_agents = st.builds(WantedAgent, agent=ids, protects=several(ids), at=spans)
cpims = st.builds(
    Cpim,
    name=words,
    language=st.sampled_from(["tosca", "camel"]),
    components=several(components),
    connections=several(connections),
    agents=several(wanted_agents, 2),
    apart=several(some(ids), 2),
    together=several(some(ids), 2),
    at=spans,
)
"""Models of any shape; their connections may lead nowhere."""


@st.composite
def sound_cpims(draw: st.DrawFn, most: int = 6) -> Cpim:
    """Models whose hosts and connections exist, sorted as readers sort them."""
    known = sorted(draw(st.sets(ids, min_size=1, max_size=most)))
    parts = []
    for number, each in enumerate(known):
        host = draw(st.sampled_from([None, *known[:number]]))
        parts.append(draw(components.map(lambda part, each=each, host=host: _renamed(part, each, host))))
    pairs = draw(st.sets(st.tuples(st.sampled_from(known), st.sampled_from(known)), max_size=2 * most))
    links = tuple(Connection(source=source, target=target) for source, target in sorted(pairs) if source != target)
    return Cpim(name=draw(words), language="tosca", components=tuple(parts), connections=links)


def _renamed(part: Component, name: Any, host: Any) -> Component:
    from dataclasses import replace

    return replace(part, id=name, host=host)


# Risk.
moves = st.builds(FactorMove, factor=st.sampled_from(FACTORS), by=st.integers(-9, 9), because=words, fact=words, at=spans)
factors = st.builds(
    Factor,
    name=st.sampled_from(FACTORS),
    value=st.integers(0, 9),
    because=words,
    before=st.none() | st.integers(0, 9),
    moves=several(moves),
    at=spans,
)
ratings = st.sampled_from(Rating)
levels = st.floats(0, 9)
risks = st.builds(
    Risk,
    component=ids,
    threat=ids,
    stride=st.sampled_from(Stride),
    likelihood=levels,
    technical=levels,
    business=levels,
    impact=levels,
    rating=ratings,
    factors=ids,
    because=words,
)
factor_sets = st.builds(FactorSet, id=ids, factors=several(factors))
required = st.builds(Required, component=ids, control=controls, score=scores, threats=several(ids), wanted=spans)
unanswered = st.builds(Unanswered, component=ids, threat=ids, assumed=st.booleans())
exposures = st.builds(Exposure, component=ids, fact=words, value=words, path=several(ids), because=words, at=spans)
risk_profiles = st.builds(
    RiskProfile,
    application=ids,
    risks=several(risks),
    required=several(required),
    factor_sets=several(factor_sets),
    unanswered=several(unanswered),
    exposures=several(exposures),
)
residual_risks = st.builds(
    ResidualRisk,
    component=ids,
    threat=ids,
    inherent=ratings,
    likelihood=levels,
    impact=levels,
    rating=ratings,
    appetite=ratings,
    state=st.sampled_from(State),
    lowered_by=several(controls),
)
tallies = st.builds(Tally, rating=ratings, inherent=counts, residual=counts)
aggregates = st.builds(
    AggregateRisk,
    component=st.none() | ids,
    inherent=ratings,
    residual=ratings,
    tallies=several(tallies),
    over=counts,
    open=counts,
)
residual_profiles = st.builds(
    ResidualProfile, application=ids, risks=several(residual_risks), components=several(aggregates), whole=aggregates
)

# Selection.
alternatives = st.builds(Alternative, offering=ids, coverage=counts, price=money, because=words)
placements = st.builds(
    Placement,
    unit=ids,
    offering=ids,
    provider=ids,
    region=words,
    country=words,
    members=several(ids),
    price=money,
    coverage=counts,
    of=counts,
    because=words,
    missing=several(st.tuples(ids, controls)),
    runner_up=st.none() | alternatives,
)
agent_instances = st.builds(AgentInstance, agent=ids, component=ids, because=words)
selections = st.builds(
    Selection,
    application=ids,
    placements=several(placements),
    agents=several(agent_instances),
    coverage=counts,
    of=counts,
    price=money,
    agents_price=money,
    status=words,
    gap=st.floats(0, 1),
    method=words,
)

# Composition.
proofs: st.SearchStrategy[Proof] = st.recursive(
    st.builds(Proof, holds=st.booleans(), claim=words, rule=words, at=spans),
    lambda beneath: st.builds(Proof, holds=st.booleans(), claim=words, rule=words, beneath=several(beneath), at=spans),
    max_leaves=5,
)
remedies = st.builds(Remedy, changes=several(words), price=money, agent=st.none() | ids)
compositions = st.builds(
    Composition,
    application=ids,
    outcomes=several(
        st.builds(
            Outcome,
            control=controls,
            promised=st.booleans(),
            granted_for=several(ids),
            failing=several(ids),
            not_applicable=several(ids),
            boundary=st.booleans(),
            proof=st.none() | proofs,
        )
    ),
    components=several(st.builds(ComponentOutcome, component=ids, granted=several(controls), missing=several(controls))),
    slos=several(
        st.builds(ComposedSlo, slo=slos, combine=st.sampled_from(["min", "max"]), members=several(st.tuples(ids, words))), 2
    ),
    gaps=several(
        st.builds(
            Gap,
            component=ids,
            reason=words,
            control=st.none() | controls,
            metric=st.none() | ids,
            score=st.integers(0, 9),
            remedies=several(remedies, 2),
        ),
        2,
    ),
    duties=several(st.builds(Duty, component=ids, control=controls, offering=ids, source=words)),
)

# The graph.
nodes = st.builds(
    Node,
    id=ids,
    label=st.sampled_from(Label),
    name=words,
    grants=some(controls),
    component=st.none() | ids,
    offering=st.none() | ids,
    provider=st.none() | ids,
    agent=st.none() | ids,
)
relations = st.builds(Relation, kind=st.sampled_from(RelationKind), source=ids, target=ids)
macms = st.builds(Macm, name=words, nodes=several(nodes), relations=several(relations))

# The plan.
variables: st.SearchStrategy[Any] = st.recursive(
    words | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
open_ports = st.builds(OpenPort, number=st.integers(1, 65535), protocol=words, sources=several(ids))
machines = st.builds(
    Machine,
    id=ids,
    offering=ids,
    region=words,
    cores=counts,
    memory=counts,
    storage=counts,
    os=words,
    components=several(st.builds(PlannedComponent, id=ids, kind=ids, ports=several(open_ports, 2)), 2),
    agents=several(
        st.builds(PlannedAgent, agent=ids, role=ids, component=ids, controls=several(controls), metrics=several(ids)), 2
    ),
)
pools = st.builds(
    Pool,
    region=words,
    machines=several(machines, 2),
    managed=several(st.builds(Managed, component=ids, offering=ids, region=words), 2),
)
plans = st.builds(
    Plan,
    application=ids,
    csps=several(st.builds(Csp, provider=ids, pools=several(pools, 2)), 2),
    steps=several(
        st.builds(
            Step,
            number=counts,
            title=words,
            machine=ids,
            role=ids,
            variables=st.dictionaries(words, variables, max_size=3),
            because=words,
            after=several(counts),
        )
    ),
    tasks=several(st.builds(ManualTask, number=counts, title=words, control=controls, component=ids, source=words), 2),
)

# What is still to be answered.
controls_at = st.builds(ControlAt, component=ids, control=controls)
consequences = st.builds(Consequence, rating=st.none() | ratings, come=several(controls_at), go=several(controls_at))
questions = st.builds(
    Questions,
    application=ids,
    threats=several(
        st.builds(
            ThreatQuestion,
            value=counts,
            component=ids,
            threat=ids,
            question=words,
            assumed=st.booleans(),
            yes=consequences,
            no=consequences,
        )
    ),
    factors=several(
        st.builds(
            FactorQuestion,
            value=counts,
            factor=st.sampled_from(FACTORS),
            now=st.none() | st.integers(0, 9),
            least=counts,
            most=counts,
            moves=counts,
            threat=st.none() | ids,
            components=several(ids),
        )
    ),
    controls=several(st.builds(ControlQuestion, value=scores, component=ids, control=controls, threats=several(ids))),
)
