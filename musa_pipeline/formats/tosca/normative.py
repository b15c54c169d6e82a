"""The normative types of TOSCA Simple Profile 1.0 to 1.3 (section 5) as facts: parents, capabilities, requirements."""

from typing import Final

_NODES = """
Root
Abstract.Compute Root
Compute Abstract.Compute
SoftwareComponent Root
WebServer SoftwareComponent
WebApplication Root
DBMS SoftwareComponent
Database Root
Abstract.Storage Root
Storage.ObjectStorage Abstract.Storage
Storage.BlockStorage Abstract.Storage
ObjectStorage Abstract.Storage
BlockStorage Abstract.Storage
Container.Runtime SoftwareComponent
Container.Application Root
LoadBalancer Root
network.Network Root
network.Port Root
"""
_CAPABILITIES = """
Root
Node Root
Container Root
Compute Container
Network Root
Storage Root
Endpoint Root
Endpoint.Public Endpoint
Endpoint.Admin Endpoint
Endpoint.Database Endpoint
Attachment Root
OperatingSystem Root
Scalable Root
network.Bindable Node
network.Linkable Node
Container.Docker Container
"""
_RELATIONSHIPS = """
Root
DependsOn Root
HostedOn Root
ConnectsTo Root
AttachesTo Root
RoutesTo ConnectsTo
network.LinksTo DependsOn
network.BindsTo DependsOn
"""
_POLICIES = """
Root
Placement Root
Scaling Root
Update Root
Performance Root
"""

_OFFERS: Final = {
    "Root": "feature:Node",
    "Abstract.Compute": "host:Compute",
    "Compute": "host:Compute endpoint:Endpoint.Admin os:OperatingSystem scalable:Scalable binding:network.Bindable",
    "WebServer": "data_endpoint:Endpoint admin_endpoint:Endpoint.Admin host:Container",
    "WebApplication": "app_endpoint:Endpoint",
    "DBMS": "host:Container",
    "Database": "database_endpoint:Endpoint.Database",
    "Storage.ObjectStorage": "storage_endpoint:Endpoint",
    "ObjectStorage": "storage_endpoint:Endpoint",
    "Storage.BlockStorage": "attachment:Attachment",
    "BlockStorage": "attachment:Attachment",
    "Container.Runtime": "host:Compute scalable:Scalable",
    "LoadBalancer": "client:Endpoint.Public",
    "network.Network": "link:network.Linkable",
}
_NEEDS: Final = {
    "Root": "dependency:Node:Root:DependsOn",
    "Compute": "local_storage:Attachment:BlockStorage:AttachesTo",
    "SoftwareComponent": "host:Container:Compute:HostedOn",
    "WebApplication": "host:Container:WebServer:HostedOn",
    "Database": "host:Container:DBMS:HostedOn",
    "Container.Application": "host:Container:Container.Runtime:HostedOn storage:Storage:: network:Endpoint::",
    "LoadBalancer": "application:Endpoint::RoutesTo",
    "network.Port": "link:network.Linkable::network.LinksTo binding:network.Bindable::network.BindsTo",
}


def _table(prefix: str, text: str) -> dict[str, str]:
    rows = (line.split() for line in text.strip().splitlines())
    return {f"{prefix}.{row[0]}": f"{prefix}.{row[1]}" if len(row) > 1 else "" for row in rows}


PARENTS: Final[dict[str, dict[str, str]]] = {
    "node_types": _table("tosca.nodes", _NODES),
    "capability_types": _table("tosca.capabilities", _CAPABILITIES),
    "relationship_types": _table("tosca.relationships", _RELATIONSHIPS),
    "policy_types": _table("tosca.policies", _POLICIES),
    "group_types": {"tosca.groups.Root": ""},
}
"""Type -> parent for each section; '' for a root."""

CAPABILITIES: Final[dict[str, dict[str, str]]] = {
    f"tosca.nodes.{node}": {name: f"tosca.capabilities.{kind}" for name, kind in (each.split(":") for each in offered.split())}
    for node, offered in _OFFERS.items()
}
"""Node type -> its own capabilities by name, each with its type."""


def _full(section: str, name: str) -> str:
    return f"tosca.{section}.{name}" if name else ""


REQUIREMENTS: Final[dict[str, dict[str, tuple[str, str, str]]]] = {
    f"tosca.nodes.{node}": {
        name: (_full("capabilities", capability), _full("nodes", target), _full("relationships", relationship))
        for name, capability, target, relationship in (each.split(":") for each in needed.split())
    }
    for node, needed in _NEEDS.items()
}
"""Node type -> its own requirements by name: capability type, node type and relationship type, '' where open."""

PREFIXES: Final = {
    "node_types": "tosca.nodes.",
    "capability_types": "tosca.capabilities.",
    "relationship_types": "tosca.relationships.",
    "policy_types": "tosca.policies.",
    "group_types": "tosca.groups.",
}
PROPERTIES: Final = frozenset(
    {"component_version", "admin_credential", "context_root", "name", "port", "user", "password", "size"}
)
"""Properties of normative node types that types derived from them may set."""
