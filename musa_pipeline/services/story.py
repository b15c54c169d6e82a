"""The story: what happens at a watched application, told once, line by line."""

import threading
from collections.abc import Callable
from typing import Final

from musa_pipeline.assurance.story import Line, tell
from musa_pipeline.bus.port import Bus
from musa_pipeline.domain.command import Result
from musa_pipeline.domain.event import Finding, Topic
from musa_pipeline.domain.policy import Action
from musa_pipeline.domain.verdict import Incident, Verdict
from musa_pipeline.formats.events import read_payload
from musa_pipeline.services.watched import Watched

QUIET: Final = 600.0
"""Seconds in which the same report of an agent is told once."""
MOST_KINDS: Final = 1000


class Story:
    """Tells what happens, once: it goes on where an earlier run was."""

    def __init__(self, bus: Bus, watched: Watched, say: Callable[[Line], None]) -> None:
        self.bus, self.say = bus, say
        self.objectives = {each.id: each for each in watched.objectives}
        self.application = watched.application
        self._reported: dict[tuple[str, ...], float] = {}

    def run(self, stopping: threading.Event) -> None:
        """Read events and results until told to stop."""
        subscription = self.bus.subscribe([Topic.EVENTS, Topic.RESULTS], "story")
        try:
            while not stopping.is_set():
                came = subscription.poll(0.5)
                for each in came:
                    self._one(read_payload(each.event))
                if came:
                    subscription.commit()
        finally:
            subscription.close()

    def _one(self, said: object) -> None:
        if isinstance(said, Finding) and said.algorithm.startswith("agent ") and self._again(said):
            return
        if isinstance(said, Verdict | Incident | Finding | Action | Result):
            line = tell(said, self.objectives, self.application)
            if line:
                self.say(line)

    def _again(self, finding: Finding) -> bool:
        """Tell whether an agent reported the same a while ago: what goes on is told now and then."""
        key = (finding.type, finding.component, finding.machine, finding.detail)
        last = self._reported.get(key)
        if last is not None and abs(finding.time - last) < QUIET:
            return True
        if len(self._reported) >= MOST_KINDS:
            self._reported.clear()
        self._reported[key] = finding.time
        return False
