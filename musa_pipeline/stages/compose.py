"""Fifth stage: the composition graph, the SLA of each component and of the application, and the gaps."""

from musa_pipeline.composition import agree, compose_all
from musa_pipeline.domain.agreement import Member
from musa_pipeline.formats.values import write_value
from musa_pipeline.formats.wsag import write_sla
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.files import digest

READS = (
    "code",
    "catalogs/kinds",
    "catalogs/controls",
    "catalogs/scopes",
    "catalogs/offerings",
    "catalogs/crosswalks",
    "catalogs/agents",
    "catalogs/metrics",
    "catalogs/threats",
)


def run(work: Work) -> dict[str, bytes]:
    """Compose, promise, and say what is missing."""
    cpim, slats, selection = values.cpim(work), values.slats(work), values.selection(work)
    evidence = work.settings.selection.evidence
    macm, composition = compose_all(
        cpim, values.profile(work), slats, selection, work.answers, work.catalogs, evidence, work.problems
    )
    work.stop_if_wrong()
    parts, whole = agree(cpim, values.profile(work), slats, selection, macm, composition, work.catalogs)
    files = {f"{work.place.sla}/sla/{each.component}.xml": write_sla(each, work.catalogs) for each in parts}
    members = tuple(
        Member(
            component=each.component,
            document=f"sla/{each.component}.xml",
            digest=digest(files[f"{work.place.sla}/sla/{each.component}.xml"]),
        )
        for each in parts
        if each.component
    )
    whole = whole(members)
    work.set("macm", macm)
    work.set("composition", composition)
    work.set("slas", parts)
    files[f"{work.place.sla}/sla.xml"] = write_sla(whole, work.catalogs)
    files[f"{work.place.sla}/macm.json"] = write_value(macm, "macm")
    files[f"{work.place.sla}/gaps.json"] = write_value(composition, "gaps")
    return files


def said(work: Work) -> str:
    """One line on the result."""
    found = values.composition(work)
    required = [each for each in found.outcomes if each.required]
    kept = sum(each.promised for each in required)
    return f"{kept} of {len(required)} controls promised · {len(found.slos)} service levels"
