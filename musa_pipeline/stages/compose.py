"""Fifth stage: the composition graph, the SLA of each component and of the application, and the gaps."""

from musa_pipeline.composition import agree, compose_all
from musa_pipeline.domain.agreement import Member
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.formats.values import write_value
from musa_pipeline.formats.wsag import write_sla
from musa_pipeline.risk.residual import residual, with_machines
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
    cpim, profile, slats, selection = values.cpim(work), values.profile(work), values.slats(work), values.selection(work)
    chosen = work.settings.selection
    macm, composition = compose_all(
        cpim, profile, slats, selection, values.answers(work), work.catalogs, chosen.evidence, work.problems, chosen
    )
    work.stop_if_wrong()
    work.set("macm", macm)
    work.set("composition", composition)
    left = _left(work)
    work.set("residual", left)
    parts, whole = agree(cpim, profile, slats, selection, macm, composition, work.catalogs)
    work.set("slas", parts)
    templates = {each.component: each.id for each in slats}
    documents = {
        each.component: write_sla(
            each,
            work.catalogs,
            template=templates[each.component],
            duties=[duty for duty in composition.duties if duty.component == each.component],
        )
        for each in parts
        if each.component
    }
    members = tuple(Member(component=name, document=f"sla/{name}.xml", digest=digest(data)) for name, data in documents.items())
    return {
        f"{work.place.sla}/macm.json": write_value(macm, "macm"),
        f"{work.place.sla}/gaps.json": write_value(composition, "gaps"),
        f"{work.place.sla}/residual.json": write_value(left, "residual"),
        f"{work.place.sla}/sla.xml": write_sla(whole(members), work.catalogs, duties=composition.duties),
        **{f"{work.place.sla}/sla/{name}.xml": data for name, data in documents.items()},
    }


def _left(work: Work) -> ResidualProfile:
    granted = {each.component: frozenset(each.granted) for each in values.composition(work).components}
    everywhere = with_machines(values.cpim(work), granted)
    decided = values.decisions(work)
    return decided.named(residual(values.profile(work), everywhere, work.catalogs, work.settings.risk, decided.states))


def said(work: Work) -> str:
    """One line on the result."""
    found = values.composition(work)
    required = found.outcomes
    kept = sum(each.promised for each in required)
    return f"{kept} of {len(required)} controls promised · {len(found.slos)} service levels"
