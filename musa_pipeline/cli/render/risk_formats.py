"""The risks of a model for other readers: a report in Markdown, SARIF for code scanning, pictures."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.stages import attack, values
from musa_pipeline.stages.work import Work
from musa_pipeline.text.sarif import split_lines
from musa_pipeline.workspace.files import read_text


def rendered(work: Work, format_: str, *, residual: bool = False) -> str:
    """Return the risks in one of `FORMATS`; with what is `residual` of them, which the composition has to have told."""
    left = values.residual(work) if residual else None
    return FORMATS[format_](work, left).rstrip()


def paths(work: Work, _: ResidualProfile | None) -> str:
    """Return the attack paths as a picture."""
    from musa_pipeline.formats.graph import graph_of_paths, svg

    titles = {each.id: each.title for each in work.catalogs.threats}
    return svg(graph_of_paths(values.cpim(work), attack.paths(work), titles))


def sarif(work: Work, residual: ResidualProfile | None) -> str:
    """Return the risks for code scanning; places are from the repository's root."""
    from musa_pipeline import __version__
    from musa_pipeline.formats.risks import sarif as written

    cpim, profile = values.cpim(work), values.profile(work)
    return written(
        cpim,
        profile,
        work.catalogs,
        version=__version__,
        lines=_lines(work, cpim),
        paths=attack.paths(work),
        residual=residual,
    )


def _lines(work: Work, cpim: Cpim) -> dict[str, tuple[str, ...]]:
    """Return the lines of the files that components are in, as far as they are files here: those of an archive are not."""
    found = {}
    for file in {each.at.file for each in cpim.components if each.at}:
        path = work.place.root / file
        text = read_text(path, file, Problems()) if path.is_file() else None
        found[file] = split_lines(text) if text is not None else ()
    return found


def matrix(work: Work, residual: ResidualProfile | None) -> str:
    """Return the risk matrix as a picture."""
    from musa_pipeline.formats.risks import Point
    from musa_pipeline.formats.risks import matrix as drawn

    profile, threats = values.profile(work), work.catalogs.threat
    left = {each.id: (each.likelihood, each.impact) for each in residual.risks} if residual else {}
    points = [
        Point(
            name=f"{threats[each.threat].title} · {each.component}",
            likelihood=each.likelihood,
            impact=each.impact,
            rating=each.rating,
            left=left.get(each.id),
        )
        for each in profile.risks
    ]
    return drawn(profile.application, points)


def markdown(work: Work, residual: ResidualProfile | None) -> str:
    """Return the report."""
    from musa_pipeline.formats.graph import graph_of_cpim, mermaid
    from musa_pipeline.formats.risks import markdown as written

    cpim, profile = values.cpim(work), values.profile(work)
    diagram = mermaid(graph_of_cpim(cpim))
    return written(cpim, profile, work.catalogs, paths=attack.paths(work), diagram=diagram, residual=residual)


def otm(work: Work, _: ResidualProfile | None) -> str:
    """Return the model with its risks as an Open Threat Model; what people decided about a risk is its state.

    It knows implemented and required controls; what is granted is neither, and would come back as a claim.
    """
    from musa_pipeline.formats.otm import write_otm

    states = {name: str(each) for name, each in values.decisions(work).states.items()}
    return write_otm(values.cpim(work), catalogs=work.catalogs, profile=values.profile(work), states=states)


FORMATS = {"markdown": markdown, "matrix": matrix, "otm": otm, "paths": paths, "sarif": sarif}
