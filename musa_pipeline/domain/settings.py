"""What a team decides once, in `musa.yaml`."""

from dataclasses import dataclass, field

from musa_pipeline.domain.cpim import DataClass
from musa_pipeline.domain.gate import DEFAULT, Rule
from musa_pipeline.domain.ids import ProviderId
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionSettings:
    """Bounds on the choice of providers. `jurisdictions` and `countries` empty: any; `budget` in EUR a month, None: no bound.

    `evidence` is the least grade at which an offered control counts. `order` is what is better first.
    """

    jurisdictions: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    evidence: Evidence = Evidence.E2
    budget: float | None = None
    providers_at_most: int | None = None
    providers_at_least: int | None = None
    excluded: frozenset[ProviderId] = frozenset()
    time_limit: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSettings:
    """`impact`: `business` (OWASP: business impact, technical when it is zero) or `max` of the two.

    `appetite` is the bar: the worst residual rating that is lived with; `appetite_by_data` is that of components that hold or
    pass data of a class, least class first. Of several the lowest counts. `profile`: the tailoring profile by id, '' is none.
    `require`: what risks require of components, `baseline` (each control from its least risk) or `cover` (the cheapest set that
    brings every risk to its bar). `half_life`: the seconds after which a finding that was measured weighs half.
    """

    impact: str = "business"
    appetite: Rating = Rating.MEDIUM
    appetite_by_data: tuple[tuple[DataClass, Rating], ...] = ()
    profile: str = ""
    require: str = "baseline"
    half_life: float = 90 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeSettings:
    """How promises are watched. `bus` and `store`: `embedded`, or where a server is. All times in seconds.

    `period` between two samples of an agent; `window` of event time that a verdict looks at; `late`: how long late data is
    waited for; `samples`: fewest for a verdict; `confirm`: bad ones before a violation is told; `recover`: good ones in a row that
    end an incident. `protected`: components and machines that no reaction touches, said at
    `protected_at`. `lists`: addresses by name, for conditions of policies.
    """

    bus: str = "embedded"
    store: str = "embedded"
    period: float = 10.0
    window: float = 300.0
    late: float = 5.0
    samples: int = 3
    confirm: int = 3
    recover: int = 3
    protected: tuple[str, ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    protected_at: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """How models are read. `catalogs`: folders of types, each with its place. `inputs`: of each application, values by name
    or the name of a file that has them, and their place.
    """

    catalogs: tuple[tuple[str, Span], ...] = ()
    inputs: tuple[tuple[str, dict[str, object] | str, Span], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """What makes a check fail. `longest`: days that a decision may last; `baseline`: the file of what was known, from the root."""

    fail_on: tuple[Rule, ...] = DEFAULT
    longest: int = 366
    baseline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, each with its default."""

    model: ModelSettings = ModelSettings()
    risk: RiskSettings = RiskSettings()
    selection: SelectionSettings = SelectionSettings()
    runtime: RuntimeSettings = RuntimeSettings()
    check: CheckSettings = CheckSettings()
    trust: tuple[tuple[str, Span], ...] = ()
    """Files of public keys and certificates whose signatures count, from the root, each with its place."""
