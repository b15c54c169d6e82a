"""The risks of a model for other readers: a report in Markdown, SARIF for code scanning, pictures."""

from musa_pipeline.stages import attack, values
from musa_pipeline.stages.work import Work


def rendered(work: Work, format_: str) -> str:
    """Return the risks in one of `FORMATS`."""
    return FORMATS[format_](work).rstrip()


def paths(work: Work) -> str:
    """Return the attack paths as a picture."""
    from musa_pipeline.formats.graph import graph_of_paths, svg

    titles = {each.id: each.title for each in work.catalogs.threats}
    return svg(graph_of_paths(values.cpim(work), attack.paths(work), titles))


FORMATS = {"paths": paths}
