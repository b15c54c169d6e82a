"""Composes the Security SLA of the whole application over its graph: what it can promise, and what is missing where."""

from collections.abc import Sequence
from itertools import compress

from musa_pipeline.composition.ledger import Ledger, ledger_of, promised, required
from musa_pipeline.composition.prove import Prover
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import ComponentOutcome, Composition, Outcome
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.selection import Selection


def compose(macm: Macm, cpim: Cpim, slats: Sequence[Slat], selection: Selection, catalogs: Catalogs) -> Composition:
    """Return the outcome of every control that somebody requires or that is promised, over the application and each component."""
    ledger = ledger_of(macm, cpim, slats, catalogs)
    name, among = selection.application, required(ledger) | promised(ledger)
    found = outcomes(ledger, Prover(ledger, selection), name, among)
    return Composition(application=name, outcomes=found, components=component_outcomes(ledger, ledger.universe.live))


def outcomes(ledger: Ledger, prover: Prover, application: str, among: int) -> tuple[Outcome, ...]:
    """Return the outcome of each of some controls, in the standard's order."""
    kept = promised(ledger)
    controls = ledger.universe.names(among)
    applies = [ledger.applies[each] for each in ledger.members]
    granted = [ledger.granted[each] for each in ledger.members]
    met = ledger.met & _not_by_all(ledger)
    split = {
        "granted": ledger.universe.columns([a & g for a, g in zip(applies, granted, strict=True)], controls),
        "failing": ledger.universe.columns([a & ~g for a, g in zip(applies, granted, strict=True)], controls),
        "outside": ledger.universe.columns([ledger.universe.everything & ~a for a in applies], controls),
    }
    members = _Rows(ledger)
    bit = ledger.universe.bit

    def outcome(control: ControlId) -> Outcome:
        held, failing, outside = (members.of(split[side][control]) for side in ("granted", "failing", "outside"))
        whole = bool(kept & bit[control])
        return Outcome(
            control=control,
            promised=whole,
            granted_for=held,
            failing=failing,
            not_applicable=outside,
            boundary=bool(met & bit[control]),
            proof=None if whole else prover.of_members(application, control, held, failing),
        )

    return tuple(map(outcome, controls))


def component_outcomes(ledger: Ledger, among: int) -> tuple[ComponentOutcome, ...]:
    """Return which of some controls each component is granted, and what it lacks of that which is required of it."""
    known: dict[int, tuple[ControlId, ...]] = {}

    def names(mask: int) -> tuple[ControlId, ...]:
        if mask not in known:
            known[mask] = ledger.universe.names(mask)
        return known[mask]

    return tuple(
        ComponentOutcome(
            component=ledger.components[each].id,
            granted=names(ledger.granted[each] & among),
            missing=names(ledger.missing(each)),
        )
        for each in ledger.members
    )


def _not_by_all(ledger: Ledger) -> int:
    """Return the controls that some component has only because the entry points meet them."""
    found = 0
    for each in ledger.members:
        found |= ledger.applies[each] & ~ledger.kept[each]
    return found


class _Rows:
    """Names the components of a column; equal columns share one tuple."""

    def __init__(self, ledger: Ledger) -> None:
        self._ids = [ledger.components[each].id for each in ledger.members]
        self._known: dict[bytes, tuple[ComponentId, ...]] = {}

    def of(self, column: bytes) -> tuple[ComponentId, ...]:
        if column not in self._known:
            self._known[column] = tuple(compress(self._ids, column))
        return self._known[column]
