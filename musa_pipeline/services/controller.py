"""The Security Controller: hears the bus, lets policies react, sends commands, and follows each action to its end.

Whatever is decided is kept before it is done, with all that is still to be sent; so a controller that is killed at any moment goes on
where it was: nothing is done twice, nothing is forgotten.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from musa_pipeline.assurance.conditions import answer
from musa_pipeline.assurance.heard import heard, kind_of
from musa_pipeline.assurance.life import Order, answered, decide, dispatch, finished, listen_to_silence, revert, stop, tick
from musa_pipeline.assurance.react import Lists, listened_to, react
from musa_pipeline.assurance.reactions import Belts, Record, State, Turn
from musa_pipeline.bus.port import Bus, BusAway, Delivered, Subscription
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.domain.command import Command, Result, Verb
from musa_pipeline.domain.event import EventType, Finding, MachineId, Plain, Topic
from musa_pipeline.domain.policy import Life, Policy, Step
from musa_pipeline.domain.verdict import Incident, Verdict
from musa_pipeline.formats.commands import sign
from musa_pipeline.formats.events import Corrupt, read_payload
from musa_pipeline.services.reaction_hands import Hands, Notify, Playbooks
from musa_pipeline.services.reaction_outbox import Outbox
from musa_pipeline.services.reaction_store import ReactionStore, Word

log = logging.getLogger("musa.controller")
GROUP: Final = "controller"
_TICK: Final = 0.2
_AT_ONCE: Final = 500
"""Records in one write; between two, what was decided is done."""
_TIDY: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the controller works with. `key` gives the command key of a machine (None: it has none), `digest` that of a program's object."""

    bus: Bus
    context: Context
    clock: Callable[[], float]
    key: Callable[[str], str | None]
    digest: Callable[[str], str | None]
    playbooks: Playbooks | None = None
    notify: Notify | None = None


@dataclass(slots=True)
class Counted:
    """What the controller counts of itself, for the status page."""

    heard: int = 0
    corrupt: int = 0
    doubled: int = 0
    away: str = ""
    """What cannot be reached now; empty when all is well."""
    sent: int = 0


class Controller:
    """One per application. `step` does what is to be done now; `run` does so until it is told to stop."""

    def __init__(
        self, policies: Sequence[Policy], means: Means, folder: Path, belts: Belts | None = None, lists: Lists | None = None
    ) -> None:
        self.policies, self.means, self.belts, self.lists = tuple(policies), means, belts or Belts(), dict(lists or {})
        self._listened = listened_to(self.policies)
        self.store = ReactionStore(folder)
        self.counted = Counted()
        self._subscription: Subscription | None = None
        self._pending: deque[Delivered] = deque()
        self._outbox, self.hands = Outbox(self.store), Hands(means.playbooks, means.notify)
        self._ticked = self._tidied = 0.0
        try:
            self.state: State = self.store.state()
            self._resume()
        except BaseException:
            self.store.close()  # its lock must not outlive a controller that never was
            raise

    def close(self) -> None:
        """Stop; what is under way is taken up again at the next start."""
        self.hands.close()
        if self._subscription is not None:
            try:
                self._subscription.close()
            except BusAway:
                log.warning("the bus is away: the subscription is left to it")
        self.store.close()

    def run(self, stopping: threading.Event, wait: float = 0.2) -> None:
        """Work until told to stop; what is away is waited for."""
        while not stopping.is_set():
            self.step(wait)
            if self.counted.away:
                stopping.wait(1.0)

    def step(self, wait: float = 0.0) -> int:
        """Take in what came, do what is to be done; return how many records were taken in."""
        taken = 0
        away = ""
        try:
            self._heed_words()
            taken = self._take_in(wait)
            self._look()
        except BusAway as error:
            away = f"the bus: {error}"
        except ContextAway as error:
            away = f"the context: {error}"
        self._gather()
        self._dispatch()
        away = self._flush() or away
        if away and away != self.counted.away:
            log.warning("waiting for %s", away)
        elif self.counted.away and not away:
            log.info("going on")
        self.counted.away = away
        return taken

    # what comes in

    def _take_in(self, wait: float) -> int:
        if self._subscription is None:
            self._subscription = self.means.bus.subscribe([Topic.EVENTS, Topic.RESULTS], GROUP)
        if not self._pending:
            self._pending.extend(self._subscription.poll(wait))
            if not self._pending:
                return 0
        taken = self._together()
        if not self._pending:
            self._subscription.commit()
        return taken

    def _together(self) -> int:
        """Deal with many records in one write; what could not be dealt with stays, and is next."""
        state, records = self.state, [*self._pending][:_AT_ONCE]
        away: ContextAway | None = None
        taken = 0
        try:
            with self.store.turn():
                for each in records:
                    try:
                        self._one(each)
                    except ContextAway as error:
                        away = error
                        break
                    taken += 1
        except BaseException:
            self.state = state  # nothing of it was written
            raise
        for _ in range(taken):
            self._pending.popleft()
        if away is not None:
            raise away
        return taken

    def _one(self, told: Delivered) -> None:
        event, now = told.event, self.means.clock()
        if event.type not in (EventType.FINDING, EventType.VERDICT, EventType.INCIDENT, EventType.MANAGEMENT, EventType.RESULT):
            return  # actions are our own words: nothing is started by them
        self.counted.heard += 1
        said = read_payload(event)
        if isinstance(said, Corrupt):
            self.counted.corrupt += 1
            log.warning("event %.100r cannot be read: %s", event.id, said.why)
            return
        if isinstance(said, Result):
            self._keep(answered(self.state, said, self.belts, now))
        elif isinstance(said, Finding | Verdict | Incident | dict) and kind_of(said) in self._listened:
            name = f"{event.type} {event.id}"
            if self.store.was_heard(name):
                self.counted.doubled += 1
                return
            context = self.means.context
            met = heard(event.id, event.time, said, context)
            self._keep(react(self.policies, self.state, met, context, self.belts, now, self.lists), name)

    def _keep(self, turn: Turn, name: str = "", orders: Sequence[Order] = ()) -> None:
        """Write a turn with everything that follows from it, whole; only then is it so."""
        if not turn and not orders:
            return
        after = turn.after()
        with self.store.turn():
            if orders:
                after = self._commands(turn, orders)
            self.store.keep(turn)
            for record in turn.records.values():
                self._outbox.put_state(record, turn.time)
            if name:
                self.store.hear(name, turn.time)
        self.state = after
        for note in turn.notes:
            log.info("%s %s: %s", note.policy or "controller", note.what, note.text or dict(note.about))

    # what people say

    def _heed_words(self) -> None:
        for word in self.store.words():
            now = self.means.clock()
            if word.what in ("stop", "resume"):
                self._stop(word, now)
                continue
            turn = (
                revert(self.state, f"taken back by {word.by}", now, [word.name] if word.name else [])
                if word.what == "revert"
                else decide(self.state, word.name, word.by, now, yes=word.what == "approve")
            )
            self._keep(turn)
            with self.store.turn():
                self.store.heeded(word)

    def _stop(self, word: Word, now: float) -> None:
        state, notes = stop(self.state, word.by, now, stopped=word.what == "stop")
        with self.store.turn():
            self.store.set_stopped(stopped=state.stopped)
            self.store.note(notes)
            self.store.heeded(word)
        self.state = state
        log.warning("%s by %s", notes[0].what, word.by)

    # what time brings

    def _look(self) -> None:
        now = self.means.clock()
        if 0 <= now - self._ticked < _TICK:
            return
        self._ticked = now
        context = self.means.context
        while turn := listen_to_silence(self.policies, self.state, context, self.belts, now, self.lists):
            self._keep(turn)
        self._keep(tick(self.policies, self.state, context, self.belts, now, self.lists))
        if not 0 <= now - self._tidied < _TIDY:
            self._tidied = now
            with self.store.turn():
                self.store.tidy(now)

    # what is done

    def _dispatch(self) -> None:
        now = self.means.clock()
        turn, orders = dispatch(self.state, now)
        self._keep(turn, orders=orders)
        for order in orders:
            if order.verb is None:
                self.hands.begin(order.record, self.store.head())

    def _commands(self, turn: Turn, orders: Sequence[Order]) -> State:
        """Put signed commands into the outbox; an action that no command can be made for failed."""
        for order in orders:
            if order.verb is None or order.arguments is None:
                continue
            record = turn.records[order.record.id]
            wrong, command = self._command(record, order.verb, order.arguments, turn.time)
            if command is None:
                turn.put(record.now(Life.FAILED, turn.time, wrong))
                continue
            turn.records[record.id] = replace(record, command=command.id)
            self._outbox.put_command(command)
        return turn.after()

    def _command(self, record: Record, verb: Verb, arguments: Mapping[str, Plain], now: float) -> tuple[str, Command | None]:
        machine = record.machine
        key = self.means.key(machine)
        if key is None:
            return f"machine {machine!r} has no agent that commands could be signed for", None
        said = dict(arguments)
        if verb is Verb.LOAD:
            digest = self.means.digest(record.main)
            if digest is None:
                return f"program {record.main!r} is not in the library", None
            said["digest"] = digest
        command = Command(
            id=f"{record.id}-{record.attempts}",
            machine=MachineId(machine),
            number=self.store.number(machine, now),
            verb=verb,
            arguments=said,
            issued=now,
            expires=now + self.belts.answer,
            because=f"{record.action.policy}: {record.action.event}"[:200],
        )
        return "", sign(command, key)

    def _gather(self) -> None:
        """Take in what playbooks and notices came to."""
        for name, ended in self.hands.ended():
            now = self.means.clock()
            self._keep(finished(self.state, name, self.belts, now, done=ended.done, reason=ended.reason, again=ended.again))

    def _resume(self) -> None:
        """Take up what a killed controller had begun. A playbook whose end is there already is not run again."""
        now = self.means.clock()
        for record in [*self.state.records.values()]:
            if record.life is not Life.SENT or record.command:
                continue
            if record.step is Step.PLAYBOOK and record.verify and self._holds(record, now):
                self._keep(finished(self.state, record.id, self.belts, now, done=True, reason="it was done before the restart"))
            else:
                self.hands.begin(record, self.store.head())

    def _holds(self, record: Record, now: float) -> bool:
        lists = {**{name: items for each in self.policies for name, items in each.lists}, **self.lists}
        try:
            return answer(record.verify, record.event, lists, self.means.context, now).truth is True
        except ContextAway:
            return False

    # what goes out

    def _flush(self) -> str:
        """Send what waits: commands first; return what is away."""
        away = ""
        try:
            self.counted.sent += self._outbox.flush_to_bus(self.means.bus)
        except BusAway as error:
            away = f"the bus: {error}"
        try:
            self._outbox.flush_to_context(self.means.context)
        except ContextAway as error:
            away = f"the context: {error}"
        self.store.flush_audit()
        return away
