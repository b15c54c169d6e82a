"""A tailoring profile with everything it is based on: from which risk a control is required, and which are asked by policy.

After SP 800-53B, section 2.4: select a baseline, then add, take away and weigh otherwise, each with its reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control
from musa_pipeline.domain.ids import AgentId, ControlId
from musa_pipeline.domain.profile import Addition, Base, Figure, Profile, ProfileId, Removal
from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.domain.threat import ControlLink

ANY = 1
"""The score of the least risk there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tailoring:
    """What a profile and all below it say together; of two that contradict each other the one nearer to the top counts.

    `selected`: the controls of the bases with the base that has each; None: no base, so that the catalogs' own least risks count.
    """

    profile: str = ""
    selected: Mapping[ControlId, Base] | None = None
    add: Mapping[ControlId, Addition] = field(default_factory=dict)
    remove: Mapping[ControlId, Removal] = field(default_factory=dict)
    minimum: Mapping[str, Figure] = field(default_factory=dict)
    costs: Mapping[str, Figure] = field(default_factory=dict)

    def least(self, link: ControlLink, control: Control) -> int | None:
        """Return the least risk score that requires a control of a link; None: no risk does.

        What is removed is required by none; else the profile's own number counts; else any risk requires what a base selects,
        and what no base selects keeps the number that the link has by itself.
        """
        if control.id in self.remove:
            return None
        if control.id in self.minimum:
            return self.minimum[control.id].value
        if self.selected is None:
            return link.minimum if link.minimum is not None else control.minimum_risk
        return ANY if control.id in self.selected else link.minimum

    def requires(self, link: ControlLink, control: Control, score: int) -> bool:
        """Tell whether a risk of this score requires a control."""
        least = self.least(link, control)
        return least is not None and score >= least

    def cost(self, measure: ControlId | AgentId) -> int:
        """Return what a control or an agent costs at one component: 1 unless the profile says otherwise."""
        return self.costs[measure].value if measure in self.costs else 1

    def policy(self, control: ControlId) -> tuple[str, Span]:
        """Return why the profile asks for a control by its least risk, and where it says so."""
        if control in self.minimum:
            figure = self.minimum[control]
            return f"profile {self.profile} requires it from a risk of {figure.value}", figure.at
        if self.selected and control in self.selected:
            base = self.selected[control]
            based = f"profile {self.profile} is based on {base.id}, which" if base.id != self.profile else base.id
            return f"{based} selects it", base.at
        return "", NOWHERE


UNTAILORED = Tailoring()


def tailored(name: str, catalogs: Catalogs) -> Tailoring:
    """Return what a profile of the catalogs says with all that it is based on, or what a baseline or framework selects by itself.

    What is neither tailors nothing.
    """
    profile = catalogs.profile.get(ProfileId(name))
    if profile is None:
        found = catalogs.selected.get(name)
        if found is None:
            return UNTAILORED
        base = Base(id=name, at=catalogs.crosswalk[name].at if name in catalogs.crosswalk else NOWHERE)
        return Tailoring(profile=name, selected=dict.fromkeys(found, base))
    selected: dict[ControlId, Base] = {}
    add: dict[ControlId, Addition] = {}
    remove: dict[ControlId, Removal] = {}
    minimum: dict[str, Figure] = {}
    costs: dict[str, Figure] = {}
    line = list(_lineage(profile, catalogs))
    for each in line:
        for base in each.based_on:
            for control in catalogs.selected.get(base.id, ()):
                selected.setdefault(control, base)
        for added in each.add:
            add[added.control] = added
            remove.pop(added.control, None)
        for removed in each.remove:
            remove[removed.control] = removed
            add.pop(removed.control, None)
        minimum |= {one.of: one for one in each.minimum}
        costs |= {one.of: one for one in each.costs}
    based = any(base.id in catalogs.selected for each in line for base in each.based_on)
    return Tailoring(profile=name, selected=selected if based else None, add=add, remove=remove, minimum=minimum, costs=costs)


def _lineage(profile: Profile, catalogs: Catalogs) -> Iterator[Profile]:
    """Yield a profile after all profiles that it is based on, each once; however long the line is."""
    done: set[ProfileId] = set()
    waiting = [(profile, False)]
    while waiting:
        each, below_done = waiting.pop()
        if below_done:
            yield each
        elif each.id not in done:
            done.add(each.id)
            waiting.append((each, True))
            below = (catalogs.profile.get(ProfileId(base.id)) for base in reversed(each.based_on))
            waiting.extend((one, False) for one in below if one is not None)
