"""What agents are asked to do, and what they say became of it."""

from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.event import MachineId, Plain


class Verb(StrEnum):
    """What an agent can do. It does nothing else: there is no shell."""

    SET_PERIOD = "set-period"
    """arguments: {"input": name, "component": id or "", "seconds": number}"""
    LOAD = "load"
    """arguments: {"program": id, "interface": name or "" (of the default route), "parameters": {...}, "digest": sha256 hex of the object}"""
    UNLOAD = "unload"
    """arguments: {"program": id, "interface": name or ""}"""
    BLOCK = "block"
    """arguments: {"source": address, "seconds": number, "until": UTC seconds since 1970}

    It lasts no longer than `seconds` and ends at `until` at the latest, however long the command was on its way; one that comes later
    is refused. The kernel itself forgets the source when the time is over.
    """
    UNBLOCK = "unblock"
    """arguments: {"source": IPv4 address}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One order to the agent of a machine. `number` grows with each command to that machine: an old one is never obeyed again.

    `signature` is HMAC-SHA-256, in hex, over the canonical JSON (sorted keys, no spaces) of all other fields, with the agent's command key.
    """

    id: str
    machine: MachineId
    number: int
    verb: Verb
    arguments: dict[str, Plain]
    issued: float
    expires: float
    because: str = ""
    signature: str = ""


class Outcome(StrEnum):
    """What became of a command."""

    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An agent's answer to a command: the state before and after, as the agent itself read them back."""

    command: str
    machine: MachineId
    outcome: Outcome
    time: float
    reason: str = ""
    before: Plain = None
    after: Plain = None
