"""From the agreed documents and the plan to what is to be watched: bounds, alerts, windows, who measures, and how often."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil

from musa_pipeline.assurance.bounds import over_of
from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import Facts, holds
from musa_pipeline.domain.ids import ComponentId, ControlId, MetricId
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale, Slo
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.settings import RuntimeSettings
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.verdict import Objective, Over, Window

PANES = 60
"""A window has at most so many steps; a longer one is looked at less often than a sample comes."""


def objectives(
    whole: Sla,
    parts: Sequence[Sla],
    plan: Plan,
    catalogs: Catalogs,
    runtime: RuntimeSettings,
    facts: Mapping[ComponentId, Facts] | None = None,
) -> tuple[Objective, ...]:
    """Return every promise to watch, by id: of each component, and of the application what is combined of them.

    `facts` of the model tell to which components a metric does not apply; without them every promise is taken to apply.
    """
    author = _Author(whole, plan, catalogs, runtime, facts or {})
    own = [author.component(part, slo) for part in parts if part.component for slo in part.slos]
    members: dict[MetricId, list[ComponentId]] = {}
    for each in own:
        members.setdefault(each.slo.metric, []).append(each.component)
    found = own + [author.application(slo, sorted(members.get(slo.metric, ()))) for slo in whole.slos]
    return tuple(sorted(found, key=lambda each: each.id))


def objective_id(component: str, metric: str, application: str) -> str:
    """Return the id of an objective: `<component>/<metric>`, of the application `<application>/<metric>`.

    >>> objective_id("web", "availability", "Shop"), objective_id("", "availability", "Shop")
    ('web/availability', 'Shop/availability')
    """
    return f"{component or application}/{metric}"


class _Author:
    """Writes objectives out of one application's documents."""

    def __init__(
        self, whole: Sla, plan: Plan, catalogs: Catalogs, runtime: RuntimeSettings, facts: Mapping[ComponentId, Facts]
    ) -> None:
        self._application = whole.application
        self._catalogs, self._runtime, self._facts = catalogs, runtime, facts
        self._measured: dict[tuple[ComponentId, MetricId], set[str]] = {}
        for agent in (each for csp in plan.csps for pool in csp.pools for machine in pool.machines for each in machine.agents):
            for metric in agent.metrics:
                self._measured.setdefault((agent.component, metric), set()).add(agent.agent)

    def component(self, sla: Sla, slo: Slo) -> Objective:
        """Return the objective of a component's promise."""
        component = sla.component or ComponentId("")
        metric = self._metric(slo)
        window = self._window(metric)
        agents = tuple(sorted(self._measured.get((component, slo.metric), ())))
        return Objective(
            id=objective_id(component, slo.metric, self._application),
            component=component,
            slo=slo,
            window=window,
            combine=metric.combine,
            agents=agents,
            period=self._period(metric) if agents else 0.0,
            controls=_shown(metric, (each.control for each in sla.terms)),
            title=f"{metric.title} of {sla.name}",
            over=over_of(metric),
            void=self._void(component, metric),
        )

    def application(self, slo: Slo, members: Sequence[ComponentId]) -> Objective:
        """Return the objective of what the application promises: of all members whose documents promise the metric."""
        metric = self._metric(slo)
        return Objective(
            id=objective_id("", slo.metric, self._application),
            component=ComponentId(""),
            slo=slo,
            window=self._window(metric),
            combine=metric.combine,
            members=tuple(members),
            agents=tuple(sorted({agent for each in members for agent in self._measured.get((each, slo.metric), ())})),
            period=self._period(metric),
            controls=tuple(each.control for each in metric.controls),
            title=f"{metric.title} of {self._application}",
            over=over_of(metric),
        )

    def _metric(self, slo: Slo) -> Metric:
        """Return the catalog's entry; of a metric that no catalog has only what the bound says: young evidence, all must hold."""
        known = self._catalogs.metric.get(slo.metric)
        if known is not None:
            return known
        scale = Scale.BOOLEAN if isinstance(slo.bound, bool) else Scale.PERCENT if slo.unit == "%" else Scale.NUMBER
        return Metric(
            id=slo.metric,
            title=slo.metric,
            definition="",
            unit=slo.unit,
            scale=scale,
            operator=slo.operator,
            combine={Operator.GE: Combine.MIN, Operator.LE: Combine.MAX}.get(slo.operator, Combine.ALL),
            max_age=ceil(self._runtime.window),
            source=Source(document="the agreement itself"),
        )

    def _period(self, metric: Metric) -> float:
        """Return the seconds between two samples; a state is read whenever its agent looks."""
        return 0.0 if over_of(metric) is Over.LAST else self._runtime.period

    def _void(self, component: ComponentId, metric: Metric) -> str:
        facts = self._facts.get(component)
        if facts is None or holds(metric.applies, facts):
            return ""
        return f"{metric.title} does not apply to a component of kind {', '.join(sorted(facts.get('kind', ['unknown'])))}"

    def _window(self, metric: Metric) -> Window:
        """Return how much evidence a verdict takes.

        Samples: the window of the settings, long enough for the fewest samples, moved on with every sample. A state: its
        last reading, for as long as the catalog lets it stand; one reading is enough to say so, and to say it is mended.
        """
        set_ = self._runtime
        length = max(set_.window, set_.period * (set_.samples + 1))
        step = max(set_.period, length / PANES)
        panes = ceil(round(length / step, 6))
        window = Window(
            length=panes * step,
            step=step,
            late=set_.late,
            fewest=set_.samples,
            confirm=set_.confirm,
            recover=set_.recover,
            max_age=min(float(metric.max_age), panes * step),
        )
        if over_of(metric) is not Over.LAST:
            return window
        stands = ceil(metric.max_age / step) * step
        return replace(window, length=stands, fewest=1, confirm=1, recover=1, max_age=float(metric.max_age))


def _shown(metric: Metric, promised: Iterable[ControlId]) -> tuple[ControlId, ...]:
    """Return the promised controls whose working the metric shows."""
    names = set(promised)
    return tuple(each.control for each in metric.controls if each.control in names)
