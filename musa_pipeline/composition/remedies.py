"""Remedies: for a missing control the smallest changes that would grant it, each tried by the rules on the part it affects."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, product

from musa_pipeline.composition.build import said_by
from musa_pipeline.composition.changes import AddAgent, AskService, Implement, Option
from musa_pipeline.composition.culprits import MOST, culprits_of
from musa_pipeline.composition.fitting import Fitting
from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.composition.moves import Moves
from musa_pipeline.composition.trial import Chances, Trial
from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.cpim import Component, Cpim, Role
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, MetricId
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.domain.offering import Evidence, Offering, configurable
from musa_pipeline.domain.selection import Selection
from musa_pipeline.domain.settings import SelectionSettings

KEPT = 3
"""Remedies told for a gap."""


class Remedies:
    """Searches over one ledger."""

    def __init__(
        self, ledger: Ledger, cpim: Cpim, selection: Selection, answers: Answers, evidence: Evidence, settings: SelectionSettings
    ) -> None:
        self._ledger = ledger
        self._moves = Moves(ledger, cpim, selection, said_by(answers), evidence, settings)
        self._beside = {(each.component, each.agent) for each in selection.agents}
        catalogs = ledger.catalogs
        self._fitting = Fitting((each.id, each.protects) for each in catalogs.agents)
        self._enforces = {each.id: ledger.universe.mask(one.control for one in each.grants) for each in catalogs.agents}
        self._granting: dict[ControlId, list[AgentId]] = defaultdict(list)
        for agent in sorted(catalogs.agents, key=lambda each: (each.price, each.id)):
            for control in {each.control for each in agent.grants}:
                self._granting[control].append(agent.id)
        self._measuring: dict[MetricId, list[AgentId]] = defaultdict(list)
        for agent in sorted(catalogs.agents, key=lambda each: (each.price, each.id)):
            for metric in dict.fromkeys(agent.measures):
                self._measuring[metric].append(agent.id)
        self._configurable = {each.id: configurable(each) for each in catalogs.offerings}
        self._known: dict[tuple[int, ControlId], tuple[Option, ...]] = {}
        self._agents: dict[ComponentId, dict[AgentId, Option]] = {}
        self._chances: dict[Trial, Chances] = {}
        self._stands: dict[int, Chances] = {}

    def of(self, node: int, control: ControlId) -> tuple[Option, ...]:
        """Return the best few options, each of which grants the control to the component."""
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        culprits = culprits_of(ledger, control)
        found = list(self._for_all(culprits.get(node, ()), control))
        if ledger.universe.boundary & bit and node not in ledger.entries:
            entries = [each for each in ledger.entries if ledger.applies[each] & bit and not ledger.kept[each] & bit]
            if 0 < len(entries) < MOST:
                found += self._for_all(tuple(sorted({one for each in entries for one in culprits[each]})), control)
        return tuple(sorted(dict.fromkeys(found), key=lambda each: each.key)[:KEPT]) if len(found) > 1 else tuple(found)

    def managed(self, component: ComponentId) -> Offering | None:
        """Return the managed service that a component is, if it is one."""
        offering = self._moves.offering_of(component)
        return offering if offering and COMPUTE not in offering.kinds else None

    def measuring(self, component: ComponentId, metric: MetricId) -> tuple[Option, ...]:
        """Return the agents that would measure a metric of a component, cheapest first."""
        added = (option for _, option in self._added(component, self._measuring.get(metric, ())))
        return tuple(islice(filter(self._moves.allows, added), KEPT))

    def _for_all(self, culprits: tuple[int, ...], control: ControlId) -> tuple[Option, ...]:
        """Return options that grant a control where each of these nodes stands; one change may serve several."""
        if not 0 < len(culprits) < MOST:
            return ()
        options = [self._at(culprit, control) for culprit in culprits]
        if len(options) == 1:
            return options[0]
        combined: dict[frozenset[object], Option] = {}
        for parts in product(*(each[:2] for each in options)):
            option = parts[0]
            for part in parts[1:]:
                option += part
            combined.setdefault(frozenset(option.changes), option)
        return tuple(each for each in combined.values() if self._moves.allows(each))

    def _at(self, node: int, control: ControlId) -> tuple[Option, ...]:
        if (node, control) not in self._known:
            self._known[node, control] = tuple(sorted(self._options(node, control), key=lambda each: each.key)[:KEPT])
        return self._known[node, control]

    def _options(self, node: int, control: ControlId) -> list[Option]:
        """Return what would grant a control to one node where it stands."""
        ledger = self._ledger
        if (
            node >= len(ledger.components)
            or ledger.nodes[node] is None
            or not ledger.universe.live & ledger.universe.bit[control]
        ):
            return []
        component = ledger.components[node]
        match component.role:
            case Role.HOST:
                return []
            case Role.EXTERNAL:
                words = f"show by its owner's SLA that {component.id} grants it (then answer: by the component)"
                return [Option((Implement(control, component.id),), 0.0, (words,))]
            case Role.COMPONENT:
                return [*self._done(node, component, control), *self._implemented(node, component, control)]

    def _done(self, node: int, component: Component, control: ControlId) -> list[Option]:
        """Return what can be done around a component: an agent, the service's part, another offering; else the first with the last."""
        bit, here = self._ledger.universe.bit[control], self._here(node)
        agents = list(self._added(component.id, self._granting.get(control, ())))
        moves = [] if here.given & bit else list(self._moves.of(component, control))
        tries = [(here.granted(agent=self._enforces[agent]), option) for agent, option in agents]
        tries += [(here.granted(given), option) for given, option in moves]
        tries += self._service(here, component, control)
        found = [option for granted, option in tries if granted & bit and self._moves.allows(option)]
        if found:
            return found
        pairs = product(agents[:KEPT], moves[:KEPT])
        return [
            one + two
            for (agent, one), (given, two) in pairs
            if here.granted(given, self._enforces[agent]) & bit and self._moves.allows(one + two)
        ]

    def _here(self, node: int) -> Chances:
        """Return the chances of a component; those that stand alike share them."""
        if node not in self._stands:
            now = Trial.now(self._ledger, node)
            if now not in self._chances:
                self._chances[now] = Chances(now, self._ledger.universe.everything)
            self._stands[node] = self._chances[now]
        return self._stands[node]

    def _implemented(self, node: int, component: Component, control: ControlId) -> list[Option]:
        if not self._here(node).implementing & self._ledger.universe.bit[control]:
            return []
        common = self._ledger.catalogs.control[control].type is ControlType.COMMON
        who = f"do it in your own organisation for {component.id}" if common else f"let {component.id} implement it"
        return [Option((Implement(control, component.id),), 0.0, (f"{who} (then answer: by the component)",))]

    def _added(self, component: ComponentId, agents: Iterable[AgentId]) -> Iterator[tuple[AgentId, Option]]:
        """Return those of some agents that could stand before a component and do not yet."""
        if component not in self._agents:
            self._agents[component] = dict(self._could_stand(component))
        here = self._agents[component]
        return ((agent, here[agent]) for agent in agents if agent in here)

    def _could_stand(self, component: ComponentId) -> Iterator[tuple[AgentId, Option]]:
        if self.managed(component):
            return  # nothing of ours runs on a managed service
        for agent in self._fitting.at(self._ledger.facts[component]):
            if (component, agent) not in self._beside:
                price = round(self._ledger.catalogs.agent[agent].price * self._moves.copies(component), 2)
                yield agent, Option((AddAgent(agent, component),), price, (f"add agent {agent} before {component}",))

    def _service(self, here: Chances, component: Component, control: ControlId) -> Iterator[tuple[int, Option]]:
        """Return what answering that the service implements it would grant, where the service lets it be configured."""
        bit, offering = self._ledger.universe.bit[control], self._moves.offering_of(component.id)
        if offering and not here.given & bit and control in self._configurable[offering.id]:
            # never proposed: to leave what the component must do itself to a provider who does it for his own part only
            words = f"take the duty to configure it for {component.id} at {offering.title} (then answer: by the service)"
            yield here.served, Option((AskService(control, component.id),), 0.0, (words,))
