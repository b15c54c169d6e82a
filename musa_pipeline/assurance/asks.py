"""What a step means for one event: names of the event replaced by their values, and the machine that it is to be done on."""

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from musa_pipeline.assurance.heard import Heard
from musa_pipeline.assurance.sight import View
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.policy import Ask, Step

_EVENT: Final = re.compile(r"event\.([A-Za-z_]+)")
_TEMPLATE: Final = re.compile(r"\{[{%#]")
"""How Ansible's templates begin: it would work them out on our side, with our rights."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A step for one event: component, machine, arguments; `wrong`: why it cannot be done."""

    component: str
    machine: str
    arguments: dict[str, Plain]
    wrong: str = ""


def meant(ask: Ask, event: Heard, view: View) -> Meant:
    """Return what a step means for an event."""
    unknown: list[str] = []
    said = {
        name: _value(value, event, unknown)
        for name, value in ask.arguments.items()
        if name != "period" or ask.step is not Step.LOAD
    }
    where = said.pop("on", None) if "on" in said else event.target
    named = where if isinstance(where, str) else ""
    if ask.step is Step.BLOCK and isinstance(said.get("source"), str):
        said["source"] = _address(str(said["source"]))
    component, machine = _place(named, event, view)
    wrong = f"the event does not say its {', '.join(unknown)}" if unknown else ""
    if not wrong and ask.step is Step.PLAYBOOK:
        wrong = _smuggled(ask.arguments, said)
    if not wrong and not machine and ask.step not in (Step.NOTIFY, Step.DETECT):
        wrong = f"no machine is known for {named!r}" if named else "the event does not say where"
    return Meant(component, machine, said, wrong)


def _value(value: Plain, event: Heard, unknown: list[str]) -> Plain:
    match value:
        case str():
            named = _EVENT.fullmatch(value)
            if not named:
                return value
            if named[1] not in event.fields:
                unknown.append(named[1])
                return ""
            return event.fields[named[1]]
        case dict():
            return {name: _value(each, event, unknown) for name, each in value.items()}
        case list():
            return [_value(each, event, unknown) for each in value]
        case _:
            return value


def _smuggled(asked: Plain, said: Plain) -> str:
    """Return why values of an event must not go to a playbook: they hold what Ansible would take for a template of ours."""
    match asked, said:
        case dict(), dict():
            found = (_smuggled(asked[name], value) for name, value in said.items() if name in asked)
            return next(filter(None, found), "")
        case list(), list():
            return next(filter(None, map(_smuggled, asked, said)), "")
        case str(), _ if asked != said and _TEMPLATE.search(json.dumps(said)):
            return f"{asked} holds a template, which no playbook is given"
    return ""


def _place(named: str, event: Heard, view: View) -> tuple[str, str]:
    """Return the component and the machine of a name: of the event's own, or as the context knows them."""
    if named and named == event.component:
        return named, event.machine
    if named and named == event.machine:
        return event.component, named
    service = view.get(Kind.SERVICE, named) if named else None
    if service and not service.gone:
        machine = service.desired.get("machine")
        return named, machine if isinstance(machine, str) else ""
    host = view.get(Kind.HOST, named) if named else None
    return ("", named) if host and not host.gone else ("", "")


def _address(text: str) -> str:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return text
    return str(getattr(address, "ipv4_mapped", None) or address)
