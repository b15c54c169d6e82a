"""The model and its composition as a picture, for people: Mermaid, DOT and SVG text."""

from musa_pipeline.formats.graph.dot import dot
from musa_pipeline.formats.graph.mermaid import mermaid
from musa_pipeline.formats.graph.model import Edge, Graph, Group, Link, Mark, MarkKind, Shape, Vertex
from musa_pipeline.formats.graph.of_context import graph_of_context
from musa_pipeline.formats.graph.of_cpim import graph_of_cpim
from musa_pipeline.formats.graph.of_macm import graph_of_macm
from musa_pipeline.formats.graph.of_paths import graph_of_paths
from musa_pipeline.formats.graph.svg import svg

__all__ = [
    "Edge",
    "Graph",
    "Group",
    "Link",
    "Mark",
    "MarkKind",
    "Shape",
    "Vertex",
    "dot",
    "graph_of_context",
    "graph_of_cpim",
    "graph_of_macm",
    "graph_of_paths",
    "mermaid",
    "svg",
]
