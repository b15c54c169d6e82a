"""A picture as Mermaid text, which code hosts draw inside Markdown."""

from typing import Final

from musa_pipeline.formats.graph.model import Graph, Group, Link, Mark, MarkKind, Shape, Vertex
from musa_pipeline.formats.graph.outline import Close, Open, Put, outline

_ENTITIES: Final = {ord(sign): f"#{ord(sign)};" for sign in "\"#<>&`'\\{}[]()|;*_~%$@"}
_SHAPES: Final = {
    Shape.COMPONENT: ('["', '"]'),
    Shape.HOST: ('[["', '"]]'),
    Shape.EXTERNAL: ('(["', '"])'),
    Shape.AGENT: ('{{"', '"}}'),
    Shape.PROVIDER: ('[["', '"]]'),
}
_ARROWS: Final = {Link.USES: "-->", Link.RUNS_ON: "-.->", Link.PROTECTS: "-.-"}
_FILLS: Final = {"public": "#fff5ee", "edge": "#fffbe6", "internal": "#f2faf4", "restricted": "#f6f3fd"}
_CLASSES: Final = (
    "classDef external stroke-dasharray:4 3",
    "classDef agent stroke:#1a7f37,stroke-dasharray:4 3",
    "classDef exposed stroke:#bc4c00,stroke-width:3px",
    "classDef missing stroke:#cf222e,stroke-width:3px",
)


def mermaid(graph: Graph) -> str:
    """Return a Mermaid flowchart; names are escaped, so that none of them can become markup."""
    names = {each.id: f"n{number}" for number, each in enumerate(graph.vertices)}
    title = _plain(graph.title).replace("%{", "% {")  # `%%{` begins an order to Mermaid, in the middle of a comment too
    lines = [f"%% {title}", "flowchart LR"]
    shown = set()
    for each in outline(graph):
        match each:
            case Open(group, number, depth):
                shown.add(number)
                lines.append(f'{_indent(depth)}subgraph g{number}["{_escape(group.label)}"]')
            case Put(vertex, depth):
                lines.append(f"{_indent(depth)}{names[vertex.id]}{_box(vertex)}{_class(vertex)}")
            case Close(depth):
                lines.append(f"{_indent(depth)}end")
    plain = []
    for number, edge in enumerate(graph.drawn):
        if edge.plain:
            plain.append(str(number))
        said = edge.label or ("" if edge.link is Link.USES else str(edge.link))
        label = f'|"{_escape(said)}"|' if said else ""
        lines.append(f"  {names[edge.source]} {_ARROWS[edge.link]}{label} {names[edge.target]}")
    if plain:
        lines.append(f"  linkStyle {','.join(plain)} stroke:#bc4c00,color:#bc4c00")
    lines += [f"  style g{number} {look}" for number, group in enumerate(graph.groups) if (look := _ground(group, shown, number))]
    return "\n".join([*lines, *(f"  {each}" for each in _CLASSES)]) + "\n"


def _ground(group: Group, shown: set[int], number: int) -> str:
    """Return how a trust zone looks; a group that was not written must not be named."""
    if group.shape is not Shape.ZONE or number not in shown:
        return ""
    fill = f"fill:{_FILLS[group.tone]}," if group.tone in _FILLS else ""
    return f"{fill}stroke-dasharray:6 4"


def _indent(depth: int) -> str:
    return "  " * (depth + 1)


def _box(vertex: Vertex) -> str:
    before, after = _SHAPES[vertex.shape]
    parts = (vertex.label, vertex.detail, ", ".join(each.text for each in vertex.marks))
    return before + "<br/>".join(_escape(each) for each in parts if each) + after


def _class(vertex: Vertex) -> str:
    def marked(kind: MarkKind) -> bool:
        return any(isinstance(each, Mark) and each.kind is kind for each in vertex.marks)

    for kind in (MarkKind.MISSING, MarkKind.EXPOSED):
        if marked(kind):
            return f":::{kind}"
    return f":::{vertex.shape}" if vertex.shape in (Shape.EXTERNAL, Shape.AGENT) else ""


def _escape(text: str) -> str:
    return _plain(text).translate(_ENTITIES) or " "


def _plain(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
