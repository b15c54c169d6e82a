"""Trust zones are the outermost boxes, plain connections are marked, data has its name, in all three languages."""

import xml.etree.ElementTree as ET

from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Port, Role, Trust, Zone
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.formats.graph import Edge, Graph, Group, Link, Mark, MarkKind, Shape, Vertex, dot, graph_of_cpim, mermaid, svg
from musa_pipeline.formats.graph.layout import lay_out

SVG = "{http://www.w3.org/2000/svg}"


def component(name: str, zone: str = "", host: str = "", **more: object) -> Component:
    return Component(
        id=ComponentId(name), name=name, kind=KindId("api"), zone=zone, host=ComponentId(host) if host else None, **more
    )  # type: ignore[arg-type]


def data(*names: str) -> tuple[DataSet, ...]:
    return tuple(DataSet(name=each, classification=DataClass.PERSONAL) for each in names)


BANK = Cpim(
    name="bank",
    language="tosca",
    components=(
        component("accounts", "vault", "safe", data=data("people"), ports=(Port(number=5432, protocol="postgres", secure=True),)),
        component("front", "dmz", "gate"),
        component("gate", role=Role.HOST),
        component("ledger", "core", "gate", ports=(Port(number=8080, protocol="http", secure=False),)),
        component("runtime", "vault", "safe", data=data("a", "b", "c", "d")),
        component("safe", "vault", role=Role.HOST),
        component("teller", "vault", "runtime"),
    ),
    connections=(
        Connection(source=ComponentId("front"), target=ComponentId("ledger")),
        Connection(source=ComponentId("ledger"), target=ComponentId("accounts"), port=Port(number=5432, protocol="postgres")),
    ),
    zones=(Zone(name="core"), Zone(name="dmz", trust=Trust.EDGE), Zone(name="vault", trust=Trust.RESTRICTED)),
)


def mark(text: str, kind: MarkKind = MarkKind.SENSITIVE) -> tuple[Mark, ...]:
    return (Mark(kind=kind, text=text),)


def test_a_zone_is_around_machines_and_a_component_of_another_zone_says_so() -> None:
    assert graph_of_cpim(BANK) == Graph(
        title="bank",
        vertices=(
            Vertex(id="accounts", label="accounts", detail="api", group="safe", marks=mark("people · personal")),
            Vertex(id="front", label="front", detail="api", group="gate", marks=mark("dmz", MarkKind.ZONE)),
            Vertex(id="ledger", label="ledger", detail="api", group="gate", marks=mark("core", MarkKind.ZONE)),
            Vertex(id="runtime", label="runtime", detail="api", group="safe", marks=mark("personal × 4")),
            Vertex(id="teller", label="teller", detail="api", group="safe"),
        ),
        edges=(
            Edge(source="front", target="ledger", label="8080 http plain", plain=True),
            Edge(source="ledger", target="accounts", label="5432 postgres"),
            Edge(source="teller", target="runtime", link=Link.RUNS_ON),
        ),
        groups=(
            Group(id="gate", label="gate"),
            Group(id="safe", label="safe", parent="zone/vault"),
            Group(id="zone/vault", label="vault · restricted", shape=Shape.ZONE, tone="restricted"),
        ),
    )


def test_zones_and_plain_connections_are_told_in_every_language() -> None:
    graph = graph_of_cpim(BANK)
    text = mermaid(graph)
    assert 'subgraph g2["vault · restricted"]' in text
    assert "  style g2 fill:#f6f3fd,stroke-dasharray:6 4\n" in text
    assert '  n1 -->|"8080 http plain"| n2\n' in text
    assert '  n4 -.->|"runs on"| n3\n' in text
    assert "  linkStyle 0 stroke:#bc4c00,color:#bc4c00\n" in text
    text = dot(graph)
    assert '  subgraph cluster_2 { label="vault · restricted"; style=dashed; bgcolor="#f6f3fd";\n' in text
    assert '  n1 -> n2 [style=solid, label="8080 http plain", color="#bc4c00", fontcolor="#bc4c00"];\n' in text
    assert "  n4 -> n3 [style=dotted];\n" in text
    tree = ET.fromstring(svg(graph))
    assert [each.get("class") for each in tree.iter(f"{SVG}rect") if "zone restricted" in (each.get("class") or "")] == [
        "box zone restricted"
    ]
    plain = [each for each in tree.iter(f"{SVG}path") if each.get("class") == "way uses plain"]
    assert [(each.findtext(f"{SVG}title"), each.get("marker-end")) for each in plain] == [
        ("uses 8080 http plain", "url(#musa-head-plain)")
    ]
    said = {each.text for each in tree.iter(f"{SVG}text")}
    assert {"not encrypted", "trust zone", "machine", "runs on", "in a trust zone of its own"} <= said


def test_a_picture_without_zones_does_not_explain_them() -> None:
    only = Cpim(name="x", language="tosca", components=(component("a"),))
    said = {each.text for each in ET.fromstring(svg(graph_of_cpim(only))).iter(f"{SVG}text")}
    assert said == {"a", "api"}


def test_a_zone_that_nobody_defined_and_machines_in_circles_are_drawn_too() -> None:
    odd = Cpim(
        name="x",
        language="tosca",
        components=(
            component("a", "somewhere", "b", role=Role.HOST),
            component("b", "elsewhere", "a", role=Role.HOST),
            component("c", "nowhere", "c"),
            component("d", "nowhere", "gone"),
        ),
    )
    graph = graph_of_cpim(odd)
    assert {each.id: each.tone for each in graph.groups if each.shape is Shape.ZONE} == {
        "zone/elsewhere": "",
        "zone/nowhere": "",
        "zone/somewhere": "",
    }
    assert {"c", "d"} <= lay_out(graph).places.keys()
    for write in (mermaid, dot, svg):
        assert write(graph)


def test_what_a_line_says_stands_before_the_boxes_that_it_enters() -> None:
    layout = lay_out(graph_of_cpim(BANK))
    (line,) = (each for each in layout.lines if each.edge.target == "accounts")
    zone = next(at for group, at in layout.groups if group.shape is Shape.ZONE)
    assert layout.border(line.edge) == zone.x


def test_software_that_carries_several_is_a_box_and_stands_in_it_when_it_is_used() -> None:
    names = (component("engine"), component("one", host="engine"), component("two", host="engine"))
    used = Connection(source=ComponentId("one"), target=ComponentId("engine"))
    graph = graph_of_cpim(Cpim(name="x", language="tosca", components=names, connections=(used,)))
    assert graph.groups == (Group(id="engine", label="engine · api"),)
    assert {each.id: each.group for each in graph.vertices} == dict.fromkeys(("engine", "one", "two"), "engine")
    assert graph.edges == (Edge(source="one", target="engine"),)
