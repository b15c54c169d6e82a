"""Tailoring profiles: what an organisation asks of components by policy, beside what their risks ask (SP 800-53B, section 2.4)."""

from dataclasses import dataclass, field
from typing import NewType

from musa_pipeline.domain.condition import ALWAYS, Condition
from musa_pipeline.domain.ids import AgentId, ControlId
from musa_pipeline.domain.source import NOWHERE, Source, Span

ProfileId = NewType("ProfileId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a profile begins with: a baseline of NIST, a framework whose crosswalk selects controls, or another profile, by id."""

    id: str
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A control that the organisation asks of every component of which the condition holds, whatever the risk."""

    control: ControlId
    because: str
    applies: Condition = ALWAYS
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A control that the organisation does not ask for by risk; what a model asks by name is asked all the same."""

    control: ControlId
    because: str
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that the profile gives to a control, or to an agent: the least risk 1..9 that requires it, or its cost at a component."""

    of: ControlId | AgentId
    value: int
    at: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile as its file has it. Without `based_on` the catalogs' own least risks stay; `costs` without an entry are 1."""

    id: ProfileId
    title: str
    sources: tuple[Source, ...]
    based_on: tuple[Base, ...] = ()
    add: tuple[Addition, ...] = ()
    remove: tuple[Removal, ...] = ()
    minimum: tuple[Figure, ...] = ()
    costs: tuple[Figure, ...] = ()
    at: Span = field(default=NOWHERE, compare=False)
