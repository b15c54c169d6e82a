"""A picture as DOT text, for Graphviz."""

from typing import Final

from musa_pipeline.formats.graph.model import Graph, Group, Link, MarkKind, Shape, Vertex
from musa_pipeline.formats.graph.outline import Close, Open, Put, outline

_SHAPES: Final = {
    Shape.COMPONENT: "box",
    Shape.HOST: "box3d",
    Shape.EXTERNAL: "ellipse",
    Shape.AGENT: "hexagon",
    Shape.PROVIDER: "component",
}
_STYLES: Final = {Link.USES: "solid", Link.RUNS_ON: "dotted", Link.PROTECTS: "dashed"}
_COLOURS: Final = {MarkKind.MISSING: "#cf222e", MarkKind.EXPOSED: "#bc4c00"}
_PLAIN: Final = ', color="#bc4c00", fontcolor="#bc4c00"'
_FILLS: Final = {"public": "#fff5ee", "edge": "#fffbe6", "internal": "#f2faf4", "restricted": "#f6f3fd"}


def dot(graph: Graph) -> str:
    """Return a DOT digraph; every name is a quoted string, none is markup."""
    names = {each.id: f"n{number}" for number, each in enumerate(graph.vertices)}
    lines = [
        f"digraph {_quote(graph.title)} {{",
        "  rankdir=LR;",
        '  graph [fontname="sans-serif", fontsize=11];',
        '  node [fontname="sans-serif", fontsize=11, shape=box];',
        '  edge [fontname="sans-serif", fontsize=9];',
    ]
    for each in outline(graph):
        match each:
            case Open(group, number, depth):
                look = f" style=dashed; {_fill(group)}" if group.shape is Shape.ZONE else ""
                lines.append(f"{_indent(depth)}subgraph cluster_{number} {{ label={_quote(group.label)};{look}")
            case Put(vertex, depth):
                lines.append(f"{_indent(depth)}{names[vertex.id]} [{_box(vertex)}];")
            case Close(depth):
                lines.append(f"{_indent(depth)}}}")
    for edge in graph.drawn:
        label = f", label={_quote(edge.label)}" if edge.label else ""
        lines.append(
            f"  {names[edge.source]} -> {names[edge.target]} [style={_STYLES[edge.link]}{label}{_PLAIN if edge.plain else ''}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _fill(group: Group) -> str:
    return f'bgcolor="{_FILLS[group.tone]}";' if group.tone in _FILLS else ""


def _indent(depth: int) -> str:
    return "  " * (depth + 1)


def _box(vertex: Vertex) -> str:
    parts = (vertex.label, vertex.detail, ", ".join(each.text for each in vertex.marks))
    kinds = {each.kind for each in vertex.marks}
    colour = next((f', color="{_COLOURS[each]}", penwidth=2' for each in _COLOURS if each in kinds), "")
    return f"label={_quote(*(each for each in parts if each))}, shape={_SHAPES[vertex.shape]}{colour}"


def _quote(*lines: str) -> str:
    """Return a DOT string of these lines; a backslash begins an escape there, a quote ends the string."""
    clean = ("".join(sign if sign.isprintable() else " " for sign in line) for line in lines)
    return '"' + r"\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in clean) + '"'
