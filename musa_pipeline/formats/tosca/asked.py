"""What policies are and what they ask for, between the reader of policies and those who give it to components."""

from collections import defaultdict
from dataclasses import dataclass, field

from musa_pipeline.domain.cpim import Wanted, WantedAgent
from musa_pipeline.domain.ids import ComponentId, ControlId, MetricId, control_key
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.source import Span
from musa_pipeline.text.yaml import Mapping


@dataclass(slots=True)
class Asked:
    """What all policies together ask for, by component.

    `instances` to begin with and at most; `secure` are ports behind TLS, none of them: all; `open` can be reached from anywhere.
    """

    wanted: dict[ComponentId, dict[ControlId, Wanted]] = field(default_factory=lambda: defaultdict(dict))
    slos: dict[ComponentId, dict[MetricId, Slo]] = field(default_factory=lambda: defaultdict(dict))
    countries: dict[ComponentId, frozenset[str]] = field(default_factory=dict)
    agents: list[WantedAgent] = field(default_factory=list)
    instances: dict[ComponentId, tuple[int, int]] = field(default_factory=dict)
    secure: dict[ComponentId, frozenset[int]] = field(default_factory=dict)
    open: set[ComponentId] = field(default_factory=set)
    apart: set[frozenset[ComponentId]] = field(default_factory=set)
    together: set[frozenset[ComponentId]] = field(default_factory=set)

    def controls_of(self, component: ComponentId) -> tuple[Wanted, ...]:
        """Return the controls asked of a component, in the standard's order."""
        found = self.wanted.get(component, {})
        return tuple(found[each] for each in sorted(found, key=control_key))

    def slos_of(self, component: ComponentId) -> tuple[Slo, ...]:
        """Return the bounds asked of a component, by metric."""
        return tuple(each for _, each in sorted(self.slos.get(component, {}).items()))


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: its properties, and the components it is for; `said` tells that it names targets itself."""

    name: str
    at: Span
    properties: Mapping
    targets: tuple[ComponentId, ...]
    said: bool
