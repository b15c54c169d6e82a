"""The model and the composition graph as pictures in text: Mermaid, DOT or SVG."""

from musa_pipeline.formats.graph import dot, graph_of_cpim, graph_of_macm, mermaid, svg
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

WRITERS = {"mermaid": mermaid, "dot": dot, "svg": svg}


def graph(work: Work, name: str, format_: str) -> str:
    """Return the picture of a stage's result."""
    drawn = (
        graph_of_cpim(values.cpim(work))
        if name == "model"
        else graph_of_macm(values.macm(work), values.composition(work), values.cpim(work))
    )
    return WRITERS[format_](drawn).rstrip()
