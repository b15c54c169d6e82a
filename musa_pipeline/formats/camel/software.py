"""Software, containers and platforms of CAMEL 2 and 3: what configures them, what they ask for, what they run on."""

from dataclasses import replace
from typing import Any, Final

from musa_pipeline.domain.cpim import Role
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.camel.draft import Draft, Reading
from musa_pipeline.formats.camel.geography import Geography
from musa_pipeline.formats.camel.hardware import resources
from musa_pipeline.formats.camel.names import unquoted

KINDS: Final = ("Software", "Container", "Platform")
"""What CAMEL 2 and 3 call components."""
_RUNTIME: Final = "container-runtime"
_FUNCTION: Final = "function"


def kind_by_statement(node: Any) -> str:
    """Return the kind of component that the statement itself says, if it does."""
    configured = {type(each).__name__ for each in node.configurations}
    if "ServerlessConfiguration" in configured:
        return _FUNCTION
    hosts = type(node).__name__ == "Platform" or (type(node).__name__ == "Container" and bool(node.hosts))
    return _RUNTIME if hosts else ""


def annotations(node: Any) -> list[str]:
    """Return what a component is annotated with, the last word of each path first: `...RDBMS.MySQL`."""
    paths = [path for each in node.annotations for path in each.of]
    return [part.strip().strip("_").lower() for path in paths for part in reversed(path.split(".")[-2:])]


def configured(reading: Reading, node: Any) -> list[Any]:
    """Return the script configurations that count: the first configuration's; a component has variants, we deploy one."""
    found = node.configurations
    for each in found[1:]:
        reading.unused.tell("variant", each)
    first = found[:1]
    for each in first:
        _tell_unused(reading, each)
    return [each for each in first if type(each).__name__ == "ScriptConfiguration"]


def _tell_unused(reading: Reading, configuration: Any) -> None:
    kind = type(configuration).__name__
    if kind == "ClusterConfiguration":
        reading.unused.tell("cluster", configuration)
    elif kind == "PlatformConfiguration":
        reading.unused.tell("platform", configuration)
    elif kind == "ServerlessConfiguration" and (configuration.binary or configuration.build or configuration.event):
        reading.unused.tell("build", configuration)
    elif kind in ("ImageConfiguration", "ScriptConfiguration") and configuration.image:
        reading.unused.tell("vm image", configuration)
    if getattr(configuration, "environment", None) or getattr(configuration, "parameters", None):
        reading.unused.tell("environment", configuration)


def container_image(node: Any) -> Any:
    """Return the configuration whose container image a component runs as, or None."""
    first = node.configurations[:1]
    return next((each for each in first if type(each).__name__ == "ContainerConfiguration" and each.image), None)


def ask(reading: Reading) -> None:
    """Give components what their requirement sets ask for: those for all first, then their own, then their configuration's."""
    common = [node for node in (reading.node(each.set) for each in reading.all("GlobalSet")) if node]
    geography = Geography(reading)
    for draft in reading.drafts.values():
        node = draft.named.node
        if type(node).__name__ == "VM" and (node.attributes or node.features):
            draft.resources = resources(reading, node, draft.resources)
        if type(node).__name__ not in (*KINDS, "VM") or not reading.younger:
            continue
        own = [each for each in map(reading.node, node.sets) if each]
        for each in (node, *node.configurations) if type(node).__name__ in KINDS else ():
            if each.attributes or each.features:
                reading.unused.tell("component attribute", each)
        if type(node).__name__ == "Software" and node.together:
            reading.unused.tell("lifetime", node)
        of_configuration = [each for configuration in node.configurations[:1] for each in configuration.requirements]
        for wanted in (*(common if type(node).__name__ != "VM" else ()), *own, *of_configuration):
            _apply(geography, draft, wanted)


def _apply(geography: Geography, draft: Draft, wanted: Any) -> None:
    reading = geography.reading
    draft.resources = resources(reading, reading.node(wanted.resource), draft.resources)
    draft.resources = resources(reading, reading.node(wanted.vertical), draft.resources)
    draft.resources = resources(reading, wanted, draft.resources)
    _system(reading, draft, wanted)
    if wanted.location is not None:
        draft.countries = geography.wanted(wanted.location) or draft.countries
    scale = reading.node(wanted.horizontal)
    if scale:
        draft.instances = max(1, _count(scale.least))
        draft.most_instances = max(draft.instances, _count(scale.most))
    if wanted.provider is not None:
        text = "a provider requirement is not taken over: providers are chosen by what they offer"
        reading.problems.warn("K044", wanted.provider.meant.at, text, help="allow or forbid providers in musa.yaml")
    if wanted.paas is not None:
        reading.unused.tell("paas", wanted.paas)
    security = reading.node(wanted.security)
    if security:
        draft.asked.append(security)


def _count(said: str | None) -> int:
    return int(said) if said and len(said) < 10 else 0


def _system(reading: Reading, draft: Draft, wanted: Any) -> None:
    for system in (reading.node(wanted.os), reading.node(wanted.image)):
        if not system:
            continue
        if type(system).__name__ == "ImageRequirement":
            reading.unused.tell("vm image", system)
        elif system.os:
            draft.resources = replace(draft.resources, os=unquoted(system.os))


def raise_hosts(reading: Reading) -> None:
    """Let machines have what the software on them asks for; each is asked by those on it alone, as CAMEL adds nothing up."""
    for draft in reading.drafts.values():
        host = draft.host
        if host is None or type(draft.named.node).__name__ not in KINDS:
            continue
        for below in _under(draft):
            if below.role is Role.HOST:
                has, needs = below.resources, draft.resources
                below.resources = replace(
                    has,
                    cores=max(has.cores, needs.cores),
                    memory=max(has.memory, needs.memory),
                    storage=max(has.storage, needs.storage),
                    os=has.os or needs.os,
                )


def _under(draft: Draft) -> list[Draft]:
    found: dict[Draft, None] = {}
    below = draft.host
    while below is not None and below not in found:
        found[below] = None
        below = below.host
    return list(found)


def couplings(reading: Reading) -> list[frozenset[ComponentId]]:
    """Return which components are to be near each other: at one provider is all that is promised."""
    found = []
    for node in reading.all("Coupling"):
        members = frozenset(each.id for each in reading.drafts_of(node.software))
        if node.relaxed:
            reading.unused.tell("relaxed", node)
        elif len(members) > 1:
            found.append(members)
            if node.type and node.type != "same-cloud":
                reading.unused.tell("nearer", node)
    return found
