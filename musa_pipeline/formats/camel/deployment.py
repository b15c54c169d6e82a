"""Deployment and requirement models: what runs, on which machines, who talks to whom."""

from dataclasses import replace
from math import ceil
from typing import Any, Final

from musa_pipeline.domain.cpim import Connection, Port, Resources, Role, Script
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.problems import Severity
from musa_pipeline.formats.camel.draft import Draft, Reading
from musa_pipeline.formats.camel.geography import Geography
from musa_pipeline.formats.camel.names import Named, unquoted
from musa_pipeline.formats.camel.software import (
    KINDS,
    annotations,
    ask,
    configured,
    container_image,
    kind_by_statement,
    raise_hosts,
)
from musa_pipeline.text.commands import holds_secret, leaves_the_folder

_OPERATIONS: Final = {
    "download": "create",
    "upload": "create",
    "install": "create",
    "configure": "configure",
    "start": "start",
    "stop": "stop",
}
"""CAMEL's life cycle in the five operations of the model, in the order they run."""
_MACHINE: Final = "compute"
_UNKNOWN: Final = "software"
_NEVER: Final = 1e12
"""No machine has so much of anything."""


def draft_components(reading: Reading) -> None:
    """Draft every component and machine of the deployment models in use."""
    models = _in_use(reading)
    words = kind_words(reading.catalogs.kinds)
    for node in (*reading.all("InternalComponent"), *reading.all("VM"), *(each for kind in KINDS for each in reading.all(kind))):
        if models and node.named.up not in models:
            continue
        reading.drafts[node.named] = _draft(reading, node, words)
    for each in (*reading.all("PlatformSecret"), *reading.all("CloudSecret")):
        text = "a credential is written into the model"
        reading.problems.warn(
            "K050", reading.at(each, len("credentials")), text, help="keep it in a vault; it is not read, and is shown nowhere"
        )
    _resources(reading)
    ask(reading)
    _hosting(reading)
    raise_hosts(reading)
    _instances(reading)


def _draft(reading: Reading, node: Any, words: dict[str, str]) -> Draft:
    machine, younger = type(node).__name__ == "VM", type(node).__name__ in KINDS
    name = node.named.name
    kind = _MACHINE if machine else guess_kind(name, words)
    if younger:
        kind = kind_by_statement(node) or kind or next((words[each] for each in annotations(node) if each in words), "")
    draft = Draft(node.named, Role.HOST if machine else Role.COMPONENT, kind or _UNKNOWN, reading.at(node))
    draft.scripts = _scripts(reading, configured(reading, node) if reading.younger else node.configurations)
    image = container_image(node) if younger else None
    if image:
        draft.image = image_name(reading, image)
    for port in () if machine else (each for each in node.provided if type(each).__name__ == "ProvidedPort"):
        if port.low is not None:
            reading.unused.tell("port range", port)
        draft.ports[port.named] = Port(number=port_number(reading, port))
    return draft


def tell_unknown_kinds(reading: Reading) -> None:
    """Tell which components nobody says the kind of."""
    for draft in reading.drafts.values():
        if draft.kind == _UNKNOWN and not draft.kind_said:
            text = f"nothing says what kind of component {draft.named.name!r} is; taken for {_UNKNOWN!r}"
            help_ = f"add `component {draft.named.name} {{ kind: ... }}` to the musa model"
            reading.problems.report("K041", draft.at, text, help=help_, severity=Severity.NOTE)


def connections(reading: Reading) -> list[Connection]:
    """Return who uses whom by the deployment models' communications."""
    found: list[Connection] = []
    for node in reading.all("Communication"):
        source, target = reading.target(node.source), reading.target(node.target)
        user, used = _owner(reading, source), _owner(reading, target)
        if not (user and used and source and target):
            continue
        if user is used:
            text = f"component {user.named.name!r} communicates with itself; this says nothing and is left out"
            reading.problems.warn("K059", reading.at(node), text, help="name a port of another component")
            continue
        port = used.ports.get(target, Port())
        asked = source.node.port
        if asked and port.number and int(asked[:6]) != port.number:
            text = f"{user.named.name}.{source.name} asks for port {asked}, but {used.named.name}.{target.name} listens at {port.number}"
            reading.problems.warn("K042", node.source.meant.at, text, help="give both the same number")
        if node.type == "LOCAL":
            reading.unused.tell("nearness", node)
        for unused, parts in (
            ("port configuration", (node.here, node.there)),
            ("communication requirement", (node.requirement,)),
        ):
            for part in filter(None, parts):
                reading.unused.tell(unused, part)
        found.append(Connection(source=user.id, target=used.id, port=port, at=reading.at(node)))
    return found


def guess_kind(name: str, words: dict[str, str]) -> str:
    """Return the kind whose word is the longest in a name, '' if none is."""
    parts = slug(name).split("-")
    several = [
        ("-".join(parts[start:end])) for start in range(len(parts)) for end in range(start + 1, min(start + 4, len(parts) + 1))
    ]
    fitting = sorted({each for each in several if each in words}, key=lambda each: (-len(each), each))
    return words[fitting[0]] if fitting else ""


def kind_words(kinds: tuple[Kind, ...]) -> dict[str, str]:
    """Return the words that hint at a kind."""
    found: dict[str, str] = {}
    for kind in sorted(kinds, key=lambda each: each.id):
        for word in (kind.id, *kind.words):
            found.setdefault(slug(word), str(kind.id))
    return found


def _in_use(reading: Reading) -> set[Named]:
    refs = [ref for each in reading.all("Application") for ref in each.deployments]
    return {ref.meant.target for ref in refs if ref.meant.target}


def _owner(reading: Reading, port: Named | None) -> Draft | None:
    return reading.drafts.get(port.up) if port and port.up else None


def port_number(reading: Reading, port: Any) -> int | None:
    """Return the number of a port, of a range its lowest; None after an error or if the model does not say."""
    written = port.port or getattr(port, "low", None)
    if not written:
        return None
    number = int(written[:6])
    if 0 < number < 65536:
        return number
    reading.problems.report("K043", reading.at(port), f"{written} is no port", help="ports are 1 to 65535")
    return None


def _scripts(reading: Reading, configurations: list[Any]) -> list[Script]:
    """Return one script an operation: CAMEL's commands of that operation, a line each, in the order of its life cycle."""
    found: dict[str, list[str]] = {written: [] for written in _OPERATIONS}
    for command in (each for configuration in configurations for each in getattr(configuration, "commands", ())):
        run, operation = unquoted(command.run).strip(), command.operation.rstrip(":")
        if operation not in found:
            reading.unused.tell("update", command)
        elif run and _is_allowed(reading, command, run):
            found[operation].append(run)
    lines: dict[str, list[str]] = {}
    for written, commands in found.items():
        lines.setdefault(_OPERATIONS[written], []).extend(commands)
    return [Script(operation=operation, run="\n".join(commands)) for operation, commands in lines.items() if commands]


def _is_allowed(reading: Reading, command: Any, run: str) -> bool:
    """Tell whether a command may be kept; one with a secret, and a script that does not lie beside the model, are errors."""
    at = reading.at(command, len(command.operation))
    if holds_secret(run):
        text = "a secret is written into this command"
        reading.problems.report("K050", at, text, help="take it from the environment, as in $DB_PASSWORD")
        return False
    if "\0" in run or (len(run.split()) == 1 and leaves_the_folder(run)):
        text = f"{run!r} is not a file in the model's folder"
        reading.problems.report("K048", at, text, help="put the script beside the model and write its path from there")
        return False
    return True


def image_name(reading: Reading, system: Any) -> str:
    """Return the name of an image; nothing, after an error, if it holds a secret."""
    image = unquoted(system.image)
    if not holds_secret(image):
        return image
    text = "a secret is written into the name of this image"
    reading.problems.report("K050", reading.at(system), text, help="log in to the registry on the machine instead")
    return ""


def _resources(reading: Reading) -> None:
    """Give machines what their requirement set, or the global one, asks for."""
    sets = [reading.node(each.set) for each in reading.all("GlobalSet")]
    common = next((each for each in sets if each), None)
    geography = Geography(reading)
    for draft in reading.drafts.values():
        if draft.role is not Role.HOST or reading.younger:
            continue
        own = next((node for node in map(reading.node, draft.named.node.sets) if node), None)
        for each in (common, own):
            if each:
                _apply(geography, draft, each)
    for node in reading.all("VerticalScale"):
        machine = reading.draft(node.vm)  # of CAMEL 2 and 3 it names none: requirement sets name it
        if machine:
            machine.resources = _at_least(machine.resources, node)
            _tell_unused(reading, node)


def _apply(geography: Geography, draft: Draft, wanted: Any) -> None:
    reading = geography.reading
    hardware, place = reading.node(wanted.quantitative), reading.node(wanted.location)
    if hardware:
        draft.resources = _at_least(replace(Resources(), os=draft.resources.os), hardware)
        _tell_unused(reading, hardware)
    for system in filter(None, (reading.node(wanted.os), reading.node(wanted.image))):
        if type(system).__name__ == "ImageRequirement":
            draft.image = image_name(reading, system)
        else:
            draft.resources = replace(draft.resources, os=unquoted(system.os))
    if place:
        draft.countries = geography.countries(place)
    if wanted.provider is not None:
        text = "a provider requirement is not taken over: providers are chosen by what they offer"
        reading.problems.warn("K044", wanted.provider.meant.at, text, help="allow or forbid providers in musa.yaml")


def _tell_unused(reading: Reading, hardware: Any) -> None:
    if hardware.cpu is not None:
        reading.unused.tell("attribute", hardware.cpu)
    for bounds in (hardware.core, hardware.ram, hardware.storage):
        if bounds is not None and bounds.high:
            reading.unused.tell("most", bounds)


def _at_least(now: Resources, hardware: Any) -> Resources:
    """Return the lower bounds; CAMEL writes megabytes and gigabytes but means powers of two (4096), as its models show."""
    return replace(
        now,
        cores=max(now.cores, _low(hardware.core)),
        memory=max(now.memory, _low(hardware.ram)),
        storage=max(now.storage, _low(hardware.storage)),
    )


def _low(bounds: Any) -> int:
    return _whole(bounds.low) if bounds is not None else 0


def _high(bounds: Any) -> int:
    return _whole(bounds.high) if bounds is not None else 0


def _whole(said: str | None) -> int:
    """Return a number, rounded up; zero for what is none, or more than anything can have."""
    value = float(said) if said and len(said) < 20 else 0.0
    return ceil(value) if 0 < value < _NEVER else 0


def _hosting(reading: Reading) -> None:
    for node in reading.all("Hosting"):
        host = _owner(reading, reading.target(node.target))
        for source in (*([node.source] if node.source else ()), *node.sources):
            guest = _owner(reading, reading.target(source))
            if not guest or not host or guest is host:
                continue
            if guest.host and guest.host is not host:
                text = f"component {guest.named.name!r} runs on {host.named.name!r} and on {guest.host.named.name!r}; the first counts"
                reading.problems.warn("K049", reading.at(node), text, help="keep one `hosting` of it")
            guest.host = guest.host or host
    for draft in reading.drafts.values():
        needs = draft.role is Role.COMPONENT and type(draft.named.node).__name__ not in KINDS and draft.named.node.needs
        if needs and not draft.host and not reading.problems.errors:
            text = f"component {draft.named.name!r} needs a host, but no hosting gives it one"
            reading.problems.warn("K045", draft.at, text, help="add a `hosting` from its required host to a provided one")
    _break_circles(reading)


def _break_circles(reading: Reading) -> None:
    """Report components that run on themselves by way of others; what was walked over once is not walked again."""
    done: set[Draft] = set()
    for draft in reading.drafts.values():
        way: dict[Draft, None] = {}
        below: Draft | None = draft
        while below and below not in done and below not in way:
            way[below] = None
            below = below.host
        if below in way and below:
            text = f"component {below.named.name!r} runs, by way of others, on itself"
            reading.problems.report("K046", below.at, text, help="change one `hosting`")
            below.host = None
        done.update(way)


def _instances(reading: Reading) -> None:
    for node in reading.all("HorizontalScale"):
        draft = reading.draft(node.component)  # of CAMEL 2 and 3 it names none: requirement sets name it
        if draft:
            draft.instances = max(draft.instances, _low(node.instances))
            draft.most_instances = max(draft.most_instances, _high(node.instances))
