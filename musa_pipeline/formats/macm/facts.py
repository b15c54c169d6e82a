"""Facts that the notation has no words for, as properties of ours: written one way, read back the same way."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Component, DataClass, DataSet, Port, Resources, Role, Script, Unknown, Wanted
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.places import place_code
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.macm.graph import Property, Value, Vertex
from musa_pipeline.formats.macm.words import OURS

_LARGEST: Final = 65_535
_MOST: Final = 1_000_000_000
_EXPOSED: Final = {"yes": True, "no": False}
_NO_FACTS: Final = (
    "id",
    "kind",
    "host",
    "apart",
    "together",
    "assumed",
    "agent",
    "chosen",
    "offering",
    "region",
    "composed",
    "trust",
)
"""Properties of ours that are no facts of one component, or are read elsewhere."""


def facts_of(component: Component) -> Iterator[tuple[str, Value]]:
    """Yield what the notation has no words for, by the property's name without its beginning."""
    yield "role", str(component.role)
    yield "zone", component.zone
    yield "exposed", {True: "yes", False: "no", None: ""}[component.exposed]
    yield "ports", tuple(tell_port(each) for each in component.ports)
    yield "data", tuple(f"{each.classification} {each.name}" for each in component.data)
    size = component.resources
    yield from (("cores", size.cores), ("memory", size.memory), ("storage", size.storage), ("os", size.os))
    yield "countries", tuple(sorted(component.countries))
    yield "wanted", tuple(f"{each.control} {each.capability}".rstrip() for each in component.wanted)
    yield "implements", tuple(f"{each.control} {each.capability}".rstrip() for each in component.implements)
    yield "slos", tuple(_slo(each) for each in component.slos)
    yield "scripts", tuple(f"{each.operation} {each.run}" for each in component.scripts)
    yield "image", component.image
    yield "instances", 0 if component.instances == 1 else component.instances or -1
    yield "most_instances", component.most_instances
    yield "unknown", tuple(f"{each.what} {each.expression}" for each in component.unknown)
    yield "roles", component.roles
    yield "sla", component.sla


def tell_port(port: Port) -> str:
    """Return a port as JSON.

    >>> tell_port(Port(number=443, protocol="https", secure=True))
    '{"number": 443, "protocol": "https", "secure": true}'
    """
    said = {"number": port.number, "protocol": port.protocol, "secure": port.secure, "path": port.path}
    return json.dumps({key: each for key, each in said.items() if each not in (None, "")}, ensure_ascii=False)


def port(said: object) -> Port | None:
    """Return the port that JSON tells; None if it tells none.

    >>> port('{"number": 443}'), port("443")
    (Port(number=443, protocol='', secure=None, path=''), None)
    """
    found = _mapping(said)
    if found is None or not found.keys() <= {"number", "protocol", "secure", "path"}:
        return None
    number, protocol, secure, path = (found.get(each) for each in ("number", "protocol", "secure", "path"))
    sound = (number is None or (type(number) is int and 0 <= number <= _LARGEST)) and (secure is None or type(secure) is bool)
    if not sound or not isinstance(protocol, str | None) or not isinstance(path, str | None):
        return None
    return Port(number=number, protocol=protocol or "", secure=secure, path=path or "")


def _slo(slo: Slo) -> str:
    said = {"metric": slo.metric, "operator": slo.operator, "bound": slo.bound, "unit": slo.unit, "weight": slo.weight}
    more = {"alert": slo.alert, "because": slo.because}
    return json.dumps(said | {key: each for key, each in more.items() if each not in (None, "")}, ensure_ascii=False)


def _mapping(said: object) -> dict[str, Any] | None:
    try:
        found = json.loads(said) if isinstance(said, str) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class Facts:
    """What the properties of ours say of one component; each that says nothing sound is told and left out."""

    def __init__(self, vertex: Vertex, name: str, catalogs: Catalogs, findings: Findings) -> None:
        self._vertex, self._name, self._catalogs, self._findings = vertex, name, catalogs, findings
        self._said = {key.removeprefix(OURS): each for key, each in vertex.properties.items() if key.startswith(OURS)}

    def tell_unknown(self, known: tuple[str, ...]) -> None:
        """Report the properties that begin like ours and are none."""
        names = {f"{OURS}{each}": None for each in (*known, *_NO_FACTS)}
        for name, each in self._said.items():
            if f"{OURS}{name}" not in names:
                self._wrong(name, each, self._findings.near(f"{OURS}{name}", names) or "see docs/formats/macm.md for ours")

    def added(self) -> dict[str, Any]:
        """Return the facts, by the name of the component's field."""
        found: dict[str, Any] = {
            "role": self._choice("role", {str(each): each for each in Role}, Role.COMPONENT),
            "exposed": self._choice("exposed", _EXPOSED, None),
            "zone": self._text("zone"),
            "ports": tuple(self._each("ports", lambda one, _: port(one), "write JSON: {\"number\": 443, \"protocol\": \"https\"}")),
            "data": tuple(self._each("data", _data_set, "write a class and a name: 'personal Passenger names'")),
            "resources": Resources(
                cores=self._count("cores"), memory=self._count("memory"), storage=self._count("storage"), os=self._text("os")
            ),
            "countries": frozenset(self._each("countries", lambda one, _: place_code(str(one)), "write ISO 3166 codes, or EU, EEA, EUROPE")),
            "wanted": tuple(self._each("wanted", self._wanted, "write ids of NIST SP 800-53, such as SC-5")),
            "implements": tuple(self._each("implements", self._wanted, "write ids of NIST SP 800-53, such as SC-5")),
            "slos": tuple(self._each("slos", self._level, "write JSON: {\"metric\": …, \"operator\": \"geq\", \"bound\": 99, \"unit\": \"%\"}")),
            "scripts": tuple(self._each("scripts", _script, "write an operation and a command: 'start run.sh'")),
            "image": self._text("image"),
            "instances": self._count("instances", lowest=-1) or 1,
            "most_instances": self._count("most_instances"),
            "unknown": tuple(self._each("unknown", _unknown, "write a fact and an expression")),
            "roles": tuple(self._each("roles", lambda one, _: str(one), "write names of roles")),
            "sla": self._text("sla"),
        }  # fmt: skip
        found["instances"] = max(0, found["instances"])
        self.tell_unknown((*found, "cores", "memory", "storage", "os"))
        return found

    def _wrong(self, name: str, said: Property, help_: str, what: object = None) -> None:
        shown = str(said.value if what is None else what)[:80]
        self._findings.warn("H027", said.at, f"{OURS + name!r} of {self._name!r} is {shown!r}", help_)

    def _text(self, name: str) -> str:
        said = self._said.get(name)
        return "" if said is None or said.value is None else str(said.value)

    def _choice(self, name: str, words: dict[str, Any], default: Any) -> Any:
        said = self._said.get(name)
        if said is None:
            return default
        if str(said.value) not in words:
            self._wrong(name, said, "write " + ", ".join(words))
        return words.get(str(said.value), default)

    def _count(self, name: str, lowest: int = 0) -> int:
        said = self._said.get(name)
        if said is None:
            return 0
        if type(said.value) is int and lowest <= said.value <= _MOST:
            return said.value
        self._wrong(name, said, "write a number")
        return 0

    def _each(self, name: str, read: "Callable[[Value, Span], Any]", help_: str) -> Iterator[Any]:
        said = self._said.get(name)
        if said is None:
            return
        for one in said.value if isinstance(said.value, tuple) else (said.value,):
            found = read(one, said.at)
            if found is None:
                self._wrong(name, said, help_, one)
            else:
                yield found

    def _wanted(self, said: Value, at: Span) -> Wanted | None:
        control, _, capability = str(said).partition(" ")
        known = self._catalogs.named(control)
        return Wanted(control=known[0], capability=capability, at=at) if len(known) == 1 else None

    def _level(self, said: Value, at: Span) -> Slo | None:
        found = _mapping(said)
        if found is None or found.get("metric") not in self._catalogs.metric or not _sound(found):
            return None
        return Slo(
            metric=found["metric"],
            operator=Operator(found["operator"]),
            bound=found["bound"],
            unit=found["unit"],
            weight=Weight(found.get("weight", Weight.MEDIUM)),
            alert=found.get("alert"),
            because=found.get("because", ""),
            at=at,
        )


def _sound(said: dict[str, Any]) -> bool:
    words = ("metric", "operator", "unit", "because", "weight")
    numbers = (said.get("bound"), said.get("alert", 0))
    return (
        said.keys() <= {*words, "bound", "alert"}
        and {"operator", "bound", "unit"} <= said.keys()
        and all(isinstance(said.get(each, ""), str) for each in words)
        and all(isinstance(each, int | float) and abs(each) < _MOST and math.isfinite(each) for each in numbers)
        and said["operator"] in list(Operator)
        and said.get("weight", Weight.MEDIUM) in list(Weight)
    )


def _data_set(said: Value, at: Span) -> DataSet | None:
    classification, _, name = str(said).partition(" ")
    return (
        DataSet(name=name, classification=DataClass(classification), at=at)
        if name and classification in list(DataClass)
        else None
    )


def _script(said: Value, _: Span) -> Script | None:
    operation, _blank, run = str(said).partition(" ")
    return (
        Script(operation=operation, run=run) if run and operation in ("create", "configure", "start", "stop", "delete") else None
    )


def _unknown(said: Value, at: Span) -> Unknown | None:
    what, _, expression = str(said).partition(" ")
    return Unknown(what=what, expression=expression, at=at) if what else None
