"""Commands: whether one may be obeyed, obeying it once, and what became of it.

The number is on the disk before a command is obeyed: killed at any moment, no command is obeyed twice. One that was begun and not
answered is answered when the agent is back.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from musa_pipeline.agent.disk import say, write_whole
from musa_pipeline.agent.link import Away, Link, pauses

Command = dict[str, Any]
FIELDS = {
    "id": str,
    "machine": str,
    "number": int,
    "verb": str,
    "arguments": dict,
    "issued": float,
    "expires": float,
    "because": str,
    "signature": str,
}
WAIT = 25


class Refused(Exception):
    """The command is not obeyed; the text says why."""


class Failed(Exception):
    """The command could not be carried out; the text says why."""


def canonical(command: Mapping[str, Any]) -> bytes:
    """Return what is signed: all fields but the signature as JSON in ASCII, keys sorted, no spaces, times as floats."""
    fields = {name: command[name] for name in FIELDS if name != "signature"}
    fields |= {"issued": float(command["issued"]), "expires": float(command["expires"])}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def is_signed(command: Mapping[str, Any], key: str) -> bool:
    """Tell whether the signature is the one that the key gives."""
    right = hmac.new(key.encode(), canonical(command), hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), command["signature"].encode())


class State:
    """What must outlive the agent: the last number obeyed, the command begun, periods that were set, programs that were loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.fields: dict[str, Any] = {"obeyed": 0, "begun": None, "periods": {}, "loaded": []}
        try:
            self.fields |= json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, RecursionError) as wrong:
            # Without it old commands could not be told from new ones: expiry still bounds what a replay can do.
            say(f"{path} is lost: {wrong}")

    def set(self, **fields: Any) -> None:
        """Change fields; they are on the disk when this returns. Raises OSError, and then nothing is changed."""
        with self.lock:
            new = self.fields | fields
            write_whole(self.path, json.dumps(new, separators=(",", ":")).encode())
            self.fields = new


Do = Callable[[str, dict[str, Any]], tuple[Any, Any]]
"""Verb and arguments -> the state before and after. Raises Refused or Failed."""


class Orders:
    """What decides about commands, apart from where they come from."""

    def __init__(self, machine: str, key: str, state: State, do: Do) -> None:
        self.machine, self.key, self.state, self.do = machine, key, state, do

    def left(self) -> dict[str, Any] | None:
        """Return the answer to a command that was begun and never answered."""
        begun = self.state.fields["begun"]
        return _result(str(begun), self.machine, "failed", "the agent was stopped while it obeyed") if begun else None

    def answered(self) -> None:
        """Remember that the last answer is on its way."""
        if self.state.fields["begun"]:
            self.state.set(begun=None)

    def take(self, told: object) -> dict[str, Any]:
        """Obey a command, or do not; return the result."""
        identity = str(told.get("id", "")) if isinstance(told, dict) else ""
        try:
            command = self.check(told)
            self.state.set(obeyed=command["number"], begun=command["id"])
            before, after = self.do(command["verb"], command["arguments"])
        except Refused as why:
            say(f"command {identity[:80]!r} is refused: {why}")
            return _result(identity, self.machine, "refused", str(why))
        except (Failed, OSError) as why:
            say(f"command {identity[:80]!r} failed: {why}")
            return _result(identity, self.machine, "failed", str(why))
        return _result(identity, self.machine, "applied", "", before, after)

    def check(self, told: object) -> Command:
        """Return the command if it may be obeyed. Raises Refused."""
        if not isinstance(told, dict) or set(told) - set(FIELDS):
            raise Refused("it is not a command")
        command: Command = {"because": "", "signature": "", **told}
        for name, kind in FIELDS.items():
            value = command.get(name)
            if not isinstance(value, (int, float) if kind is float else kind) or isinstance(value, bool):
                raise Refused(f"its {name} is not what it has to be")
        try:
            signed = is_signed(command, self.key)
        except (ValueError, OverflowError, RecursionError) as wrong:
            raise Refused("it holds what cannot be signed") from wrong
        if not signed:
            raise Refused("its signature is not right" if command["signature"] else "it is not signed")
        if command["machine"] != self.machine:
            raise Refused(f"it is for {command['machine']!r}")
        if command["number"] <= self.state.fields["obeyed"]:
            raise Refused(f"its number {command['number']} is not above {self.state.fields['obeyed']}: it is an old one")
        if command["expires"] <= time.time():
            raise Refused("it has expired")
        return command


def _result(command: str, machine: str, outcome: str, reason: str, before: Any = None, after: Any = None) -> dict[str, Any]:
    return {
        "command": command[:200],
        "machine": machine,
        "outcome": outcome,
        "time": round(time.time(), 3),
        "reason": reason[:500],
        "before": before,
        "after": after,
    }


class Listener(threading.Thread):
    """Waits for commands at the gateway, and answers each."""

    def __init__(
        self,
        orders: Orders,
        link: Link,
        answer: Callable[[dict[str, Any]], None],
        stop: threading.Event,
        back: threading.Event | None = None,
    ) -> None:
        """`back` is set by whoever sees that the gateway is there again: then it is asked at once."""
        super().__init__(name="orders", daemon=True)
        self.orders, self.link, self.answer, self.stop = orders, link, answer, stop
        self.back = back or threading.Event()
        self.seen: dict[bytes, None] = {}
        """Digests of commands that were answered: each is told once, and a number that nobody signed moves nothing."""
        self.told = ""
        self.owed: list[dict[str, Any]] = []
        """Answers that the disk did not take."""

    def run(self) -> None:
        """Ask, obey, answer, until told to stop."""
        waits = pauses()
        left = self.orders.left()
        if left:
            self.owed.append(left)
        while not self.stop.is_set():
            try:
                self._reply()
                if self._once():
                    waits = pauses()
                else:
                    self.stop.wait(next(waits))
                self._tell("")
            except Away as away:
                self._tell(str(away))
                self.stop.wait(max(next(waits), min(away.after, 60.0)))
            except OSError as wrong:
                say(f"no command is obeyed: {wrong}")
                self.stop.wait(next(waits))

    def _once(self) -> bool:
        """Ask once; False if all that came was answered before."""
        begun = time.monotonic()
        after = self.orders.state.fields["obeyed"]
        status, text = self.link.ask("GET", f"/agent/v1/commands?after={after}&wait={WAIT}")
        try:
            commands = json.loads(text)["commands"] if status == 200 else []
        except (ValueError, TypeError, KeyError, RecursionError):
            commands = []
        news = [each for each in commands if _digest(each) not in self.seen] if isinstance(commands, list) else []
        for each in news:
            self.owed.append(self.orders.take(each))
            self._remember(_digest(each))
            self._reply()
        return bool(news) or time.monotonic() - begun > 1

    def _tell(self, text: str) -> None:
        """Say a change once, not each failure."""
        if text != self.told:
            self.told = text
            say(f"no commands come: {text}" if text else "commands can come again")

    def _reply(self) -> None:
        """Answer what was taken. Raises OSError; then it is still owed."""
        while self.owed:
            self.answer(self.owed[0])
            self.owed.pop(0)
        self.orders.answered()

    def _remember(self, digest: bytes) -> None:
        self.seen[digest] = None
        if len(self.seen) > 1000:
            del self.seen[next(iter(self.seen))]


def _digest(told: object) -> bytes:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()
