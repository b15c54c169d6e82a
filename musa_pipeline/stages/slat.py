"""Third stage: a Security SLA template for each component."""

from musa_pipeline.formats.wsag import write_slat
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

READS = ("code", "catalogs/kinds", "catalogs/controls", "catalogs/threats", "catalogs/metrics", "catalogs/agents")


def run(work: Work) -> dict[str, bytes]:
    """Write the templates."""
    made = values.slats(work)
    work.stop_if_wrong()
    return {f"{work.place.sla}/slat/{each.component}.xml": write_slat(each, work.catalogs) for each in made}


def said(work: Work) -> str:
    """One line on the result."""
    made = values.slats(work)
    return f"{len(made)} templates, {sum(len(each.terms) for each in made)} controls asked for, {sum(len(each.slos) for each in made)} service levels"
