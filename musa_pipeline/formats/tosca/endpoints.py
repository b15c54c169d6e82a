"""Where a template listens, who can reach it, and what its machine must have: facts in capabilities and properties."""

from dataclasses import replace
from typing import Final

from musa_pipeline.domain.cpim import Port, Resources
from musa_pipeline.formats.tosca.p1_read import at_path, entries, is_null, word
from musa_pipeline.formats.tosca.scalars import GIB, MIB, boolean, size, whole
from musa_pipeline.formats.tosca.templates import Model, Template
from musa_pipeline.formats.tosca.values import Me, function_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

_ENDPOINT: Final = "tosca.capabilities.Endpoint"
_PUBLIC: Final = "tosca.capabilities.Endpoint.Public"
_ADMIN: Final = "tosca.capabilities.Endpoint.Admin"
_HIGHEST: Final = 65_535
_MOST_INSTANCES: Final = 10_000
_PORT_KEYS: Final = ("target", "targetPort", "containerPort", "port", "source", "published")
_OPEN: Final = ("nodePort", "hostPort")
_ASKED: Final = frozenset({"num_cpus", "mem_size", "disk_size"})
_GIVING: Final = frozenset({"host", "os", "virtual_compute"})
_VIRTUAL: Final = {"num_cpus": ("virtual_cpu", "num_virtual_cpu"), "mem_size": ("virtual_memory", "virtual_mem_size")}
"""Where the NFV profile says what a machine must have (ETSI SOL001, 6.6.6)."""


def port_of(
    model: Model,
    template: Template,
    number: Node | None,
    protocol: Node | None,
    secure: Node | None,
    path: Node | None = None,
    me: Me = "",
) -> Port:
    """Return a port from values of the file; what is not a port number or not yes or no is an error.

    `me` is what SELF means in them, unless it is the template.
    """
    me = me or template.name
    return Port(
        number=_number(model, number, template, me),
        protocol=model.values.text(protocol, me).lower(),
        secure=yes_or_no(model, secure, template, "secure", me),
        path=model.values.text(path, me),
    )


def port_key(port: Port) -> tuple[int, str, str, str]:
    """Return what ports are sorted by."""
    return (port.number or 0, port.protocol, str(port.secure), port.path)


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
        written = model.values.text(model.capability_property(template, name, "network_name"), template.name)
        network = written.upper().rpartition(".")[2]  # indigo: <vpc>.<subnet>.PUBLIC
        if network == "PUBLIC" or _PUBLIC in _capability(model, template, name):
            return True
        private = private or network == "PRIVATE"
    if any(isinstance(each, Mapping) and any(key in each.entries for key in _OPEN) for each in _listed(model, template)):
        return True
    return False if private else None


def resources_of(model: Model, template: Template) -> Resources:
    """Return what the `host` capability asks for: cores, memory, disk; and the operating system (TOSCA 1.3, section 5.5)."""
    if (
        not _GIVING & (template.capabilities.entries.keys() | template.type.capabilities.keys())
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
        model.values.deep(at_path(template.properties, "instances", "deploy"), template.name),
        at_path(_profile(model, template), "min_number_of_instances"),
    ):
        if number := _instances(model, node, template):
            return number
    return 1


def most_instances_of(model: Model, template: Template) -> int:
    """Return how many instances the template may have when it is scaled; 0 if it does not say."""
    said = model.capability_property(template, "scalable", "max_instances")
    return _instances(model, said, template) or _instances(
        model, at_path(_profile(model, template), "max_number_of_instances"), template
    )


def initiator_of(model: Model, template: Template, capability: str) -> str:
    """Return who opens connections to an endpoint: source, target or peer; that of the only endpoint if none is named."""
    names = (
        [capability] if capability else [name for name in template.capabilities.entries if _is_endpoint(model, template, name)]
    )
    said = {model.values.text(model.capability_property(template, name, "initiator"), template.name).lower() for name in names}
    return said.pop() if len(said) == 1 and said <= {"source", "target", "peer"} else "source"


def _instances(model: Model, node: Node | None, template: Template) -> int:
    found = model.values.scalar(node, template.name)
    return min((whole(found.value) if found else None) or 0, _MOST_INSTANCES)


def _profile(model: Model, template: Template) -> Node | None:
    """Return how many instances a VDU of the NFV profile may have (ETSI SOL001, 6.8.1)."""
    return model.values.deep(template.properties.get("vdu_profile"), template.name)


def yes_or_no(model: Model, node: Node | None, template: Template, name: str, me: Me = "") -> bool | None:
    """Return a boolean; an error if something else is written, None if it is unknown."""
    found = model.values.scalar(node, me or template.name)
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
    wanted = ("port", "protocol", "secure", "url_path")
    number, protocol, secure, path = (model.capability_property(template, name, key) for key in wanted)
    ports = []
    listed = model.capability_property(template, name, "ports")
    for _, each, _ in entries(listed):
        if isinstance(each, Mapping):
            ports.append(
                port_of(model, template, each.get("target") or each.get("source"), each.get("protocol") or protocol, secure)
            )
    own = port_of(model, template, number, protocol, secure, path)
    if own.number is not None and own.secure is None and _ADMIN in _capability(model, template, name):
        own = replace(own, secure=True)  # TOSCA 1.3, section 5.5.8: an endpoint for administration is secure
    return ports if ports and own.number is None else [own, *ports] if own != Port() else ports


def _own_ports(model: Model, template: Template) -> list[Port]:
    own = [model.property(template, key) for key in ("port", "protocol", "secure")]
    if template.type.chain and not any(each.startswith("musa.") for each in template.type.chain):
        own[1:] = [own[1], None]  # `secure` is our word; other types mean other things by it
    ports = [port_of(model, template, own[0], own[1], own[2])]
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
    if not isinstance(node, Mapping):
        return []
    # TosKer: a mapping from the container's port to that of its host
    return [Scalar(int(key), key, node.keys[key]) if whole(key) and not _is_port(each) else each for key, each in node]


def _is_port(node: Node) -> bool:
    return isinstance(node, Mapping) and not function_of(node)


def _number(model: Model, node: Node | None, template: Template, me: Me = "") -> int | None:
    found = model.values.scalar(node, me or template.name)
    if found is None or node is None:
        return None
    number = whole(found.value)
    if number is None or not 0 < number <= _HIGHEST:
        text = f"port of component {template.name!r} is {found.text!r}"
        model.findings.fault("T023", node.at, text, f"a port is a number from 1 to {_HIGHEST}")
        return None
    return number


def _tidy(ports: list[Port]) -> tuple[Port, ...]:
    return tuple(sorted(dict.fromkeys(ports), key=port_key))


def _os(model: Model, template: Template, name: str) -> str:
    return model.values.text(model.capability_property(template, "os", name), template.name)


def _asked(model: Model, template: Template, name: str) -> Node | None:
    """Return what is asked of the `host` capability, or, as several dialects write it, of the node itself."""
    found = model.capability_property(template, "host", name)
    if found is not None and not is_null(found):
        return found
    if name in _VIRTUAL and "virtual_compute" in template.type.capabilities.keys() | template.capabilities.entries.keys():
        group, inner = _VIRTUAL[name]
        return at_path(model.values.deep(model.raw_capability(template.name, "virtual_compute", group), template.name), inner)
    return model.property(template, name) if name in template.properties.entries else None


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
