"""Beside the road: everything that is known of an application's promise, as one report for people."""

from musa_pipeline.formats.graph import graph_of_macm, mermaid, svg
from musa_pipeline.formats.report import Known, Picture, Report, report_of, write_html, write_markdown
from musa_pipeline.stages import values
from musa_pipeline.stages.agreed import agreed
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

WRITERS = {"html": write_html, "markdown": write_markdown}
ENDINGS = {"html": "html", "markdown": "md"}


def written(subject: Subject, language: str) -> Exported:
    """Return the report on a subject: all that is known of an application, or what an SLA says by itself."""
    return Exported(data=WRITERS[language](report(subject)).encode("utf-8", "replace"))


def page(work: Work, language: str) -> bytes:
    """Return the report on an application after a run that composed."""
    whole, parts = agreed(work)
    return written(Subject(whole=whole, parts=parts, catalogs=work.catalogs, work=work), language).data


def report(subject: Subject) -> Report:
    """Return the report, before it is written in anything."""
    known = _known(subject.work) if subject.work else None
    return report_of(subject.whole, subject.parts, subject.catalogs, known)


def _known(work: Work) -> Known:
    cpim = values.cpim(work)
    drawn = graph_of_macm(values.macm(work), values.composition(work), cpim)
    words = (
        f"{cpim.name}: {len(cpim.components)} components and machines, {len(cpim.connections)} links; the table below has them."
    )
    return Known(
        cpim=cpim,
        profile=values.profile(work),
        selection=values.selection(work),
        composition=values.composition(work),
        residual=values.residual(work),
        picture=Picture(svg(drawn), mermaid(drawn), words),
        file=work.place.shown(work.place.model),
        named=called(work.place),
    )
