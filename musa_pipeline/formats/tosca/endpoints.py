"""Where a template listens, who can reach it, and what its machine must have: facts in capabilities and properties."""

from typing import Final

from musa_pipeline.domain.cpim import Port, Resources
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.p1_read import entries, is_null, word
from musa_pipeline.formats.tosca.scalars import GIB, MIB, boolean, size, whole
from musa_pipeline.formats.tosca.templates import Model, Template
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_ENDPOINT: Final = "tosca.capabilities.Endpoint"
_PUBLIC: Final = "tosca.capabilities.Endpoint.Public"
_HIGHEST: Final = 65_535
_PORT_KEYS: Final = ("target", "targetPort", "containerPort", "port", "source", "published")
_OPEN: Final = ("nodePort", "hostPort")
_ASKED: Final = frozenset({"num_cpus", "mem_size", "disk_size"})
_ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})


def port_of(model: Model, template: Template, number: Node | None, protocol: Node | None, secure: Node | None) -> Port:
    """Return a port from three values of the file; what is not a port number or not yes or no is an error."""
    return Port(
        number=_number(model, number, template),
        protocol=model.values.text(protocol, template.name).lower(),
        secure=yes_or_no(model, secure, template, "secure"),
    )


def ports_of(model: Model, template: Template) -> dict[str, tuple[Port, ...]]:
    """Return the ports of each endpoint capability; those of properties and lists of ports under ''."""
    found: dict[str, list[Port]] = {"": _own_ports(model, template)}
    names = {**template.type.capabilities, **template.capabilities.entries}
    for name in names:
        if _is_endpoint(model, template, name):
            found[name] = _endpoint_ports(model, template, name)
    return {name: _tidy(ports) for name, ports in found.items() if ports}


def exposed(model: Model, template: Template) -> bool | None:
    """Tell whether a template says that it can be reached from outside; None if it does not say."""
    said = model.raw(template.name, "exposed")
    if said is not None:
        return yes_or_no(model, model.property(template, "exposed"), template, "exposed")
    private = False
    for name in {**template.type.capabilities, **template.capabilities.entries}:
        if not _is_endpoint(model, template, name):
            continue
        network = model.values.text(model.capability_property(template, name, "network_name"), template.name).upper()
        if network == "PUBLIC" or _PUBLIC in _capability(model, template, name):
            return True
        private = private or network == "PRIVATE"
    if any(isinstance(each, Mapping) and any(key in each.entries for key in _OPEN) for each in _listed(model, template)):
        return True
    return False if private else None


def opens_to_all(template: Template) -> bool:
    """Tell whether a firewall part lets in any address."""
    pending: list[Node] = [template.properties]
    while pending:
        node = pending.pop()
        if isinstance(node, Scalar):
            if node.text in _ANYWHERE:
                return True
        else:
            pending.extend(node.items if isinstance(node, Sequence) else node.entries.values())
    return False


def resources_of(model: Model, template: Template) -> Resources:
    """Return what the `host` capability asks for: cores, memory, disk; and the operating system (TOSCA 1.3, section 5.5)."""
    if (
        not {"host", "os"} & (template.capabilities.entries.keys() | template.type.capabilities.keys())
        and not _ASKED & template.properties.entries.keys()
    ):
        return Resources()
    system = " ".join(filter(None, (_os(model, template, "distribution"), _os(model, template, "version"))))
    return Resources(
        cores=_cores(model, template),
        memory=_size(model, template, "mem_size", MIB),
        storage=_size(model, template, "disk_size", GIB),
        os=(
            system if _os(model, template, "distribution") else _os(model, template, "type") or _os(model, template, "image")
        ).lower(),
    )


def volume_of(model: Model, template: Template) -> int:
    """Return the size of a storage volume in GiB; 0 if it does not say."""
    return size_of(model, template, model.property(template, "size"), GIB)


def instances_of(model: Model, template: Template) -> int:
    """Return how many instances the template wants to begin with, at least one."""
    for node in (
        template.properties.get("instances"),
        template.properties.get("count"),
        template.body.get("count"),
        *(model.capability_property(template, "scalable", key) for key in ("default_instances", "count", "min_instances")),
    ):
        found = model.values.scalar(node, template.name)
        number = whole(found.value) if found else None
        if number:
            return min(number, 10_000)
    return 1


def yes_or_no(model: Model, node: Node | None, template: Template, name: str) -> bool | None:
    """Return a boolean; an error if something else is written, None if it is unknown."""
    found = model.values.scalar(node, template.name)
    if found is None or node is None:
        return None
    value = boolean(found.value)
    if value is None:
        text = f"{name!r} of component {template.name!r} is {found.text!r}, neither yes nor no"
        model.findings.fault("T023", node.at, text, "write true or false")
    return value


def size_of(model: Model, template: Template, node: Node | None, unit: int) -> int:
    """Return a size in a unit; an error if something else is written, 0 if it is unknown."""
    found = model.values.scalar(node, template.name)
    if found is None or node is None:
        return 0
    value = size(found.value, unit)
    if value is None:
        model.findings.fault(
            "T023", node.at, f"{found.text!r} of component {template.name!r} is no size", "write 4 GB or 512 MiB"
        )
    return value or 0


def _is_endpoint(model: Model, template: Template, name: str) -> bool:
    if template.isa("tosca.nodes.Compute") and name not in template.capabilities.entries:
        return False  # the norm gives every machine an endpoint for its administration, said or not
    chain = _capability(model, template, name)
    return _ENDPOINT in chain or (
        not model.types.name("capability_types", chain[0] if chain else "") and "endpoint" in name.lower()
    )


def _capability(model: Model, template: Template, name: str) -> tuple[str, ...]:
    written = template.type.capabilities.get(name, "")
    return model.types.chain("capability_types", written) if written else ()


def _endpoint_ports(model: Model, template: Template, name: str) -> list[Port]:
    number, protocol, secure = (model.capability_property(template, name, key) for key in ("port", "protocol", "secure"))
    ports = []
    listed = model.capability_property(template, name, "ports")
    for _, each, _ in entries(listed):
        if isinstance(each, Mapping):
            ports.append(
                port_of(model, template, each.get("target") or each.get("source"), each.get("protocol") or protocol, secure)
            )
    own = port_of(model, template, number, protocol, secure)
    return ports if ports and own.number is None else [own, *ports] if own != Port() else ports


def _own_ports(model: Model, template: Template) -> list[Port]:
    own = [model.property(template, key) for key in ("port", "protocol", "secure")]
    if template.type.chain and not any(each.startswith("musa.") for each in template.type.chain):
        own[1:] = [own[1], None]  # `secure` is our word; other types mean other things by it
    ports = [port_of(model, template, *own)]
    for each in _listed(model, template):
        if isinstance(each, Scalar):
            inner = each.text.rpartition(":")[2].partition("/")[0]
            number = whole(inner)
            ports.append(Port(number=number if number and number <= _HIGHEST else None))
        elif isinstance(each, Mapping):
            number_node = next((each.get(key) for key in _PORT_KEYS if each.get(key)), None)
            found = model.values.scalar(number_node, template.name)
            number = whole(found.value) if found else None
            protocol = word(each.get("protocol")).lower()
            ports.append(Port(number=number if number and number <= _HIGHEST else None, protocol=protocol))
    return [each for each in ports if each != Port()]


def _listed(model: Model, template: Template) -> list[Node]:
    """Return the entries of a property `ports`, as container types in the wild have it: a list, or a mapping."""
    node = model.property(template, "ports")
    if isinstance(node, Sequence):
        return node.items
    return list(node.entries.values()) if isinstance(node, Mapping) else []


def _number(model: Model, node: Node | None, template: Template) -> int | None:
    found = model.values.scalar(node, template.name)
    if found is None or node is None:
        return None
    number = whole(found.value)
    if number is None or not 0 < number <= _HIGHEST:
        text = f"port of component {template.name!r} is {found.text!r}"
        model.findings.fault("T023", node.at, text, f"a port is a number from 1 to {_HIGHEST}")
        return None
    return number


def _tidy(ports: list[Port]) -> tuple[Port, ...]:
    return tuple(sorted(dict.fromkeys(ports), key=lambda each: (each.number or 0, each.protocol, str(each.secure))))


def _os(model: Model, template: Template, name: str) -> str:
    return model.values.text(model.capability_property(template, "os", name), template.name)


def _asked(model: Model, template: Template, name: str) -> Node | None:
    """Return what is asked of the `host` capability, or, as several dialects write it, of the node itself."""
    found = model.capability_property(template, "host", name)
    return found if found is not None and not is_null(found) else template.properties.get(name)


def _cores(model: Model, template: Template) -> int:
    node = _asked(model, template, "num_cpus")
    found = model.values.scalar(node, template.name)
    if found is None or node is None:
        return 0
    number = whole(found.value)
    if number is None:
        text = f"num_cpus of component {template.name!r} is {found.text!r}"
        model.findings.fault("T023", node.at, text, "write a whole number")
    return number or 0


def _size(model: Model, template: Template, name: str, unit: int) -> int:
    return size_of(model, template, _asked(model, template, name), unit)


def span_of(node: Node | None, other: Span) -> Span:
    """Return the place of a node, or another one if there is none."""
    return node.at if node is not None else other
