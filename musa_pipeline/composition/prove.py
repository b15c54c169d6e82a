"""Proofs: why a control is or is not granted, as a tree whose leaves are places one can open."""

from collections.abc import Sequence

from musa_pipeline.composition.culprits import culprits_of
from musa_pipeline.composition.ledger import Ledger, ledger_of
from musa_pipeline.composition.witness import Witness
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Proof
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.selection import Selection

SHOWN = 12
"""So many services are named one by one; the rest is counted."""
FAILING = 4
"""So many failing components are proven in full when the application is asked about; the outcome names all."""


def prove(
    macm: Macm,
    cpim: Cpim,
    slats: Sequence[Slat],
    selection: Selection,
    catalogs: Catalogs,
    component: ComponentId | None,
    control: ControlId,
) -> Proof:
    """Return why a component, or with None the application, has a control or not; `holds` is what composition finds."""
    prover = Prover(ledger_of(macm, cpim, slats, catalogs), selection)
    return prover.of_application(macm.name, control) if component is None else prover.of_component(component, control)


class Prover:
    """Proves over one ledger; a proof that holds has only parts that hold, one that fails has a part that fails."""

    def __init__(self, ledger: Ledger, selection: Selection) -> None:
        self._ledger = ledger
        self._witness = Witness(ledger, selection)
        self._blocked: dict[tuple[int, ControlId], Proof] = {}

    def of_application(self, name: str, control: ControlId) -> Proof:
        """Prove that the application promises a control, or that it cannot."""
        ledger, bit = self._ledger, self._ledger.universe.bit.get(control, 0)
        inside = [each for each in ledger.members if ledger.applies[each] & bit]
        return self.of_members(
            name,
            control,
            granted=[ledger.components[each].id for each in inside if ledger.granted[each] & bit],
            failing=[ledger.components[each].id for each in inside if not ledger.granted[each] & bit],
        )

    def of_members(self, name: str, control: ControlId, granted: Sequence[ComponentId], failing: Sequence[ComponentId]) -> Proof:
        """Prove it from the components where the control applies: those that are granted it, and those that are not (rule 5)."""
        live = bool(self._ledger.universe.live & self._ledger.universe.bit.get(control, 0))
        holds = live and bool(granted) and not failing
        if not live:
            parts = [self._dead(control)]
        elif not granted and not failing:
            parts = [Proof(holds=False, claim="it applies to no component", rule="applies")]
        elif failing:
            parts = [self.of_component(each, control) for each in failing[:FAILING]]
            if (more := len(failing) - FAILING) > 0:
                parts.append(Proof(holds=False, claim=f"{more} more components are not granted it"))
        else:
            parts = [Proof(holds=True, claim=f"{each} is granted it") for each in granted[:SHOWN]]
            if (more := len(granted) - SHOWN) > 0:
                parts.append(Proof(holds=True, claim=f"{more} more components are granted it"))
        outside = len(self._ledger.members) - len(granted) - len(failing)
        if live and outside and (granted or failing):
            parts.append(Proof(holds=True, claim=f"it does not apply to {outside} other components", rule="applies"))
        verb = "promises" if holds else "does not promise"
        return Proof(holds=holds, claim=f"{name} {verb} {control}", rule="application", beneath=tuple(parts))

    def of_component(self, component: ComponentId, control: ControlId) -> Proof:
        """Prove that a component is granted a control after all rules, or that it is not."""
        ledger, bit = self._ledger, self._ledger.universe.bit.get(control, 0)
        node = ledger.number.get(component)
        if node is None:
            return Proof(holds=False, claim=f"the model has no component {component!r}")
        rule: str
        parts: tuple[Proof, ...]
        if not ledger.universe.live & bit:
            rule, parts = "in force", (self._dead(control),)
        elif ledger.kept[node] & bit:
            rule, parts = self._standing(node, control)
        elif ledger.granted[node] & bit:
            rule, parts = "boundary", (self._entries(control),)
        elif not ledger.applies[node] & bit:
            rule, parts = "applies", (self._outside(node, control),)
        else:
            rule, parts = self._standing(node, control)
            if ledger.universe.boundary & bit and node not in ledger.entries:
                parts = (*parts, self._entries(control))
        holds = bool(ledger.granted[node] & bit)
        return Proof(holds=holds, claim=f"{control} is {'' if holds else 'not '}granted to {component}", rule=rule, beneath=parts)

    def _standing(self, node: int, control: ControlId) -> tuple[str, tuple[Proof, ...]]:
        """Return the rule and its parts: what is granted where the component stands, then what it uses."""
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        if ledger.nodes[node] is None:
            return "deployed", (Proof(holds=False, claim=f"{self._witness.name(node)} is not deployed"),)
        rule, parts = self._local(node, control)
        if ledger.universe.travels & bit and ledger.uses[node]:
            return f"{rule}, travels", (*parts, self._used(node, control))
        return rule, parts

    def _local(self, node: int, control: ControlId) -> tuple[str, tuple[Proof, ...]]:
        ledger, witness, bit = self._ledger, self._witness, self._ledger.universe.bit[control]
        types = ledger.types[node]
        match ledger.components[node].role:
            case Role.EXTERNAL:
                return "external", (witness.itself(node, control),)
            case Role.HOST:
                return "host", _either(witness.itself(node, control), witness.host(node, control))
        if types.specific & bit:
            return "specific", _either(witness.itself(node, control), *witness.agents(node, control))
        if types.common & bit:
            return "common", _either(witness.host(node, control), *witness.agents(node, control))
        itself = _group(_either(witness.itself(node, control), *witness.agents(node, control)))
        return "hybrid", (itself, witness.host(node, control))

    def _used(self, node: int, control: ControlId) -> Proof:
        """Prove rule 4: every used service where the control applies grants it too."""
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        blocking = [each for each in ledger.uses[node] if ledger.applies[each] & bit and not ledger.kept[each] & bit]
        fine = [each for each in ledger.uses[node] if each not in set(blocking)]
        parts = [self._blocking(each, control) for each in blocking[:SHOWN]]
        if (more := len(blocking) - SHOWN) > 0:
            parts.append(Proof(holds=False, claim=f"{more} more services are not granted it"))
        if not blocking:
            for each in fine[:SHOWN]:
                text = "is granted it" if ledger.applies[each] & bit else "is used too, but the control does not apply there"
                parts.append(Proof(holds=True, claim=f"{self._witness.name(each)} {text}", rule="uses"))
            if (more := len(fine) - SHOWN) > 0:
                parts.append(Proof(holds=True, claim=f"{more} more services do not stand in the way"))
        claim = (
            "it travels, and a service used is not granted it" if blocking else "it travels: every service used is granted it too"
        )
        return Proof(holds=not blocking, claim=claim, rule="travels", beneath=tuple(parts))

    def _blocking(self, node: int, control: ControlId) -> Proof:
        """Prove once for all its users that a service is not granted a control."""
        if (node, control) not in self._blocked:
            self._blocked[node, control] = self._failing(node, control)
        return self._blocked[node, control]

    def _failing(self, node: int, control: ControlId) -> Proof:
        ledger, name = self._ledger, self._witness.name(node)
        if node >= len(ledger.components):
            return Proof(holds=False, claim=f"{name} is not granted it", rule="uses")
        culprit = node if not ledger.local[node] & ledger.universe.bit[control] else culprits_of(ledger, control)[node][0]
        _, parts = self._local(culprit, control) if culprit < len(ledger.components) else ("", ())
        if culprit != node:
            because = Proof(holds=False, claim=f"{self._witness.name(culprit)} is not granted it", rule="uses", beneath=parts)
            return Proof(
                holds=False, claim=f"{name} is not granted it, because of a service that it uses", rule="uses", beneath=(because,)
            )
        return Proof(holds=False, claim=f"{name} is not granted it", rule="uses", beneath=parts)

    def _entries(self, control: ControlId) -> Proof:
        """Prove rule 5 for boundary controls: every entry point where the control applies is granted it."""
        ledger, bit = self._ledger, self._ledger.universe.bit[control]
        at = [each for each in ledger.entries if ledger.applies[each] & bit]
        failing = [each for each in at if not ledger.kept[each] & bit]
        if not at:
            return Proof(holds=False, claim="it is a boundary control, and no entry point can meet it", rule="boundary")
        shown, verb = (failing, "is not granted it") if failing else (at, "is granted it")
        parts = [
            Proof(holds=not failing, claim=f"entry point {self._witness.name(each)} {verb}", rule="boundary")
            for each in shown[:SHOWN]
        ]
        if (more := len(shown) - SHOWN) > 0:
            parts.append(Proof(holds=not failing, claim=f"{more} more entry points: the same", rule="boundary"))
        claim = "an entry point does not meet it" if failing else "the entry points meet it for all"
        return Proof(holds=not failing, claim=claim, rule="boundary", beneath=tuple(parts))

    def _outside(self, node: int, control: ControlId) -> Proof:
        scope = self._ledger.catalogs.scope[control]
        return Proof(
            holds=False, claim=f"it does not apply to {self._witness.name(node)}: {scope.because}", rule="applies", at=scope.at
        )

    def _dead(self, control: ControlId) -> Proof:
        entry = self._ledger.catalogs.control.get(control)
        if entry is None:
            return Proof(holds=False, claim=f"the catalog in force does not know {control}", rule="in force")
        moved = f", now {', '.join(entry.moved_to)}" if entry.moved_to else ""
        return Proof(holds=False, claim=f"{control} is withdrawn{moved}", rule="in force")


def _either(*parts: Proof) -> tuple[Proof, ...]:
    """Return the parts of an alternative: those that hold, or all if none does."""
    return tuple(each for each in parts if each.holds) or tuple(parts)


def _group(parts: tuple[Proof, ...]) -> Proof:
    """Return an alternative as one part of a greater claim."""
    if len(parts) == 1:
        return parts[0]
    holds = parts[0].holds
    return Proof(holds=holds, claim=f"its own side {'grants' if holds else 'does not grant'} it", beneath=parts)
