"""Belts: what holds an action back, with the reason in words; on by default, whatever a policy asks for."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from musa_pipeline.assurance.conditions import listed
from musa_pipeline.assurance.reactions import LASTING, TOUCHING, Belts, Mark, Record, Turn
from musa_pipeline.assurance.sight import View
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.policy import Limits, Step

COOLING = "cooling down"
"""How the reason begins that is over after a while; what can be verified is done then, if it is still needed."""
TOTAL = ("", "total", "")
"""The mark that counts all actions."""


def forbidden(record: Record, turn: Turn, view: View, belts: Belts) -> str:
    """Return why an action must not be done at all; empty if it may."""
    if record.step not in TOUCHING:
        return ""
    if turn.stopped:
        return "reactions are stopped"
    return _protected(record, view, belts) or (_own(record.main, view, belts) if record.step is Step.BLOCK else "")


def crowded(record: Record, limits: Limits, turn: Turn, view: View, belts: Belts) -> str:
    """Return why there is no room for an action now; empty if there is."""
    return (_share(record, limits, turn, view) or _total(turn, belts)) if record.step in TOUCHING else ""


def limited(limits: Limits, runs: Mark | None, now: float) -> str:
    """Return why a rule must not run for its target again; empty if it may."""
    times = [time for time, _ in runs.times] if runs else []
    recent = [time for time in times if 0 <= now - time < limits.seconds]  # what is ahead was noted before the clock was set back
    if recent and now - max(recent) < limits.cool_down:
        return f"{COOLING}: it ran {now - max(recent):.0f} s ago, not before {limits.cool_down:.0f} s are over"
    if len(recent) >= limits.count:
        return f"it ran {len(recent)} times in {limits.seconds:.0f} s already, {limits.count} are allowed"
    return ""


def count(turn: Turn, belts: Belts) -> None:
    """Count one action against the total."""
    mark = turn.mark(TOTAL)
    recent = tuple(each for each in (mark.times if mark else ()) if turn.time - each[0] < belts.seconds)
    turn.marks[TOTAL] = Mark(touched=turn.time, times=(*recent, (turn.time, "")))


def _total(turn: Turn, belts: Belts) -> str:
    mark = turn.mark(TOTAL)
    recent = sum(0 <= turn.time - time < belts.seconds for time, _ in mark.times) if mark else 0
    return f"{recent} actions in {belts.seconds:.0f} s are enough" if recent >= belts.total else ""


def _protected(record: Record, view: View, belts: Belts) -> str:
    for kind, name, word in ((Kind.SERVICE, record.component, "component"), (Kind.HOST, record.machine, "machine")):
        entity = view.get(kind, name) if name else None
        if name and (name in belts.protected or (entity and entity.desired.get("protected") is True)):
            return f"{word} {name!r} is protected"
    return ""


def _own(source: str, view: View, belts: Belts) -> str:
    """Return why an address must never be dropped: it is our own, or nobody's in particular."""
    try:
        address: IPv4Address | IPv6Address = ip_address(source)
    except ValueError:
        return f"{source!r} is no address"
    address = getattr(address, "ipv4_mapped", None) or address
    if (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
        or str(address) == "255.255.255.255"
    ):
        return f"{source} is no single machine elsewhere"
    if listed(source, belts.addresses):
        return f"{source} is protected"
    for host in view.find(Kind.HOST):
        own = host.desired.get("address")
        if isinstance(own, str) and own and listed(source, (own,)):
            return f"{source} is our own machine {host.id!r}"
    return ""


def _share(record: Record, limits: Limits, turn: Turn, view: View) -> str:
    """Hold back what would touch too many machines at once; one is always allowed."""
    hosts = len(view.find(Kind.HOST))
    touched = {
        each.machine
        for each in turn.all()
        if each.action.policy == record.action.policy and each.in_force and each.step in TOUCHING and each.id != record.id
    }
    allowed = max(1, int(limits.share * hosts + 1e-9))
    if record.machine in touched or len(touched) < allowed:
        return ""
    return f"{len(touched)} of {hosts} machines are touched already, {limits.share:.0%} are allowed"


def lasting(record: Record, belts: Belts) -> float:
    """Return how long an action may last."""
    if record.step not in LASTING:
        return 0.0
    said = record.action.arguments.get("for")
    return min(float(said), belts.longest) if isinstance(said, int | float) else belts.longest
