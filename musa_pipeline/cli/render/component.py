"""One component as a card: what it is, what is around it, what is asked of it, each with the place that says so."""

from collections.abc import Iterator

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import bound
from musa_pipeline.domain.cpim import Component, Connection, Initiator, Port, Role, Wanted
from musa_pipeline.domain.problems import Severity
from musa_pipeline.formats.values.write import pretty
from musa_pipeline.stages.component import Card
from musa_pipeline.stages.work import Work

_ROLES = {
    Role.COMPONENT: "software that is deployed",
    Role.HOST: "a machine that others run on",
    Role.EXTERNAL: "a service that others run; nothing of it is deployed",
}
_EXPOSED = {True: "yes: reachable from outside the application", False: "no", None: "the model does not say"}
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def component_card(work: Work, card: Card) -> str:
    """Return the card as text."""
    each = card.component
    head = f"{click.style(each.name, bold=True)} · {each.kind} · {card.application}"
    parts = [head + (f"  {click.style(str(each.at), dim=True)}" if each.at else ""), ""]
    for title, rows in (
        ("", _facts(card)),
        ("uses", _uses(card)),
        ("used by", _used_by(card)),
        ("asked of it", _asked(work, card)),
    ):
        found = [row for row in rows if any(row[1:])]
        if found:
            parts += ([click.style(title, bold=True)] if title else []) + [table(found), ""]
    for note in card.notes:
        parts.append(f"  {click.style(f'{note.severity}[{note.code}]', fg=_COLORS[note.severity])} {note.text}{_at(note.at)}")
    return "\n".join(parts).rstrip()


def component_json(card: Card) -> str:
    """Return the card for programs; what the model does not say is left out."""
    found: dict[str, object] = {
        "format": "musa/component",
        "version": 1,
        "application": card.application,
        "component": card.component,
    }
    if card.kind:
        found["kind"] = {"id": card.kind.id, "title": card.kind.title, "category": card.kind.category}
    found |= {"runs_on": [each.id for each in card.below], "runs_on_it": [each.id for each in card.above]}
    found |= {"uses": list(card.uses), "used_by": list(card.used_by), "agents": [each.agent for each in card.agents]}
    found |= {"apart_from": list(card.apart), "together_with": list(card.together)}
    if card.zone:
        found["zone"] = card.zone
    found["findings"] = [
        {"code": each.code, "severity": str(each.severity), "at": str(each.at), "message": each.text} for each in card.notes
    ]
    return pretty(found).rstrip()


def _at(place: object) -> str:
    return f"  {click.style(str(place), dim=True)}" if place else ""


def _facts(card: Card) -> Iterator[list[str]]:
    each = card.component
    yield ["id", str(each.id) if each.id != each.name else ""]
    yield ["kind", _kind(card)]
    yield ["type", each.type]
    yield ["is", _ROLES[each.role]]
    yield ["zone", (f"{each.zone} ({card.zone.trust}){_at(card.zone.at)}" if card.zone else each.zone)]
    yield ["runs on", " → ".join(_host(one) for one in card.below)]
    yield ["carries", ", ".join(str(one.id) for one in card.above)]
    yield ["listens", ", ".join(map(port, each.ports))]
    yield ["exposed", _EXPOSED[each.exposed] if each.role is Role.COMPONENT or each.exposed is not None else ""]
    for number, data in enumerate(each.data):
        yield ["" if number else "data", f"{data.name} ({data.classification}){_at(data.at)}"]
    yield ["resources", _resources(each)]
    yield ["instances", _instances(each)]
    yield ["image", each.image]
    lines = [
        f"{script.operation}: {line}" if not number else f"{' ' * len(script.operation)}  {line}"
        for script in each.scripts
        for number, line in enumerate(script.run.splitlines())
    ]
    for number, line in enumerate(lines):
        yield ["" if number else "scripts", line]
    yield ["may run in", ", ".join(sorted(each.countries))]
    yield ["apart from", ", ".join(card.apart)]
    yield ["together with", ", ".join(card.together)]
    for number, one in enumerate(each.unknown):
        yield ["" if number else "left open", f"{one.what}: {one.expression}{_at(one.at)}"]


def _kind(card: Card) -> str:
    each = card.component
    if card.kind is None:
        return f"{each.kind}: no kind of the catalog"
    why = "its type means this kind" if each.type and each.type in card.kind.types else ""
    told = next((note.text for note in card.notes if "kind" in note.text and note.severity is Severity.NOTE), "")
    reason = f": {why or told}" if why or told else ""
    return f"{card.kind.title}{reason}{_at(card.kind.at)}"


def _host(each: Component) -> str:
    return f"{each.id} ({each.kind})"


def _resources(each: Component) -> str:
    found = each.resources
    parts = [
        f"{found.cores} cores" if found.cores else "",
        f"{found.memory} MiB memory" if found.memory else "",
        f"{found.storage} GiB storage" if found.storage else "",
        found.os,
    ]
    return ", ".join(part for part in parts if part)


def _instances(each: Component) -> str:
    if each.most_instances:
        return f"{each.instances} to {each.most_instances}"
    return str(each.instances) if each.instances > 1 else ""


def port(each: Port) -> str:
    """Return `443/https, encrypted`."""
    number = str(each.number) if each.number is not None else "a port left open" if not each.protocol else ""
    said = "/".join(part for part in (number, each.protocol) if part)
    how = {True: ", encrypted and authenticated", False: ", plain", None: ""}[each.secure]
    return f"{said}{each.path}{how}"


def _uses(card: Card) -> Iterator[list[str]]:
    for each in card.uses:
        yield [str(each.target), _how(each) + _at(each.at)]


def _used_by(card: Card) -> Iterator[list[str]]:
    for each in card.used_by:
        yield [str(each.source), _how(each) + _at(each.at)]


def _how(each: Connection) -> str:
    parts = [
        port(each.port) if each.port != Port() else "",
        "" if each.initiator is Initiator.SOURCE else f"opened by the {each.initiator}",
    ]
    if each.authenticated is not None:
        parts.append("the user proves who it is" if each.authenticated else "the user does not prove who it is")
    return ", ".join(part for part in parts if part) or "nothing is said on how"


def _asked(work: Work, card: Card) -> Iterator[list[str]]:
    for each in card.component.wanted:
        yield _control(work, each, "wanted")
    for each in card.component.implements:
        yield _control(work, each, "implements")
    for slo in card.component.slos:
        metric = work.catalogs.metric.get(slo.metric)
        yield ["level", str(slo.metric), f"{metric.title if metric else ''} {bound(slo)}".strip(), str(slo.at)]
    for agent in card.agents:
        yield ["agent", str(agent.agent), f"protects {', '.join(map(str, agent.protects))}", str(agent.at)]


def _control(work: Work, each: Wanted, how: str) -> list[str]:
    control = work.catalogs.control.get(each.control)
    title = control.title if control else ""
    return [how, str(each.control), title + (f" (with {each.capability})" if each.capability else ""), str(each.at)]
