"""Evidence between runs: reports are read, their findings are brought to components and threats, and `measured.yaml` keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from musa_pipeline.domain.evidence import DAY, Dossier, day_of, seconds_of
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.risk import FactorMove, RiskProfile
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured import Correlation, write_measured
from musa_pipeline.risk import assess
from musa_pipeline.risk.dossier import MOST, merged
from musa_pipeline.risk.evidence import Relevance, moves
from musa_pipeline.risk.placing import Places
from musa_pipeline.risk.taking import Gathered, Known, Taking
from musa_pipeline.stages import values
from musa_pipeline.stages.machines import addresses
from musa_pipeline.stages.named import component_named
from musa_pipeline.stages.reports import Reports
from musa_pipeline.workspace.files import write_whole
from musa_pipeline.workspace.places import shipped

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work

NAME: Final = "measured.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What measuring did: the profile before and after, the moves behind both, and the file as it is to be."""

    before: RiskProfile
    after: RiskProfile
    moves: dict[tuple[ComponentId, ThreatId], tuple[FactorMove, ...]]
    gathered: Gathered
    dossier: Dossier
    path: Path
    text: bytes
    changed: bool


def measure(work: "Work", named: Sequence[str], now: float, *, component: str = "") -> Measured:
    """Read reports and rate the model without and with what they say; nothing is written. `now`: UTC seconds since 1970.

    Raises FilesWrong with every problem found, UsageWrong and OutsideFailed where a report cannot be had.
    """
    old = values.dossier(work)
    about = component_named(work, component) if component else None
    work.stop_if_wrong()
    relevance = Relevance(work.catalogs)
    places = Places(values.cpim(work), old.places, addresses(work))
    known = Known(catalogs=work.catalogs, relevance=relevance, places=places, correlate=_control_of)
    gathered = _gathered(work, named, Taking(known, old, work.problems, now, about))
    work.stop_if_wrong()
    accounts = tuple(each.account for each in gathered.reads)
    new = replace(old, as_of=day_of(now), accounts=accounts, evidence=tuple(gathered.evidence))
    dossier = merged(old, new)
    if sum(len(each.ids) for each in dossier.evidence) >= MOST:
        said = f"{MOST:,} findings are kept, the worst and newest; others are left out and have no weight"
        work.problems.warn(
            "E014", Span(work.place.shown(work.place.folder / NAME)), said, help="let tools leave out what is harmless"
        )
    path = work.place.folder / NAME
    was = work.inputs.text(path, optional=True) or ""
    text = write_measured(dossier, work.place.application, was)
    half_life = work.settings.risk.half_life
    after = moves(dossier, work.catalogs, half_life, relevance)
    return Measured(
        before=_rated(work, moves(old, work.catalogs, half_life, relevance)),
        after=_rated(work, after),
        moves=after,
        gathered=gathered,
        dossier=dossier,
        path=path,
        text=text,
        changed=text != was.encode(),
    )


def _gathered(work: "Work", named: Sequence[str], taking: Taking) -> Gathered:
    reports = Reports(work)
    for each in named:
        for shown, name, sha256, told in reports.told(each):
            taking.take(shown, name, sha256, told)
    return taking.found


def keep(found: Measured) -> None:
    """Write `measured.yaml`. Raises OutsideFailed if that is not possible."""
    if found.changed:
        write_whole(found.path, found.text)


def tell_stale(work: "Work", now: float) -> None:
    """Warn where `measured.yaml` is of a day more than a half-life ago: it says little of today by then. Code: E012."""
    dossier, half_life = values.dossier(work), work.settings.risk.half_life
    if dossier.as_of and dossier.evidence and now - seconds_of(dossier.as_of) > half_life:
        days = (day_of(now) - dossier.as_of).days
        said = f"what was measured is of {dossier.as_of}, {days} days ago: more than the half-life of {half_life / DAY:g} days"
        way_out = f"measure again: musa risk {work.place.application} --measured FILE"
        work.problems.warn("E012", dossier.at, said, help=way_out)


def _rated(work: "Work", evidence: dict[tuple[ComponentId, ThreatId], tuple[FactorMove, ...]]) -> RiskProfile:
    return assess(values.cpim(work), values.answers(work), work.catalogs, work.settings.risk, evidence=evidence)


@cache
def _correlation() -> Correlation:
    return Correlation((shipped() / "catalogs/identifiers/cci.txt").read_text("utf-8"))


def _control_of(identifier: str) -> ControlId | None:
    """Return the control of a CCI; the list is read when the first report names one."""
    return _correlation().of(identifier)
