"""Words of the catalogs in a model: controls, data, countries; each wrong one told with the nearest right one."""

from collections.abc import Iterable
from functools import cached_property

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import DataClass, DataSet, Wanted
from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.domain.places import GROUPS, place_code
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import Findings, items, word
from musa_pipeline.text.yaml import Mapping, Node, Scalar


class Words:
    """Reads lists of ids against the catalogs."""

    def __init__(self, catalogs: Catalogs, findings: Findings) -> None:
        self.catalogs, self.findings = catalogs, findings

    def controls(self, node: Node | None) -> tuple[Wanted, ...]:
        """Return the controls a list names, in the revision in force, in the standard's order."""
        found: dict[ControlId, Span] = {}
        for each in items(node):
            if not isinstance(each, Scalar):
                self.findings.error("T024", each.at, "a control is an id, not a list or mapping", "write [AC-2, SC-8]")
                continue
            for control in self._control(each):
                found.setdefault(control, each.at)
        return tuple(Wanted(control=control, at=found[control]) for control in sorted(found, key=control_key))

    def data(self, node: Node | None, component: str) -> tuple[DataSet, ...]:
        """Return the data sets of a list of `name` and `class`."""
        found: dict[str, DataSet] = {}
        for each in items(node):
            if isinstance(each, Mapping) and (one := self._data_set(each, component)):
                found.setdefault(one.name, one)
            elif not isinstance(each, Mapping):
                text = f"data of component {component!r} must be a list of names with classes"
                self.findings.error("T032", each.at, text, "write [{name: customers, class: personal}]")
        return tuple(found[name] for name in sorted(found))

    def countries(self, node: Node | None) -> frozenset[str]:
        """Return countries and groups of them as codes."""
        found = set()
        for each in items(node):
            if code := place_code(word(each)):
                found.add(code)
            else:
                groups = ", ".join(sorted(GROUPS))
                text = f"{word(each)!r} is no country" if word(each) else "a country is a code, not a list or mapping"
                self.findings.error("T030", each.at, text, f"write ISO 3166 codes such as DE, or a group: {groups}")
        return frozenset(found)

    @cached_property
    def _in_force(self) -> tuple[ControlId, ...]:
        return tuple(each for each, control in self.catalogs.control.items() if not control.withdrawn)

    def _control(self, node: Scalar) -> Iterable[ControlId]:
        wanted = control_id(node.text)
        known = self.catalogs.control
        older = {} if wanted in known else {each.id: each for revision in self.catalogs.older for each in revision.controls}
        control = known.get(wanted) or older.get(wanted) if wanted else None
        if wanted is None or control is None:
            close = self.findings.near((wanted or node.text).upper(), self._in_force)
            self.findings.error("T024", node.at, f"{node.text!r} is no control of {self.catalogs.controls.name}", close)
            return ()
        if wanted in known and not control.withdrawn:
            return (wanted,)
        moved = tuple(each for each in control.moved_to if each in known and not known[each].withdrawn)
        if moved:
            named = ", ".join(moved)
            self.findings.warn(
                "T025", node.at, f"{wanted} was moved in {self.catalogs.controls.name}; {named} is used", f"write {named}"
            )
        else:
            self.findings.warn("T025", node.at, f"{wanted} was withdrawn and nothing took its place; it is left out", "drop it")
        return moved

    def _data_set(self, node: Mapping, component: str) -> DataSet | None:
        name, written = word(node.get("name")), node.get("class")
        if not name:
            self.findings.error(
                "T032", node.at, f"data of component {component!r} has no name", "write {name: customers, class: personal}"
            )
            return None
        known = [str(each) for each in DataClass]
        if word(written).lower() not in known:
            at = written.at if written else node.at
            text = (
                f"data {name!r} of component {component!r} has class {word(written)!r}"
                if written
                else f"data {name!r} has no class"
            )
            self.findings.error("T032", at, text, "classes: " + ", ".join(known))
            return None
        return DataSet(name=name, classification=DataClass(word(written).lower()), at=node.at)
