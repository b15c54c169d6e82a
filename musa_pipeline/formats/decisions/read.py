"""The whole file: three lists, each entry with its term; what is decided twice or about nothing known is told at its word."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final, TypeVar

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.decision import DecidedRisk, Decisions, Waiver
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_id, control_key, slug
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.decisions.terms import TERM_KEYS, read_term, required_text, text_in
from musa_pipeline.text.expect import form_of, is_nothing, mapping_of, only, read_optional, way_out
from musa_pipeline.text.yaml import Mapping, Node, Sequence

T = TypeVar("T", DecidedRisk, Waiver)
LISTS: Final = ("accepted", "transferred", "waivers")
LONGEST: Final = timedelta(days=366)
"""How long a decision lasts at most, where the settings say nothing else."""
_RISK_KEYS: Final = ("risk", *TERM_KEYS)
_WAIVER_KEYS: Final = ("component", "control", *TERM_KEYS)


def read_decisions(
    text: str, file: str, *, cpim: Cpim, catalogs: Catalogs, problems: Problems, at_most: timedelta = LONGEST
) -> Decisions:
    """Return what can be understood of the decisions; sorted, so that the order of the file means nothing.

    Codes: L001 wrong shape, L002 unknown key, L003 decided twice, L004 something missing, L005 not a text, L006 not a day, L007 ends
    before it begins, L008 lasts too long, L009 component, L010 threat, L011 control, L012 not component/threat.
    """
    return _Reader(cpim, catalogs, problems, at_most).read(read_optional(text, file, problems))


class _Reader:
    def __init__(self, cpim: Cpim, catalogs: Catalogs, problems: Problems, at_most: timedelta) -> None:
        self.catalogs, self.problems, self.at_most = catalogs, problems, at_most
        self.components = {str(each.id): each.id for each in cpim.components}
        self.named = {each.name: each.id for each in cpim.components}

    def read(self, tree: Node | None) -> Decisions:
        whole = mapping_of(tree, "decisions.yaml", "L001", self.problems)
        if whole is None:
            return Decisions()
        only(whole, LISTS, "decisions.yaml", "L002", self.problems)
        risks = [
            found
            for name, state in (("accepted", State.ACCEPTED), ("transferred", State.TRANSFERRED))
            for each in self._entries(whole.get(name), name)
            if (found := self._risk(each, state))
        ]
        waivers = [waiver for each in self._entries(whole.get("waivers"), "waivers") if (waiver := self._waiver(each))]
        kept = self._once(risks, lambda each: each.risk, lambda each: f"the risk {each.risk!r}")
        waived = self._once(waivers, lambda each: (each.component, each.control), _what)
        return Decisions(
            risks=tuple(sorted(kept, key=lambda each: each.risk)),
            waivers=tuple(sorted(waived, key=lambda each: (each.component or "", control_key(each.control)))),
        )

    def _entries(self, node: Node | None, name: str) -> Iterable[Mapping]:
        if node is None or is_nothing(node):
            return
        if not isinstance(node, Sequence):
            text = f"{name!r} must be a list, not {form_of(node)}"
            self.problems.report("L001", node.at, text, help="begin each entry with `- `")
            return
        for each in node.items:
            if isinstance(each, Mapping):
                yield each
            else:
                text = f"an entry of {name!r} must be a mapping, not {'nothing' if is_nothing(each) else form_of(each)}"
                self.problems.report("L001", each.at, text, help="write `- key: value`, further keys below the first")

    def _once(self, found: list[T], key: Callable[[T], object], what: Callable[[T], str]) -> list[T]:
        """Keep the first decision on each thing; a name may be spelt in several ways."""
        kept: dict[object, T] = {}
        for each in found:
            first = kept.setdefault(key(each), each)
            if first is not each:
                way = f"the first is at line {first.at.line}"
                self.problems.report("L003", each.at, f"{what(each)} is decided twice", help=way)
        return list(kept.values())

    def _risk(self, entry: Mapping, state: State) -> DecidedRisk | None:
        keys = (*_RISK_KEYS, "to") if state is State.TRANSFERRED else _RISK_KEYS
        what = f"this {'accepted' if state is State.ACCEPTED else 'transferred'} risk"
        only(entry, keys, what, "L002", self.problems)
        risk = self._named_risk(entry, what)
        term = read_term(entry, what, self.at_most, self.problems)
        to = required_text(entry, "to", what, self.problems) if state is State.TRANSFERRED else ""
        if risk is None or term is None or to is None:
            return None
        component, threat, at = risk
        return DecidedRisk(component=component, threat=threat, state=state, term=term, to=to, at=at)

    def _named_risk(self, entry: Mapping, what: str) -> tuple[ComponentId, ThreatId, Span] | None:
        written, node = required_text(entry, "risk", what, self.problems), entry.get("risk")
        if written is None or node is None:
            return None
        name, slash, threat = (each.strip() for each in written.rpartition("/"))
        if not (slash and name and threat):
            self.problems.report("L012", node.at, f"{written!r} is no risk", help="name it as component/threat")
            return None
        component = self._component(name, node.at)
        if threat not in self.catalogs.threat:
            titled = self.catalogs.threat_titled.get(threat.casefold())
            other = "`musa catalog list threats` shows the ids"
            way = f"write its id, {titled}" if titled else way_out(threat, self.catalogs.threat, other, self.problems)
            self.problems.report("L010", node.at, f"no catalog has the threat {threat!r}", help=way)
            return None
        return None if component is None else (component, ThreatId(threat), node.at)

    def _waiver(self, entry: Mapping) -> Waiver | None:
        what = "this waiver"
        only(entry, _WAIVER_KEYS, what, "L002", self.problems)
        written = required_text(entry, "control", what, self.problems)
        node = entry.get("control")
        control = self._control(written, node.at) if written is not None and node is not None else None
        named = text_in(entry.get("component"), "component", what, self.problems)
        place = entry.get("component")
        component = self._component(named, place.at) if named and place else None
        term = read_term(entry, what, self.at_most, self.problems)
        if control is None or named is None or (named and component is None) or term is None or node is None:
            return None
        return Waiver(component=component, control=control, term=term, at=node.at)

    def _component(self, name: str, at: Span) -> ComponentId | None:
        known = self.components.get(name) or self.named.get(name) or self.components.get(slug(name))
        if known is None:
            way = way_out(name, self.components, "name a component of the model", self.problems)
            self.problems.report("L009", at, f"the model has no component {name!r}", help=way)
        return known

    def _control(self, written: str, at: Span) -> ControlId | None:
        found = self.catalogs.named(written)
        if len(found) == 1 and not self.catalogs.control[found[0]].withdrawn:
            return found[0]
        if len(found) > 1:
            text, way = f"{written!r} is the title of {len(found)} controls", f"say which: {', '.join(found[:12])}"
        elif found:
            heirs = self.catalogs.control[found[0]].moved_to
            text, way = f"control {written!r} is withdrawn", f"it moved to {', '.join(heirs)}" if heirs else "remove the waiver"
        else:
            wanted = control_id(written) or written
            text = f"{self.catalogs.controls.name} has no control {written!r}"
            way = way_out(wanted, self.catalogs.control, "write it as SC-8 or SC-8(1)", self.problems)
        self.problems.report("L011", at, text, help=way)
        return None


def _what(waiver: Waiver) -> str:
    return f"the waiver of {waiver.control}" + (f" at {waiver.component}" if waiver.component else "")
