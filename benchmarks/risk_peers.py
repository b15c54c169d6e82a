"""A model in the words of two threat modelling tools: pytm's API and Threagile's YAML, with what the model says and nothing more."""

import json
from typing import Any

from musa_pipeline.domain.cpim import Component, Cpim, DataClass, Role, Trust

STORES = {"database", "object-store", "file-store", "cache", "key-store", "container-registry", "message-broker"}
SERVERS = {"web-server", "web-application", "api", "load-balancer", "identity-provider"}
TECHNOLOGIES = {
    "api": "web-service-rest",
    "build-pipeline": "build-pipeline",
    "cache": "database",
    "container-registry": "artifact-registry",
    "container-runtime": "container-platform",
    "database": "database",
    "file-store": "file-server",
    "function": "function",
    "identity-provider": "identity-provider",
    "iot-device": "iot-device",
    "key-store": "vault",
    "load-balancer": "load-balancer",
    "message-broker": "message-queue",
    "mobile-client": "mobile-app",
    "network": "gateway",
    "object-store": "block-storage",
    "web-application": "web-application",
    "web-server": "web-server",
    "worker": "batch-processing",
}
CONFIDENTIALITY = {
    DataClass.PUBLIC: "public",
    DataClass.INTERNAL: "internal",
    DataClass.CONFIDENTIAL: "confidential",
    DataClass.PERSONAL: "confidential",
    DataClass.SPECIAL: "strictly-confidential",
}
CLASSES = {
    DataClass.PUBLIC: "PUBLIC",
    DataClass.INTERNAL: "RESTRICTED",
    DataClass.CONFIDENTIAL: "SENSITIVE",
    DataClass.PERSONAL: "SENSITIVE",
    DataClass.SPECIAL: "SECRET",
}
PROTOCOLS = {"http": "http", "https": "https", "mqtt": "mqtt", "ssh": "ssh", "ldap": "ldap", "ldaps": "ldaps"}

PYTM = """
import json, sys, time
model = json.load(open(sys.argv[1]))
from pytm import TM, Boundary, Classification, Data, Dataflow, Datastore, ExternalEntity, Lambda, Process, Server
kinds = {each.__name__: each for each in (Datastore, ExternalEntity, Lambda, Process, Server)}
tm = TM(model["name"]); tm.isOrdered = False
zones = {each: Boundary(each) for each in model["zones"]}
parts, sets = {}, {}
for each in model["parts"]:
    part = parts[each["id"]] = kinds[each["element"]](each["id"])
    if each["zone"]: part.inBoundary = zones[each["zone"]]
    if each["external"]: part.inScope = False
    sets[each["id"]] = [Data(name, classification=Classification[said], isPII=personal) for name, said, personal in each["data"]]
for each in model["flows"]:
    flow = Dataflow(parts[each["source"]], parts[each["target"]], each["id"])
    flow.protocol, flow.dstPort, flow.controls.isEncrypted = each["protocol"], each["port"], each["encrypted"]
    if sets[each["target"]]: flow.data = sets[each["target"]]
tm.resolve()
print(json.dumps([[each.severity, bool(each.mitigations), each.threat_id] for each in tm.findings]))
"""


def for_pytm(cpim: Cpim) -> str:
    """Return what the script above makes elements of; machines are none in pytm."""
    parts = [each for each in cpim.components if each.role is not Role.HOST]
    kept = {each.id for each in parts}
    return json.dumps(
        {
            "name": cpim.name,
            "zones": [each.name for each in cpim.zones],
            "parts": [
                {
                    "id": each.id,
                    "element": _element(each),
                    "zone": each.zone,
                    "external": each.role is Role.EXTERNAL,
                    "data": [
                        (one.name, CLASSES[one.classification], one.classification in ("personal", "special"))
                        for one in each.data
                    ],
                }
                for each in parts
            ],
            "flows": [
                {
                    "id": f"{each.source} to {each.target}",
                    "source": each.source,
                    "target": each.target,
                    "protocol": each.port.protocol.upper(),
                    "port": each.port.number or -1,
                    "encrypted": bool(each.port.secure),
                }
                for each in cpim.connections
                if {each.source, each.target} <= kept
            ],
        }
    )


def _element(component: Component) -> str:
    if component.role is Role.EXTERNAL:
        return "ExternalEntity"
    if component.kind in STORES:
        return "Datastore"
    if component.kind == "function":
        return "Lambda"
    return "Server" if component.kind in SERVERS else "Process"


def for_threagile(cpim: Cpim) -> str:
    """Return a Threagile model; JSON is YAML. Machines are shared runtimes, zones trust boundaries."""
    machines = {each.id for each in cpim.components if each.role is Role.HOST}
    names = {each.id: f"{each.name} ({each.id})" for each in cpim.components}
    sets = {(one.name, one.classification): "" for each in cpim.components for one in each.data}
    for number, key in enumerate(sorted(sets), 1):
        sets[key] = f"data-{number}"
    links: dict[str, dict[str, Any]] = {}
    for each in cpim.connections:
        if not {each.source, each.target} & machines:
            held = next(part for part in cpim.components if part.id == each.target).data if len(cpim.components) < 500 else ()
            links.setdefault(each.source, {})[f"{each.source} to {each.target} {len(links.get(each.source, ()))}"] = {
                "target": each.target, "description": "uses", "protocol": PROTOCOLS.get(each.port.protocol.lower(), "unknown-protocol"),
                "authentication": "none", "authorization": "none", "tags": [], "vpn": False, "ip_filtered": False, "readonly": False,
                "usage": "business", "data_assets_sent": sorted({sets[one.name, one.classification] for one in held}), "data_assets_received": [],
            }  # fmt: skip
    machine_of = _machines(cpim, machines)
    return json.dumps(
        {
            "threagile_version": "1.0.0", "title": cpim.name, "date": "2026-01-01", "author": {"name": "-", "homepage": ""},
            "business_criticality": "important", "tags_available": [], "security_requirements": {}, "abuse_cases": {}, "questions": {},
            "data_assets": {f"{name} {kind}": _asset(key, CONFIDENTIALITY[kind]) for (name, kind), key in sets.items()},
            "technical_assets": {
                names[each.id]: _technical(each, sets, links.get(each.id, {})) for each in cpim.components if each.id not in machines
            },
            "trust_boundaries": {
                zone.name: {
                    "id": f"zone-{number}", "description": "zone", "type": "network-cloud-security-group", "tags": [], "trust_boundaries_nested": [],
                    "technical_assets_inside": [each.id for each in cpim.components if each.zone == zone.name and each.id not in machines],
                }
                for number, zone in enumerate(cpim.zones)
            },
            "shared_runtimes": {
                names[machine]: {"id": f"runtime-{machine}", "description": "machine", "tags": [], "technical_assets_running": some}
                for machine, some in machine_of.items()
            },
            "individual_risk_categories": {}, "risk_tracking": {},
        }
    )  # fmt: skip


def _machines(cpim: Cpim, machines: set[Any]) -> dict[Any, list[str]]:
    """Return what runs on each machine, at once or by others."""
    hosts = {each.id: each.host for each in cpim.components}
    found: dict[Any, list[str]] = {}
    for each in cpim.components:
        host = each.host
        while host is not None and host not in machines:
            host = hosts[host]
        if host is not None:
            found.setdefault(host, []).append(each.id)
    return found


def _asset(key: str, confidentiality: str) -> dict[str, Any]:
    return {
        "id": key, "description": "data", "usage": "business", "tags": [], "origin": "-", "owner": "-", "quantity": "many",
        "confidentiality": confidentiality, "integrity": "important", "availability": "important", "justification_cia_rating": "-",
    }  # fmt: skip


def _technical(each: Component, sets: dict[Any, str], links: dict[str, Any]) -> dict[str, Any]:
    external = each.role is Role.EXTERNAL
    kind = "external-entity" if external else "datastore" if each.kind in STORES else "process"
    held = sorted({sets[one.name, one.classification] for one in each.data})
    return {
        "id": each.id, "description": str(each.kind), "type": kind, "usage": "business", "used_as_client_by_human": False,
        "out_of_scope": external, "justification_out_of_scope": "run by others" if external else "", "size": "component",
        "technology": TECHNOLOGIES.get(each.kind, "unknown-technology"), "tags": [], "internet": bool(each.exposed) or each.zone == Trust.PUBLIC,
        "machine": "virtual", "encryption": "none", "owner": "-", "confidentiality": "confidential" if each.data else "internal",
        "integrity": "important", "availability": "important", "justification_cia_rating": "-", "multi_tenant": False, "redundant": False,
        "custom_developed_parts": each.role is Role.COMPONENT, "data_assets_processed": held,
        "data_assets_stored": held if each.kind in STORES else [], "data_formats_accepted": [], "communication_links": links,
    }  # fmt: skip
