"""All catalogs together: what the tool and the user know before any model is read."""

from dataclasses import dataclass
from functools import cached_property

from musa_pipeline.domain.agent import Agent
from musa_pipeline.domain.control import Baseline, Control, ControlCatalog, Level, Scope
from musa_pipeline.domain.crosswalk import Crosswalk
from musa_pipeline.domain.exposure import ExposureRule
from musa_pipeline.domain.ids import AgentId, ControlId, KindId, MetricId, OfferingId, ProviderId, ThreatId, control_id
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.metric import Metric
from musa_pipeline.domain.offering import Offering, Provider
from musa_pipeline.domain.profile import Profile, ProfileId
from musa_pipeline.domain.revision import plain, titles
from musa_pipeline.domain.threat import Threat


@dataclass(frozen=True, kw_only=True)
class Catalogs:
    """Every entry by id. `controls` is the revision in force (rev 5); `older` are others that ids may come from."""

    controls: ControlCatalog
    older: tuple[ControlCatalog, ...] = ()
    scopes: tuple[Scope, ...] = ()
    kinds: tuple[Kind, ...] = ()
    threats: tuple[Threat, ...] = ()
    exposures: tuple[ExposureRule, ...] = ()
    metrics: tuple[Metric, ...] = ()
    agents: tuple[Agent, ...] = ()
    providers: tuple[Provider, ...] = ()
    offerings: tuple[Offering, ...] = ()
    crosswalks: tuple[Crosswalk, ...] = ()
    profiles: tuple[Profile, ...] = ()

    @cached_property
    def control(self) -> dict[ControlId, Control]:
        """Controls in force by id, the withdrawn ones included."""
        return {each.id: each for each in self.controls.controls}

    @cached_property
    def kind(self) -> dict[KindId, Kind]:
        """Kinds by id."""
        return {each.id: each for each in self.kinds}

    @cached_property
    def threat(self) -> dict[ThreatId, Threat]:
        """Threats by id."""
        return {each.id: each for each in self.threats}

    @cached_property
    def threat_titled(self) -> dict[str, ThreatId]:
        """Threats by title, in small letters: tables show titles, files name ids."""
        return {each.title.casefold(): each.id for each in self.threats}

    @cached_property
    def metric(self) -> dict[MetricId, Metric]:
        """Metrics by id."""
        return {each.id: each for each in self.metrics}

    @cached_property
    def agent(self) -> dict[AgentId, Agent]:
        """Agents by id."""
        return {each.id: each for each in self.agents}

    @cached_property
    def offering(self) -> dict[OfferingId, Offering]:
        """Offerings by id."""
        return {each.id: each for each in self.offerings}

    @cached_property
    def provider(self) -> dict[ProviderId, Provider]:
        """Providers by id."""
        return {each.id: each for each in self.providers}

    @cached_property
    def profile(self) -> dict[ProfileId, Profile]:
        """Tailoring profiles by id."""
        return {each.id: each for each in self.profiles}

    @cached_property
    def selected(self) -> dict[str, frozenset[ControlId]]:
        """The controls in force that each baseline of NIST has, and each framework whose crosswalk selects controls."""
        found = {each.framework: each.selected for each in self.crosswalks}
        for baseline in Baseline:
            of = (each.id for each in self.controls.controls if baseline in each.baselines and not each.withdrawn)
            found[baseline] = frozenset(of)
        return {name: controls for name, controls in found.items() if controls}

    @cached_property
    def titled(self) -> dict[str, tuple[ControlId, ...]]:
        """Controls in force by every title that a revision gave them, in small letters."""
        return titles(self.controls, self.older)

    def named(self, written: str) -> tuple[ControlId, ...]:
        """Return the controls that people mean by an id, a title of any revision, or both; several where a title is not one control's.

        `SI-4`, `si_4`, `System Monitoring`, `SI-4 Information System Monitoring` are one; an id with the title of another is none.
        """
        if whole := control_id(written):
            return (whole,) if whole in self.control else ()
        first, _, rest = written.strip().partition(" ")
        if (found := control_id(first.rstrip(":"))) and rest.strip(" -:"):
            return (found,) if found in self.titled.get(plain(rest.strip(" -:")), ()) else ()
        return self.titled.get(plain(written), ())

    @cached_property
    def crosswalk(self) -> dict[str, Crosswalk]:
        """Crosswalks by framework."""
        return {each.framework: each for each in self.crosswalks}

    def controls_of(self, framework: str, clause: str) -> tuple[ControlId, ...]:
        """Return the controls in force that a clause of another framework stands for, however it is spelt; none when no map has it.

        `controls_of("ccm-4", "IAM_02")` is what a model means that speaks CSA's ids.
        """
        walk = self.crosswalk.get(framework)
        row = walk.row(clause) if walk else None
        return row.controls if row else ()

    @cached_property
    def borne(self) -> frozenset[ControlId]:
        """The controls that a component, a cloud service or an agent can implement at all: those that risks draw for components.

        In force, of NIST's implementation level `system` or `system` and `organization` (401 in revision 5), or of a
        catalog that says no level; besides those of which a scope says, with its reason, that a component bears a part.
        """
        by_level = {each.id for each in self.controls.controls if not each.withdrawn and each.level is not Level.ORGANIZATION}
        return frozenset(by_level | {control for each in self.scopes for control, _ in each.borne})

    @cached_property
    def scope(self) -> dict[ControlId, Scope]:
        """The scope of each control that has one."""
        return {control: each for each in self.scopes for control in each.controls}
