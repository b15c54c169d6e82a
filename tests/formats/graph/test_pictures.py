"""Pictures show what the model says, nothing overlaps, and no name in a model can break out of its quotes."""

import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.composition import ComponentOutcome, Composition
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Port, Role, WantedAgent
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, NodeId
from musa_pipeline.domain.macm import Label, Macm, Node, Relation, RelationKind
from musa_pipeline.formats.graph import (
    Edge,
    Graph,
    Group,
    Link,
    Mark,
    MarkKind,
    Shape,
    Vertex,
    dot,
    graph_of_cpim,
    graph_of_macm,
    mermaid,
    svg,
)
from musa_pipeline.formats.graph.layout import Rect, lay_out
from musa_pipeline.formats.graph.style import _DARK, _LIGHT, MARKS
from tests.strategies import cpims, macms, sound_cpims, words
from tests.support import need

HOSTILE = '</text><script>alert(1)</script>"\'`&#;]\\N\\"|--> end\nsubgraph x\x00\x1b\ud800%%{init}%%'
SVG = "{http://www.w3.org/2000/svg}"
unhurried = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def component(name: str, host: str | None = None, role: Role = Role.COMPONENT, **more: object) -> Component:
    known = Component(id=ComponentId(name), name=name.title(), kind=KindId("api"), role=role)
    return replace(known, host=ComponentId(host) if host else None, **more)  # type: ignore[arg-type]


SHOP = Cpim(
    name="shop",
    language="tosca",
    components=(
        component("orders", "tomcat", data=(DataSet(name="x", classification=DataClass.PERSONAL),)),
        component("tomcat", "vm"),
        component("vm", role=Role.HOST),
        component("web", "vm", exposed=True, instances=2),
        component("weather", role=Role.EXTERNAL),
    ),
    connections=(
        Connection(source=ComponentId("web"), target=ComponentId("orders"), port=Port(number=5432, protocol="postgres")),
        Connection(source=ComponentId("web"), target=ComponentId("weather")),
    ),
    agents=(WantedAgent(agent=AgentId("ha"), protects=(ComponentId("web"),)),),
)
SHOP_GRAPH = Graph(
    title="shop",
    vertices=(
        Vertex(
            id="orders", label="Orders", detail="api", group="tomcat", marks=(Mark(kind=MarkKind.SENSITIVE, text="x · personal"),)
        ),
        Vertex(id="web", label="Web", detail="api × 2", group="vm", marks=(Mark(kind=MarkKind.EXPOSED, text="exposed"),)),
        Vertex(id="weather", label="Weather", detail="api", shape=Shape.EXTERNAL),
        Vertex(id="agent/ha", label="ha", shape=Shape.AGENT),
    ),
    edges=(
        Edge(source="web", target="orders", label="5432 postgres"),
        Edge(source="web", target="weather"),
        Edge(source="agent/ha", target="web", link=Link.PROTECTS),
    ),
    groups=(Group(id="tomcat", label="Tomcat · api", parent="vm"), Group(id="vm", label="Vm")),
)


def test_machines_are_boxes_around_what_runs_on_them() -> None:
    assert graph_of_cpim(SHOP) == SHOP_GRAPH


def test_providers_are_boxes_around_machines_and_what_is_missing_is_counted() -> None:
    def node(name: str, label: Label, component: str | None = None) -> Node:
        return Node(id=NodeId(name), label=label, name=name, component=ComponentId(component) if component else None)

    def relation(source: str, kind: RelationKind, target: str) -> Relation:
        return Relation(kind=kind, source=NodeId(source), target=NodeId(target))

    macm = Macm(
        name="shop",
        nodes=(
            node("acme", Label.CSP),
            node("ha", Label.AGENT, "web"),
            node("vm", Label.IAAS),
            node("web", Label.SERVICE, "web"),
        ),
        relations=(
            relation("acme", RelationKind.PROVIDES, "vm"),
            relation("vm", RelationKind.HOSTS, "web"),
            relation("vm", RelationKind.HOSTS, "ha"),
            relation("ha", RelationKind.PROTECTS, "web"),
        ),
    )
    lacking = ComponentOutcome(component=ComponentId("web"), granted=(), missing=(ControlId("SC-5"), ControlId("SC-8")))
    composition = Composition(application="shop", outcomes=(), components=(lacking,))
    assert graph_of_macm(macm, composition, SHOP) == Graph(
        title="shop",
        vertices=(
            Vertex(id="ha", label="ha", shape=Shape.AGENT, detail="agent", group="vm"),
            Vertex(
                id="web",
                label="web",
                detail="api",
                group="vm",
                marks=(Mark(kind=MarkKind.MISSING, text="2 missing"), Mark(kind=MarkKind.EXPOSED, text="exposed")),
            ),
        ),
        edges=(Edge(source="ha", target="web", link=Link.PROTECTS),),
        groups=(
            Group(id="acme", label="acme", shape=Shape.PROVIDER),
            Group(id="vm", label="vm", parent="acme"),
        ),
    )


def test_a_machine_of_the_model_and_its_offering_are_one_box() -> None:
    hosts, protects = RelationKind.HOSTS, RelationKind.PROTECTS
    nodes = (("offer", Label.IAAS), ("vm", Label.SERVICE), ("web", Label.SERVICE), ("ha", Label.AGENT))
    relations = (("offer", hosts, "vm"), ("vm", hosts, "web"), ("vm", hosts, "ha"), ("ha", protects, "web"))
    graph = graph_of_macm(
        Macm(
            name="x",
            nodes=tuple(Node(id=NodeId(name), label=label, name=name) for name, label in nodes),
            relations=tuple(Relation(kind=kind, source=NodeId(one), target=NodeId(other)) for one, kind, other in relations),
        )
    )
    assert graph.groups == (Group(id="vm", label="vm · offer"),)
    assert [(each.id, each.group) for each in graph.vertices] == [("web", "vm"), ("ha", "vm")]
    assert list(lay_out(graph).places) == ["web"]


def test_mermaid_text_is_whole() -> None:
    assert (
        mermaid(SHOP_GRAPH)
        == """\
%% shop
flowchart LR
  n2(["Weather<br/>api"]):::external
  n3{{"ha"}}:::agent
  subgraph g1["Vm"]
    n1["Web<br/>api × 2<br/>exposed"]:::exposed
    subgraph g0["Tomcat · api"]
      n0["Orders<br/>api<br/>x · personal"]
    end
  end
  n1 -->|"5432 postgres"| n0
  n1 --> n2
  n3 -.-|"protects"| n1
  classDef external stroke-dasharray:4 3
  classDef agent stroke:#1a7f37,stroke-dasharray:4 3
  classDef exposed stroke:#bc4c00,stroke-width:3px
  classDef missing stroke:#cf222e,stroke-width:3px
"""
    )


def test_dot_text_is_whole() -> None:
    assert (
        dot(SHOP_GRAPH)
        == """\
digraph "shop" {
  rankdir=LR;
  graph [fontname="sans-serif", fontsize=11];
  node [fontname="sans-serif", fontsize=11, shape=box];
  edge [fontname="sans-serif", fontsize=9];
  n2 [label="Weather\\napi", shape=ellipse];
  n3 [label="ha", shape=hexagon];
  subgraph cluster_1 { label="Vm";
    n1 [label="Web\\napi × 2\\nexposed", shape=box, color="#bc4c00", penwidth=2];
    subgraph cluster_0 { label="Tomcat · api";
      n0 [label="Orders\\napi\\nx · personal", shape=box];
    }
  }
  n1 -> n0 [style=solid, label="5432 postgres"];
  n1 -> n2 [style=solid];
  n3 -> n1 [style=dashed];
}
"""
    )


def test_an_svg_document_says_what_it_shows() -> None:
    tree = ET.fromstring(svg(SHOP_GRAPH))
    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "shop"
    assert tree.findtext(f"{SVG}desc") == (
        "3 boxes and 2 links. Orders (x · personal). Web (exposed, ha) uses Orders, Weather. Weather."
    )
    shown = [each.text for each in tree.iter(f"{SVG}text")]
    assert {"Orders", "Tomcat · api", "Web", "Weather", "Vm", "ha", "exposed", "x · personal", "5432 postgres"} <= set(shown)


def test_an_svg_document_needs_nothing_from_elsewhere() -> None:
    text = svg(SHOP_GRAPH)
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert "@import" not in text
    assert "<script" not in text


def hostile(text: str) -> Graph:
    vertex = Vertex(id="a", label=text, detail=text, group="g", marks=(Mark(kind=MarkKind.DATA, text=text),))
    agent = Vertex(id="b", label=text, shape=Shape.AGENT)
    edges = (Edge(source="a", target="a", label=text), Edge(source="b", target="a", link=Link.PROTECTS))
    return Graph(title=text, vertices=(vertex, agent), edges=edges, groups=(Group(id="g", label=text),))


@given(words | st.text(st.sampled_from("<>&\"'\\`#;|]}[({)%\n\r\t\x00-x"), max_size=20) | st.just(HOSTILE))
@unhurried
def test_no_name_becomes_markup(text: str) -> None:
    tree = ET.fromstring(svg(hostile(text)))
    calm = ET.fromstring(svg(hostile("calm")))
    assert {each.tag for each in tree.iter()} == {each.tag for each in calm.iter()}
    drawn = mermaid(hostile(text))
    assert len(drawn.splitlines()) == len(mermaid(hostile("calm")).splitlines())
    for line in drawn.splitlines()[1:]:
        for quoted in re.findall(r'"([^"]*)"', line):
            assert not set(re.sub(r"#\d+;|<br/>", "", quoted)) & set('"<>`#;&[]{}|\\')
    for line in dot(hostile(text)).splitlines():
        assert not re.sub(r'"(?:[^"\\]|\\.)*"', "", line).count('"')


def test_graphviz_takes_hostile_names() -> None:
    need("dot")
    subprocess.run([str(shutil.which("dot")), "-Tplain"], input=dot(hostile(HOSTILE)).encode(), check=True, capture_output=True)


def overlap(one: Rect, other: Rect) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def within(one: Rect, other: Rect) -> bool:
    across = other.x <= one.x and one.x + one.width <= other.x + other.width
    return across and other.y <= one.y and one.y + one.height <= other.y + other.height


def between(start: tuple[float, float], end: tuple[float, float]) -> Rect:
    x, y = min(start[0], end[0]) + 0.1, min(start[1], end[1]) + 0.1
    return Rect(x, y, max(abs(start[0] - end[0]) - 0.2, 0), max(abs(start[1] - end[1]) - 0.2, 0))


def check(graph: Graph) -> None:
    layout = lay_out(graph)
    whole = Rect(0, 0, layout.width, layout.height)
    for one, other in combinations(layout.places.values(), 2):
        assert not overlap(one, other)
    areas = {group.id: at for group, at in layout.groups}
    for name, at in layout.places.items():
        boxes = graph.boxes_of(layout.cards[name].vertex)
        assert within(at, whole)
        for group, area in areas.items():
            assert within(at, area) if group in boxes else not overlap(at, area)
    for one, other in combinations(areas, 2):
        assert not overlap(areas[one], areas[other]) or within(areas[one], areas[other]) or within(areas[other], areas[one])
    for line in layout.lines:
        for start, end in pairwise(line.points):
            assert within(between(start, end), whole)
            for at in layout.places.values():
                assert line.curved or not overlap(between(start, end), at), line
    ET.fromstring(svg(graph))


ids = st.sampled_from("abcdefghij")
graphs = st.builds(
    lambda members, links, parents: Graph(
        title="x",
        vertices=tuple(Vertex(id=name, label=name * 3, group=group) for name, group in sorted(members.items())),
        edges=tuple(Edge(source=source, target=target, link=link) for source, target, link in links),
        groups=tuple(Group(id=name, label=name, parent=parent) for name, parent in sorted(parents.items())),
    ),
    st.dictionaries(ids, st.none() | st.sampled_from("ABCDE"), max_size=10),
    st.lists(st.tuples(ids, ids, st.sampled_from(Link)), max_size=20),
    st.dictionaries(st.sampled_from("ABCDE"), st.none() | st.sampled_from("ABCDEF")),
)


@given(graphs)
@settings(max_examples=400, deadline=None)
def test_nothing_overlaps_and_lines_go_around_boxes(graph: Graph) -> None:
    check(graph)


@given(sound_cpims())
@unhurried
def test_every_sound_model_can_be_drawn(cpim: Cpim) -> None:
    graph = graph_of_cpim(cpim)
    check(graph)
    assert {each.id for each in cpim.components} <= {each.id for each in graph.vertices} | {each.id for each in graph.groups}


@given(cpims | macms)
@unhurried
def test_no_model_of_any_shape_crashes_the_drawing(model: Cpim | Macm) -> None:
    graph = graph_of_cpim(model) if isinstance(model, Cpim) else graph_of_macm(model)
    ET.fromstring(svg(graph))
    assert mermaid(graph) == mermaid(graph)
    assert dot(graph).count("{") >= 1


def big(count: int) -> Graph:
    return Graph(
        title="big",
        vertices=tuple(Vertex(id=f"v{n}", label=f"Component {n}", group=f"g{n // 3}") for n in range(count)),
        edges=tuple(Edge(source=f"v{n}", target=f"v{n * m % count}") for n in range(1, count) for m in (2, 7)),
        groups=tuple(Group(id=f"g{n}", label=f"vm {n}", parent=f"p{n % 4}") for n in range(count // 3 + 1))
        + tuple(Group(id=f"p{n}", label=f"P{n}", shape=Shape.PROVIDER) for n in range(4)),
    )


def test_a_thousand_boxes_are_drawn_soundly() -> None:
    graph = big(1_000)
    layout = lay_out(graph)
    corners = {(at.x, at.y) for at in layout.places.values()}
    assert len(corners) == 1_000
    started = time.perf_counter()
    ET.fromstring(svg(graph))
    assert time.perf_counter() - started < 5


def test_a_long_chain_becomes_a_grid() -> None:
    chain = Graph(
        title="chain",
        vertices=tuple(Vertex(id=f"v{n}", label="x") for n in range(2_000)),
        edges=tuple(Edge(source=f"v{n}", target=f"v{n + 1}") for n in range(1_999)),
    )
    layout = lay_out(chain)
    assert layout.width < 20_000
    ET.fromstring(svg(chain))


def test_groups_in_a_circle_and_deep_groups_are_drawn_flat() -> None:
    circle = tuple(Group(id=f"g{n}", label="x", parent=f"g{(n + 1) % 3}") for n in range(3))
    deep = tuple(Group(id=f"d{n}", label="x", parent=f"d{n - 1}") for n in range(2_000))
    graph = Graph(
        title="x",
        vertices=(Vertex(id="a", label="a", group="g0"), Vertex(id="b", label="b", group="d1999")),
        groups=circle + deep,
    )
    check(graph)
    assert mermaid(graph).count("subgraph") == dot(graph).count("subgraph") == 6


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_stands_out_from_its_ground() -> None:
    for colours in (_LIGHT, _DARK):
        pairs = [(f"{mark}-text", mark) for mark in MARKS]
        pairs += [(text, ground) for text in ("text", "muted") for ground in ("ground", "card", "host", "provider", "external")]
        for text, ground in pairs:
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
