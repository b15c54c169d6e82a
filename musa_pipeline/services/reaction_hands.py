"""What the controller does itself: playbooks, notices, detections; each in a thread of its own, taken in when it ends."""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Protocol

from musa_pipeline.assurance.reactions import Record
from musa_pipeline.detection.registry import known
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.policy import Step
from musa_pipeline.services.audit import Head
from musa_pipeline.services.notices import Ended, Notice

log = logging.getLogger("musa.controller")
_MOST: Final = 4
"""Playbooks under way at once, and as many notices: people are told although playbooks take their time."""


class Playbooks(Protocol):
    """What runs a playbook of the library; the identity is the same when a killed controller runs it again."""

    def __call__(self, playbook: str, variables: Mapping[str, Plain], component: str, machine: str, identity: str) -> Ended: ...


class Notify(Protocol):
    """What tells people."""

    def __call__(self, notice: Notice, head: Head) -> Ended: ...


class Hands:
    """Begins what is not an agent's, and says what came of it."""

    def __init__(self, playbooks: Playbooks | None, notify: Notify | None) -> None:
        self._playbooks, self._notify = playbooks, notify
        self._hands = ThreadPoolExecutor(_MOST, "playbook")
        self._voices = ThreadPoolExecutor(_MOST, "notice")
        self._under_way: dict[str, Future[Ended]] = {}

    @property
    def under_way(self) -> int:
        """How many are not ended, or not taken in yet."""
        return len(self._under_way)

    def begin(self, record: Record, head: Head) -> None:
        """Begin an action; nothing if it is under way. `head` of the audit log goes with a notice."""
        if record.id in self._under_way:
            return
        match record.step:
            case Step.PLAYBOOK if self._playbooks:
                variables = record.action.arguments.get("variables")
                values = variables if isinstance(variables, dict) else {}
                work = self._hands.submit(self._playbooks, record.main, values, record.component, record.machine, record.id)
            case Step.NOTIFY if self._notify:
                work = self._voices.submit(self._notify, _notice(record), head)
            case Step.DETECT:
                work = _now(_detect(record))
            case Step.NOTIFY:
                work = _now(Ended(done=True, reason="told here only"))
            case _:
                work = _now(Ended(done=False, reason="nothing here runs playbooks"))
        self._under_way[record.id] = work

    def ended(self) -> Iterator[tuple[str, Ended]]:
        """Yield what ended since it was asked last: the action's id, and what came of it."""
        for name, work in [*self._under_way.items()]:
            if not work.done():
                continue
            del self._under_way[name]
            try:
                ended = work.result()
            except Exception as error:
                log.exception("action %s broke", name)
                ended = Ended(done=False, reason=f"it broke: {type(error).__name__}")
            yield name, ended

    def close(self) -> None:
        """Begin nothing more; what is under way is taken up again at the next start."""
        for each in (self._hands, self._voices):
            each.shutdown(wait=False, cancel_futures=True)


def _now(ended: Ended) -> "Future[Ended]":
    work: Future[Ended] = Future()
    work.set_result(ended)
    return work


def _detect(record: Record) -> Ended:
    """The detector runs every algorithm that is here: nothing is switched, and one that is not here cannot be had."""
    if record.main in known():
        return Ended(done=True, reason="it runs all the time")
    return Ended(done=False, reason=f"there is no detection algorithm {record.main!r}: there is {', '.join(known())}")


def _notice(record: Record) -> Notice:
    said, event = record.action.arguments, record.event
    message = said.get("message")
    recommended = said.get("recommend") or event.get("recommendation")
    what = " ".join(str(event[each]) for each in ("type", "metric", "state", "stage") if event.get(each))
    title = f"{record.action.policy}: {what or 'reaction'} at {record.action.target or 'the application'}"
    parts = [message if isinstance(message, str) else "", str(event.get("because") or event.get("detail") or "")]
    parts += [f"recommended: {recommended}"] if recommended else []
    return Notice(
        id=record.id,
        to=record.main,
        severity=str(said.get("severity") or "medium"),
        title=title,
        text=" · ".join(each for each in parts if each),
        time=record.begun,
        about={"policy": record.action.policy, "on": record.action.target, "machine": record.machine, "event": event},
    )
