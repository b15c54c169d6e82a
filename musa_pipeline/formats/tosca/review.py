"""What is told of a whole model beside its components: secrets in clear, functions that lead nowhere, plain ways to people's data."""

from collections.abc import Iterable
from typing import Final

from musa_pipeline.domain.cpim import Component, Connection, DataClass, Port
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.artifacts import check_artifacts, check_repositories
from musa_pipeline.formats.tosca.p1_read import entries, items, word
from musa_pipeline.formats.tosca.secrets import (
    credentials_of,
    report_credentials,
    report_input_secret,
    report_interface_secrets,
    report_secrets,
)
from musa_pipeline.formats.tosca.templates import Model, Space
from musa_pipeline.formats.tosca.values import KEYWORDS, function_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

PLAIN: Final = frozenset({"http", "ftp", "telnet", "ldap", "amqp", "mqtt", "ws", "imap", "pop3", "smtp"})
"""Protocols that send what they carry as it is."""
_PERSONAL: Final = (DataClass.PERSONAL, DataClass.SPECIAL)
_OF_NODES: Final = frozenset({"get_property", "get_attribute", "get_artifact", "get_operation_output"})
_SECTIONS: Final = ("outputs", "groups", "relationship_templates")


def review(model: Model, told: set[Span]) -> None:
    """Report secrets in clear, inputs and templates that are asked for but not there, and artifacts that nobody can trust."""
    for space in model.spaces:
        _review_space(model, space)
    for name, template in model.every.items():
        for key in ("properties", "attributes", "capabilities", "requirements", "artifacts"):
            report_secrets(name, template.body, key, model.findings)
        report_credentials(name, template.properties, credentials_of(model, template), model.findings)
        report_interface_secrets(name, template.body, model.findings, told)
        _check_functions(model, template.space, template.body, name)
        check_artifacts(model, template)
    check_repositories(model, [(name, body) for name, body, _ in entries(model.topology.root.get("repositories"))])


def _review_space(model: Model, space: Space) -> None:
    topology, findings = space.topology, model.findings
    for name, definition, at in entries(topology.inputs):
        kind = word(definition.get("type")) if isinstance(definition, Mapping) else ""
        report_input_secret(name, definition, at, findings, kind)
    for _, policy, _ in entries(topology.policies):
        if isinstance(policy, Mapping):
            report_secrets("policies", policy, "properties", findings, "section")
        _check_functions(model, space, policy, "")
    for name, body, _ in entries(topology.groups):
        for node in items(body.get("members")) if isinstance(body, Mapping) else ():
            if word(node) and space.prefix + word(node) not in model.every and word(node) not in topology.groups.entries:
                close = findings.near(word(node), topology.nodes.entries, topology.groups.entries)
                text = f"group {name!r} has the member {word(node)!r}, which the model does not have"
                findings.fault("T012", node.at, text, close or "write the name of a node template or group of this file")
    for section in _SECTIONS:
        if (said := topology.body.get(section)) is not None:
            report_secrets(section, topology.body, section, findings, "section")
            _check_functions(model, space, said, "")


def _check_functions(model: Model, space: Space, node: Node, me: str) -> None:
    """Report inputs and templates that functions name and the model does not have; find circles of functions."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, Sequence):
            pending.extend(each.items)
        elif isinstance(each, Mapping):
            name = function_of(each)
            if name == "get_input":
                _check_input(model, space, next(iter(each.entries.values())))
            elif name in _OF_NODES:
                _check_entity(model, space, name, next(iter(each.entries.values())))
                if name == "get_property" and me:
                    model.values.node(each, me)
            pending.extend(each.entries.values())


def _check_input(model: Model, space: Space, argument: Node) -> None:
    known = space.topology.inputs.entries
    first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
    if isinstance(first, Scalar) and first.text not in known and first.text not in space.inputs:
        close = model.findings.near(first.text, known)
        text = f"input {first.text!r} is asked for, but the model does not declare it"
        model.findings.fault("T022", first.at, text, close or "declare it below topology_template, inputs")


def _check_entity(model: Model, space: Space, name: str, argument: Node) -> None:
    first = argument.items[0] if isinstance(argument, Sequence) and argument.items else None
    if not isinstance(first, Scalar) or first.text in KEYWORDS or not first.text:
        return
    topology = space.topology
    if space.prefix + first.text in model.every or any(
        first.text in each.entries for each in (topology.relationships, topology.groups)
    ):
        return
    close = model.findings.near(first.text, topology.nodes.entries)
    text = f"{name} names {first.text!r}, which the model does not have"
    model.findings.warn("T062", first.at, text, close or "write SELF, HOST or the name of a node template")


def tell_plain_ways(model: Model, components: Iterable[Component], connections: Iterable[Connection]) -> None:
    """Note connections to personal data, and doors of it, whose protocol does not encrypt."""
    holders: dict[ComponentId, Component] = {
        each.id: each for each in components if any(data.classification in _PERSONAL for data in each.data)
    }
    for component in holders.values():
        plain = next((port for port in component.ports if _is_plain(port)), None)
        if plain is not None and component.exposed:
            text = f"component {component.name!r} holds personal data and can be reached from outside {_by(plain)}"
            model.findings.note("T073", component.at, text, "offer it over TLS and write 'secure: true'")
    plain_ones: dict[ComponentId, list[Connection]] = {}
    for connection in connections:
        if connection.target in holders and _is_plain(connection.port):
            plain_ones.setdefault(connection.target, []).append(connection)
    for target, some in plain_ones.items():
        sources = ", ".join(repr(str(each.source)) for each in some[:5]) + (" and others" if len(some) > 5 else "")
        verb = "reaches" if len(some) == 1 else "reach"
        text = f"{sources} {verb} the personal data of {holders[target].name!r} {_by(some[0].port)}"
        model.findings.note("T073", some[0].at, text, "use TLS and write 'secure: true'")


def _is_plain(port: Port) -> bool:
    """Tell whether what goes there is not encrypted, by what the model says."""
    return port.secure is False or (port.protocol in PLAIN and not port.secure)


def _by(port: Port) -> str:
    return f"over plain {port.protocol}" if port.protocol in PLAIN else "without encryption"
