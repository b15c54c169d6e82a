"""Components while they are put together from statements in several sub-models."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, DataSet, Port, Resources, Role, Script, Wanted
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, control_id, slug
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.lexing import Places
from musa_pipeline.formats.camel.names import Named, Names
from musa_pipeline.formats.camel.unused import Unused

_CCM: Final = re.compile(
    r"(?:AIS|AAC|BCR|CCC|DSI|DCS|EKM|GRM|HRS|IAM|IVS|IPY|MOS|SEF|STA|TVM|CEK|DSP|LOG|UEM)[-_ ]?[0-9]{1,2}$", re.IGNORECASE
)
"""Ids of the Cloud Controls Matrix of the CSA, versions 3 and 4."""


@dataclass(slots=True, eq=False)
class Draft:
    """One component to be."""

    named: Named
    role: Role
    kind: str
    at: Span
    host: "Draft | None" = None
    exposed: bool | None = None
    ports: dict[Named, Port] = field(default_factory=dict)
    listens: list[Port] = field(default_factory=list)
    data: list[DataSet] = field(default_factory=list)
    resources: Resources = field(default_factory=Resources)
    countries: frozenset[str] = frozenset()
    wanted: dict[ControlId, Wanted] = field(default_factory=dict)
    implements: dict[ControlId, Wanted] = field(default_factory=dict)
    slos: list[Slo] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    image: str = ""
    instances: int = 1
    most_instances: int = 0
    zone: str = ""
    roles: list[str] = field(default_factory=list)
    sla: str = ""
    asked: list[Any] = field(default_factory=list)
    """Security requirements that its requirement sets name."""
    kind_said: bool = False
    """Whether the layer says the kind; else it is a guess from the name."""

    @property
    def id(self) -> ComponentId:
        """The id that its name makes."""
        return ComponentId(slug(self.named.name))

    def done(self) -> Component:
        """Return the component as it stands now."""
        return Component(
            id=self.id,
            name=self.named.name,
            kind=KindId(self.kind),
            role=self.role,
            type=_TYPES[self.named.kind],
            host=self.host.id if self.host else None,
            exposed=self.exposed,
            ports=(*self.ports.values(), *self.listens),
            data=tuple(self.data),
            resources=self.resources,
            countries=self.countries,
            wanted=tuple(self.wanted[control] for control in sorted(self.wanted)),
            implements=tuple(self.implements[control] for control in sorted(self.implements)),
            slos=tuple(self.slos),
            scripts=tuple(self.scripts),
            image=self.image,
            instances=self.instances,
            most_instances=self.most_instances,
            zone=self.zone,
            roles=tuple(self.roles),
            sla=self.sla,
            at=self.at,
        )


_TYPES = {
    "InternalComponent": "internal component",
    "VM": "vm",
    "External": "external component",
    "Software": "software",
    "Container": "container",
    "Platform": "paas",
}


@dataclass(slots=True)
class Reading:
    """What every step of the mapping needs: the names, the catalogs, where to put findings, and the drafts by name."""

    names: Names
    places: Places
    catalogs: Catalogs
    problems: Problems
    drafts: dict[Named, Draft] = field(default_factory=dict)
    unused: Unused = field(default_factory=Unused)
    younger: bool = False
    """Whether the statements are those of CAMEL 2 and 3."""

    def all(self, kind: str) -> list[Any]:
        """Return the statements of one kind, in the order written."""
        return self.names.statements.get(kind, [])

    def draft(self, ref: Any) -> Draft | None:
        """Return the component that a reference in the file means; None when it means none that is read."""
        return self.drafts.get(ref.meant.target) if ref is not None and ref.meant.target else None

    def drafts_of(self, refs: list[Any]) -> list[Draft]:
        """Return the components that references mean, each once."""
        return list(dict.fromkeys(each for each in map(self.draft, refs) if each))

    def target(self, ref: Any) -> Named | None:
        """Return the name that a reference means, or None; also where a statement lacks the reference."""
        return ref.meant.target if ref is not None else None

    def node(self, ref: Any) -> Any:
        """Return the statement that a reference means, or None."""
        return ref.meant.target.node if ref is not None and ref.meant.target else None

    def at(self, node: Any, length: int = 1) -> Span:
        """Return the place of a statement."""
        return self.places.at(node.at, length)

    def controls(self, word: str, at: Span) -> tuple[ControlId, ...]:
        """Return the control in force that a word means; for a withdrawn one those that took its place."""
        wanted = control_id(word)
        if wanted is None and _CCM.match(word):
            text = f"control {word!r} is of the Cloud Controls Matrix, which no catalog maps to {self.catalogs.controls.name}"
            self.problems.warn("K028", at, f"{text}; it is left out", help="write the NIST controls that are meant, as in SC_8")
            return ()
        control = self.catalogs.control.get(wanted) if wanted else None
        if wanted is None or control is None:
            title = self.catalogs.controls.name
            active = [each for each, known in self.catalogs.control.items() if not known.withdrawn]
            help_ = near(wanted or word, active) or "write it as SC-8, SC-8(1) or SC_8_1"
            self.problems.report("K020", at, f"{title} has no control {word!r}", help=help_)
            return ()
        if not control.withdrawn:
            return (wanted,)
        heirs = self._heirs(wanted)
        said = f"; taken for {', '.join(heirs)}" if heirs else " and nothing takes its place"
        self.problems.warn(
            "K021", at, f"control {word!r} is withdrawn{said}", help=f"write {' and '.join(heirs)}" if heirs else ""
        )
        return heirs

    def _heirs(self, control: ControlId) -> tuple[ControlId, ...]:
        found: dict[ControlId, None] = {}
        waiting, seen = [control], {control}
        for each in waiting:
            known = self.catalogs.control.get(each)
            if known and not known.withdrawn:
                found[each] = None
            elif known:
                waiting += [moved for moved in known.moved_to if moved not in seen]
                seen.update(known.moved_to)
        return tuple(found)


def last_name(ref: Any) -> str:
    """Return the last name of a reference, whether it means something or not; '' where there is none."""
    return str(ref.meant.path.rpartition(".")[2]) if ref is not None else ""
