"""Beside the road: why a control is required of a component, whether it is granted, and what would change that."""

from dataclasses import dataclass

from musa_pipeline.composition import prove
from musa_pipeline.domain.composition import Gap, Proof, Remedy
from musa_pipeline.domain.control import Control
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ComponentId, ControlId, control_id
from musa_pipeline.domain.problems import near
from musa_pipeline.domain.risk import OfOrganisation, Required, Risk
from musa_pipeline.stages import values
from musa_pipeline.stages.named import component_named
from musa_pipeline.stages.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything about one control at one component (or the application, component None).

    `asking`: the components that require it; `inhabitants`: what runs on the component, when it is a machine.
    `organisation`: the risks of the component call for it, and only an organisation can implement it.
    """

    component: ComponentId | None
    control: Control
    granted: bool
    required: Required | None
    risks: tuple[Risk, ...]
    proof: Proof
    remedies: tuple[Remedy, ...]
    asking: tuple[ComponentId, ...] = ()
    inhabitants: tuple[ComponentId, ...] = ()
    organisation: OfOrganisation | None = None


def explain(work: Work, component: str, control: str) -> Explanation:
    """Gather the reasons.

    Raises UsageWrong if the model has no such component, or the catalog no such control.
    """
    wanted = _control(work, control)
    cpim = values.cpim(work)
    whole = component in (work.place.application, cpim.name)
    named = None if whole else component_named(work, component)
    proof = prove(values.macm(work), cpim, values.slats(work), values.selection(work), work.catalogs, named, wanted.id)
    profile = values.profile(work)
    required = next((each for each in profile.required if each.component == named and each.control == wanted.id), None)
    threats = set(required.threats) if required else set()
    below = set(_below(cpim, named))
    risks = tuple(each for each in profile.risks if each.threat in threats and each.component in below)
    return Explanation(
        component=named,
        control=wanted,
        granted=proof.holds,
        required=required,
        risks=risks,
        proof=proof,
        remedies=_for_all(work, wanted.id) if named is None else _remedies(work, named, wanted.id),
        asking=tuple(each.component for each in profile.required if each.control == wanted.id),
        organisation=next(
            (each for each in profile.organisation if each.control == wanted.id and (named is None or named in each.components)),
            None,
        ),
        inhabitants=on_top_of(cpim, named) if named else (),
    )


def _below(cpim: Cpim, component: ComponentId | None) -> tuple[ComponentId, ...]:
    """Return a component and the machines below it: whose risks it bears."""
    host = {each.id: each.host for each in cpim.components}
    found: dict[ComponentId, None] = {}
    at = component
    while at and at not in found:
        found[at] = None
        at = host.get(at)
    return tuple(found)


def on_top_of(cpim: Cpim, component: ComponentId) -> tuple[ComponentId, ...]:
    """Return what runs on a component, directly or not: what bears its risks. Empty but for machines and platforms."""
    guests: dict[ComponentId, list[ComponentId]] = {}
    for each in cpim.components:
        if each.host:
            guests.setdefault(each.host, []).append(each.id)
    found, waiting = {component}, [component]
    while waiting:
        new = [each for each in guests.get(waiting.pop(), ()) if each not in found]
        found.update(new)
        waiting += new
    return tuple(each.id for each in cpim.components if each.id in found and each.id != component)


def _remedies(work: Work, component: ComponentId, control: ControlId) -> tuple[Remedy, ...]:
    return next((each.remedies for each in _gaps(work, control) if each.component == component), ())


def _for_all(work: Work, control: ControlId) -> tuple[Remedy, ...]:
    """Return one remedy for the whole: the smallest change of every component that lacks it; none if one of them has none.

    Each part was tried by itself, and more grants never take one away (the first law of composition), so together they hold.
    """
    gaps = _gaps(work, control)
    if not gaps or not all(each.remedies for each in gaps):
        return ()
    firsts = list(dict.fromkeys(each.remedies[0] for each in gaps))
    changes = dict.fromkeys(change for each in firsts for change in each.changes)
    return (Remedy(changes=tuple(changes), price=round(sum(each.price for each in firsts), 2)),)


def _gaps(work: Work, control: ControlId) -> list[Gap]:
    return [each for each in values.composition(work).gaps if each.control == control]


def _control(work: Work, written: str) -> Control:
    found = work.catalogs.named(written)
    if len(found) > 1:
        raise UsageWrong(f"{written!r} is the title of {len(found)} controls", f"say which: {', '.join(found[:12])}")
    if not found:
        known = (*work.catalogs.control, *work.catalogs.threat)
        hint = near(control_id(written) or written, known) or "ids look like SC-5, SC-5(3) or denial-of-service; titles do too"
        raise UsageWrong(f"the catalogs have no control and no threat {written!r}", hint)
    return work.catalogs.control[found[0]]
