"""The composition stage as one function: graph, outcomes, objectives, gaps and duties of an application."""

from collections.abc import Sequence
from dataclasses import replace

from musa_pipeline.composition.build import build, duties
from musa_pipeline.composition.compose import component_outcomes, outcomes
from musa_pipeline.composition.gaps import gaps
from musa_pipeline.composition.idle import warn_of_idle
from musa_pipeline.composition.ledger import Ledger, ledger_of, required
from musa_pipeline.composition.promises import Promises
from musa_pipeline.composition.prove import Prover
from musa_pipeline.composition.remedies import Remedies
from musa_pipeline.composition.slo import compose_slos
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import ComposedSlo, Composition
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import ComponentId, MetricId
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.metric import Combine, Metric, Slo
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.selection import Selection
from musa_pipeline.domain.settings import SelectionSettings


def compose_all(
    cpim: Cpim,
    profile: RiskProfile,
    slats: Sequence[Slat],
    selection: Selection,
    answers: Answers,
    catalogs: Catalogs,
    evidence: Evidence,
    problems: Problems,
    settings: SelectionSettings | None = None,
) -> tuple[Macm, Composition]:
    """Return the graph and everything composition finds over it; remedies keep to the settings of the selection, when given."""
    macm = build(cpim, selection, answers, catalogs, evidence)
    ledger = ledger_of(macm, cpim, slats, catalogs)
    remedies = Remedies(ledger, cpim, selection, answers, evidence, settings or SelectionSettings())
    prover = Prover(ledger, selection)
    warn_of_idle(macm, cpim, selection, catalogs, problems)
    composition = Composition(
        application=cpim.name,
        # what providers operate besides, and nobody asked for, would fill the documents; `musa explain` knows it
        outcomes=outcomes(ledger, prover, cpim.name, required(ledger)),
        components=component_outcomes(ledger, required(ledger)),
        slos=_slos(ledger, cpim, slats, selection, answers, problems),
        gaps=gaps(ledger, prover, remedies, slats, profile),
        duties=duties(cpim, selection, answers, catalogs, evidence),
        organisation=profile.organisation,
    )
    return macm, composition


def _slos(
    ledger: Ledger, cpim: Cpim, slats: Sequence[Slat], selection: Selection, answers: Answers, problems: Problems
) -> tuple[ComposedSlo, ...]:
    promises = Promises(ledger)
    promised: dict[ComponentId, tuple[Slo, ...]] = {each.component: promises.of(each) for each in slats}
    metrics = ledger.catalogs.metric
    said = {each.component: each.slos for each in answers.components}
    composed = {each.metric for slos in promised.values() for each in slos}
    for component in cpim.components:
        if component.role is Role.EXTERNAL:  # what its owner is known to promise counts where bounds multiply
            given = {each.metric: each for each in (*component.slos, *said.get(component.id, ()))}
            multiplied = [each for each in given.values() if each.metric in composed and _multiplies(metrics, each)]
            promised[component.id] = tuple(
                each if each.unit else replace(each, unit=metrics[each.metric].unit) for each in multiplied
            )
    needed: dict[MetricId, list[ComponentId]] = {}
    for node in ledger.members:
        for metric in promises.applies.at(ledger.facts[ledger.components[node].id]):
            needed.setdefault(metric, []).append(ledger.components[node].id)
    return compose_slos(promised, _redundant(cpim, selection), metrics, needed, problems)


def _redundant(cpim: Cpim, selection: Selection) -> dict[ComponentId, Component]:
    """Return the components, with no more instances standing in for one another than there are copies of what they run on."""
    copies = {member: each.copies for each in selection.placements for member in each.members}
    return {
        each.id: replace(each, instances=min(each.instances, copies.get(each.id, each.instances))) for each in cpim.components
    }


def _multiplies(metrics: dict[MetricId, Metric], slo: Slo) -> bool:
    metric = metrics.get(slo.metric)
    return metric is not None and metric.combine is Combine.PRODUCT
