"""Which objectives of a component can be promised: those that an agent before it measures, and whose controls are granted."""

from musa_pipeline.composition.fitting import Fitting
from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Slo


class Promises:
    """Judges objectives over one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.applies = Fitting((each.id, each.applies) for each in ledger.catalogs.metrics)

    def of(self, slat: Slat) -> tuple[Slo, ...]:
        """Return the objectives that can be promised for a component."""
        return tuple(each for each in slat.slos if self.measured(slat, each.metric) and self._backed(slat, each))

    def measured(self, slat: Slat, metric: MetricId) -> bool:
        """Tell whether an agent that is deployed before the component measures a metric."""
        ledger = self._ledger
        return any(metric in self._measures(each) for each in ledger.agents[ledger.number[slat.component]])

    def _measures(self, node: int) -> tuple[MetricId, ...]:
        found = self._ledger.nodes[node]
        agent = self._ledger.catalogs.agent.get(found.agent) if found and found.agent else None
        return agent.measures if agent else ()

    def _backed(self, slat: Slat, slo: Slo) -> bool:
        """Tell whether an objective stands: a default one falls with the required controls that it was to show."""
        metric = self._ledger.catalogs.metric.get(slo.metric)
        if metric is None or (slo.operator, slo.bound) != (metric.operator, metric.default):
            return True
        node = self._ledger.number[slat.component]
        if any(each.metric == slo.metric for each in self._ledger.components[node].slos):
            return True
        if set(metric.threats) & {each.threat for each in slat.threats}:
            return True
        asked = self._ledger.universe.mask(each.control for each in metric.controls) & self._ledger.required[node]
        return not asked or bool(asked & self._ledger.granted[node])
