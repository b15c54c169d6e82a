"""Our layer over CAMEL, version 1: kinds, exposure, data, controls, agents and service levels (docs/formats/camel.md)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from musa_pipeline.domain.cpim import Connection, DataClass, DataSet, Port, Role, Trust, Wanted, WantedAgent, Zone
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId
from musa_pipeline.domain.metric import Weight
from musa_pipeline.domain.places import GROUPS, place_code
from musa_pipeline.domain.problems import near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.deployment import guess_kind, image_name, kind_words, port_number
from musa_pipeline.formats.camel.draft import Draft, Reading, last_name
from musa_pipeline.formats.camel.levels import Levels
from musa_pipeline.formats.camel.names import unquoted

_SECURE: Final = frozenset(
    {"https", "tls", "ssh", "sftp", "ftps", "ldaps", "amqps", "mqtts", "wss", "grpcs", "imaps", "smtps", "dtls"}
)
_PLAIN: Final = frozenset({"http", "ftp", "telnet", "ldap", "amqp", "mqtt", "ws", "imap", "smtp"})
_EXTERNAL: Final = "external-service"


def draft_externals(reading: Reading) -> None:
    """Draft the services that the application only uses."""
    words = kind_words(reading.catalogs.kinds)
    for node in reading.all("External"):
        kind = guess_kind(node.named.name, words) if node.kind is None else ""
        reading.drafts[node.named] = Draft(node.named, Role.EXTERNAL, kind or _EXTERNAL, reading.at(node), kind_said=True)


def apply_layer(reading: Reading) -> None:
    """Add to the components what the layer says about them."""
    described: set[Draft] = set()
    for node in (*reading.all("About"), *reading.all("External")):
        draft = reading.drafts.get(node.named) if type(node).__name__ == "External" else reading.draft(node.of)
        if not draft:
            continue
        if draft in described:
            text = f"component {draft.named.name!r} is described twice"
            reading.problems.report("K012", reading.at(node), text, help="write it in one block")
        described.add(draft)
        _describe(reading, draft, node)
    for node in reading.all("Capability"):
        for draft in reading.drafts_of(node.of):
            _add(reading, draft.wanted, node.controls, node.named.name)
    _zones(reading)


def zones(reading: Reading) -> tuple[Zone, ...]:
    """Return the trust zones that the layer declares, each by its first declaration."""
    found: dict[str, Zone] = {}
    for node in reading.all("Zone"):
        trust = node.trust.word
        if trust in set(Trust):
            found.setdefault(node.name, Zone(name=node.name, trust=Trust(trust), at=reading.at(node)))
    return tuple(found[name] for name in sorted(found))


def _zones(reading: Reading) -> None:
    """Put components into the zones that name them, and check those that components name."""
    declared = {node.name for node in reading.all("Zone")}
    for node in reading.all("Zone"):
        if node.trust.word not in set(Trust):
            help_ = near(node.trust.word, map(str, Trust)) or f"one of {', '.join(Trust)}"
            text = f"a zone cannot be trusted {node.trust.word!r}"
            reading.problems.report("K057", _word_at(reading, node.trust), text, help=help_)
        for ref in node.of:
            draft = reading.draft(ref)
            if draft and draft.zone and draft.zone != node.name:
                text = f"component {draft.named.name!r} stands in two zones, {draft.zone!r} and {node.name!r}"
                reading.problems.report("K058", ref.meant.at, text, help="name it in one of them")
            elif draft:
                draft.zone = node.name
    for node in (*reading.all("About"), *reading.all("External")):
        if node.zone is not None and node.zone.word not in declared:
            help_ = near(node.zone.word, declared) or f"add `zone {node.zone.word} {{ trust: internal }}`"
            reading.problems.report("K056", _word_at(reading, node.zone), f"zone {node.zone.word!r} is not declared", help=help_)


def uses(reading: Reading) -> list[Connection]:
    """Return who uses whom by the layer; the port is the only one of the service used, where it has one."""
    found = []
    for node in reading.all("Uses"):
        source, target = reading.draft(node.source), reading.draft(node.target)
        if not source or not target:
            continue
        ports = (*target.ports.values(), *target.listens)
        port = ports[0] if len(ports) == 1 else Port()
        if node.protocol:
            port = _spoken(port, node)
        found.append(Connection(source=source.id, target=target.id, port=port, at=reading.at(node)))
    return found


def agents(reading: Reading) -> list[WantedAgent]:
    """Return the agents asked for."""
    found = []
    for node in reading.all("Agent"):
        at = _word_at(reading, node.role)
        if node.role.word not in reading.catalogs.agent:
            known = [str(each.id) for each in reading.catalogs.agents]
            help_ = near(node.role.word, known) or f"known are {', '.join(sorted(known))}"
            reading.problems.report("K023", at, f"no catalog has an agent {node.role.word!r}", help=help_)
            continue
        protects = sorted(each.id for each in reading.drafts_of(node.protects))
        if protects:
            found.append(WantedAgent(agent=AgentId(node.role.word), protects=tuple(protects), at=at))
    return found


def groups(reading: Reading, kind: str) -> tuple[frozenset[ComponentId], ...]:
    """Return the groups of components that are to stay apart, or together."""
    found = set()
    for node in reading.all(kind):
        members = frozenset(each.id for each in reading.drafts_of(node.of))
        if len(members) > 1:
            found.add(members)
        elif all(ref.meant.target for ref in node.of):
            text = f"{kind.lower()} needs two components"
            reading.problems.report("K024", reading.at(node), text, help="name at least two different ones")
    return tuple(sorted(found, key=sorted))


def promises(reading: Reading, levels: Levels) -> None:
    """Read the layer's own service levels, and its alerts on CAMEL's."""
    for node in reading.all("Promise"):
        at = _word_at(reading, node.metric)
        metric = levels.metric(node.metric.word)
        if not metric:
            known = [each.id for each in reading.catalogs.metrics]
            reading.problems.report(
                "K022", at, f"no catalog has a metric {node.metric.word!r}", help=near(node.metric.word, known)
            )
            continue
        operator, bound = levels.operator(node.operator, at), levels.bound(node.bound, metric, at)
        if operator is None or bound is None:
            continue
        for draft in reading.drafts_of(node.of):
            levels.promise(node, draft, metric, operator, bound, unquoted(node.because) if node.because else "")
        _refine(levels, node, node.alert, at, Weight(node.weight.upper()) if node.weight else None)
    for node in reading.all("Alert"):
        if node.of.meant.target:
            _refine(levels, node.of.meant.target.node, node.alert, reading.at(node), None)


def _refine(levels: Levels, node: Any, said: str, at: Span, weight: Weight | None) -> None:
    owners = levels.owners.get(node.named, [])
    alert = levels.alert(said, owners[0][0].slos[owners[0][1]], at) if said and owners else None
    levels.refine(node.named, alert, weight)


def _describe(reading: Reading, draft: Draft, node: Any) -> None:
    if node.kind is not None:
        draft.kind_said = True
        if node.kind.word in reading.catalogs.kind:
            draft.kind = node.kind.word
        else:
            known = [str(each.id) for each in reading.catalogs.kinds]
            text = f"no catalog has a kind {node.kind.word!r}"
            help_ = near(node.kind.word, known) or f"known are {', '.join(sorted(known))}"
            reading.problems.report("K025", _word_at(reading, node.kind), text, help=help_)
    if node.exposure:
        draft.exposed = node.exposure == "exposed"
    for each in node.data:
        level = _data_class(reading, each)
        if level:
            draft.data.append(DataSet(name=each.name, classification=level, at=reading.at(each, len(each.name))))
    _add(reading, draft.implements, node.implements)
    _add(reading, draft.wanted, node.requires)
    for ref in node.required:
        _add_capability(reading, draft.wanted, ref)
    for ref in node.provided:
        _add_capability(reading, draft.implements, ref)
    if node.zone is not None:
        draft.zone = node.zone.word
    if node.sla:
        draft.sla = unquoted(node.sla)
    if node.countries:
        draft.countries = frozenset(_countries(reading, node.countries))
    if type(node).__name__ == "External":
        _describe_external(reading, draft, node)
        return
    _speak(reading, draft, node.speaks)
    draft.roles = [each.word for each in node.roles]
    if node.image:
        draft.image = image_name(reading, node)


def _countries(reading: Reading, said: Iterable[Any]) -> Iterator[str]:
    for each in said:
        code = place_code(each.word)
        if code:
            yield code
            continue
        text = f"{each.word!r} is no country or group of countries that is known"
        help_ = f"name it by its ISO 3166 code, or one of {', '.join(GROUPS)}"
        reading.problems.report("K040", _word_at(reading, each), text, help=help_)


def _describe_external(reading: Reading, draft: Draft, node: Any) -> None:
    for each in node.listens:
        draft.listens.append(_spoken(Port(number=port_number(reading, each)), each))


def _speak(reading: Reading, draft: Draft, said: Iterable[Any]) -> None:
    for each in said:
        port = each.port.meant.target
        if port is None:
            continue
        if port not in draft.ports:
            text = (
                f"{each.port.meant.path!r} is a port of {port.up.name if port.up else 'nothing'!r}, not of {draft.named.name!r}"
            )
            reading.problems.report("K026", each.port.meant.at, text, help="describe it where it belongs")
            continue
        draft.ports[port] = _spoken(draft.ports[port], each)


def _spoken(port: Port, said: Any) -> Port:
    protocol = said.protocol.lower()
    if said.trust:
        secure: bool | None = said.trust == "secure"
    else:
        secure = True if protocol in _SECURE else False if protocol in _PLAIN else None
    return replace(port, protocol=protocol, secure=secure)


def _data_class(reading: Reading, data: Any) -> DataClass | None:
    word = data.level.word
    if word in set(DataClass):
        return DataClass(word)
    help_ = near(word, map(str, DataClass)) or f"one of {', '.join(DataClass)}"
    reading.problems.report("K027", _word_at(reading, data.level), f"data cannot be {word!r}", help=help_)
    return None


def _add(reading: Reading, into: dict[ControlId, Wanted], said: Iterable[Any], capability: str = "") -> None:
    for each in said:
        at = _word_at(reading, each)
        for control in reading.controls(each.word, at):
            into.setdefault(control, Wanted(control=control, capability=capability, at=at))


def _add_capability(reading: Reading, into: dict[ControlId, Wanted], ref: Any) -> None:
    """Add the controls of a capability: of ours, or of a security model's."""
    node = reading.node(ref)
    if not node:
        return
    if type(node).__name__ == "Capability":
        found = [control for each in node.controls for control in reading.controls(each.word, _word_at(reading, each))]
    else:
        found = [control for each in node.controls for control in reading.controls(last_name(each), each.meant.at)]
    for control in found:
        into.setdefault(control, Wanted(control=control, capability=node.named.name, at=ref.meant.at))


def _word_at(reading: Reading, node: Any) -> Span:
    return reading.at(node, len(node.word))
