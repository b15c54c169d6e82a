"""What an offering provides, and on whose word: explicit rows and attestations, the best evidence of each control kept."""

from dataclasses import dataclass, replace
from functools import cache

from musa_pipeline.domain.crosswalk import Crosswalk
from musa_pipeline.domain.ids import ControlId, control_key
from musa_pipeline.domain.offering import Evidence, OfferedControl
from musa_pipeline.domain.source import Source, Span

_order = cache(control_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What an independent party attested, for which services and regions; None: all."""

    walk: Crosswalk
    services: frozenset[str] | None
    regions: frozenset[str] | None
    controls: tuple[OfferedControl, ...]

    def covers(self, service: str, regions: frozenset[str]) -> bool:
        """Tell whether it holds for the service in every one of these regions."""
        return self._speaks_of(service) and (self.regions is None or regions <= self.regions)

    def part_of(self, service: str, regions: frozenset[str]) -> frozenset[str]:
        """Return the regions it covers when it covers some of them, but not all."""
        if not self._speaks_of(service) or self.covers(service, regions):
            return frozenset()
        return regions & (self.regions or frozenset())

    def _speaks_of(self, service: str) -> bool:
        return bool(self.controls) and (self.services is None or service in self.services)


def derived(walk: Crosswalk, grade: Evidence, source: Source, at: Span) -> tuple[OfferedControl, ...]:
    """Return the crosswalk's controls, each with the attestation's document and the clauses that lead to it."""
    before = f"{source.clause}; " if source.clause else ""
    rows = [(control, " ".join(walk.clauses[control])) for control in sorted(walk.clauses, key=_order)]
    sources = {clause: replace(source, clause=before + clause) for _, clause in rows}
    return tuple(OfferedControl(control=control, evidence=grade, source=sources[clause], at=at) for control, clause in rows)


def provided_by(
    own: tuple[OfferedControl, ...],
    service: tuple[OfferedControl, ...],
    covering: tuple[Attestation, ...],
    duties: tuple[OfferedControl, ...],
) -> tuple[OfferedControl, ...]:
    """Return what the provider operates. An attestation never grants what the customer must switch on: that stays a duty."""
    left = {row.control for row in duties}
    return best(own, service, *(tuple(row for row in each.controls if row.control not in left) for each in covering))


def best(*groups: tuple[OfferedControl, ...]) -> tuple[OfferedControl, ...]:
    """Keep the best grade of each control, in the standard's order; the first group wins where grades are equal."""
    rows: dict[ControlId, OfferedControl] = {}
    for group in groups:
        for row in group:
            if row.control not in rows or row.evidence > rows[row.control].evidence:
                rows[row.control] = row
    return tuple(rows[each] for each in sorted(rows, key=_order))
