"""Security controls after NIST SP 800-53, and where each applies and how it travels in an application."""

from dataclasses import dataclass, field
from enum import StrEnum

from musa_pipeline.domain.condition import ALWAYS, Condition
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.source import NOWHERE, Source, Span


class Baseline(StrEnum):
    """The control baselines of SP 800-53B (rev 5), and of SP 800-53 appendix D (rev 4, without privacy)."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    PRIVACY = "privacy"


class Level(StrEnum):
    """Who implements a control after NIST: the system, the organization, or both."""

    SYSTEM = "system"
    ORGANIZATION = "organization"
    BOTH = "both"


class ControlType(StrEnum):
    """Who must grant a control to a component before it holds (SP 800-53 r5, section 2.3)."""

    SPECIFIC = "specific"
    COMMON = "common"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control or enhancement, as facts: no prose of the standard."""

    id: ControlId
    title: str
    parent: ControlId | None = None
    baselines: frozenset[Baseline] = frozenset()
    level: Level | None = None
    withdrawn: bool = False
    moved_to: tuple[ControlId, ...] = ()
    related: tuple[ControlId, ...] = ()

    @property
    def family(self) -> str:
        """The two letters of its family."""
        return self.id[:2]

    @property
    def type(self) -> ControlType:
        """The default type: system -> specific, organization -> common, both (or unsaid) -> hybrid."""
        match self.level:
            case Level.SYSTEM:
                return ControlType.SPECIFIC
            case Level.ORGANIZATION:
                return ControlType.COMMON
            case _:
                return ControlType.HYBRID

    @property
    def minimum_risk(self) -> int | None:
        """The least risk score (1..9) at which it is required by itself: low 1, moderate 5, high 7; else never (MUSA)."""
        if Baseline.LOW in self.baselines:
            return 1
        if Baseline.MODERATE in self.baselines:
            return 5
        return 7 if Baseline.HIGH in self.baselines else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the standard says of a control, line by line; it stays in the user's cache, outside every repository."""

    statement: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlCatalog:
    """One revision of the standard: all its controls by id.

    `baselines` are the versions of its profiles by name; `sha256` digests of the files it was made from: `catalog`, and each profile.
    """

    id: str
    title: str
    revision: str
    version: str
    source: Source
    controls: tuple[Control, ...]
    baselines: dict[str, str] = field(default_factory=dict, hash=False)
    sha256: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def has_levels(self) -> bool:
        """Whether it says of any control who implements it; revision 4 says it of none."""
        return any(each.level for each in self.controls)

    @property
    def has_baselines(self) -> bool:
        """Whether any of its controls is in a baseline; a catalog without its profiles has none."""
        return any(each.baselines for each in self.controls)

    @property
    def name(self) -> str:
        """What people call it; the title is that of the file it came from."""
        return f"NIST SP 800-53 revision {self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where some controls apply and how they travel; a control without a scope applies to every component.

    `travels`: every used service must grant it too (transitive). `boundary`: the entry points may grant it for all.
    `borne`: controls that NIST leaves to the organisation and of which a component can bear a part, each with our reason.
    """

    id: str
    controls: tuple[ControlId, ...]
    because: str
    source: Source
    applies: Condition = ALWAYS
    travels: bool = False
    boundary: bool = False
    borne: tuple[tuple[ControlId, str], ...] = ()
    at: Span = field(default=NOWHERE, compare=False)
