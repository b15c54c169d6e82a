"""Which step of a plan Ansible is at, told from its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from musa_pipeline.domain.plan import Plan, Step
from musa_pipeline.runners.ansible import Told, What

_FIRST = "Validating arguments against arg spec"
"""How the first task of every role of ours is called, by Ansible itself."""


@dataclass(slots=True)
class Turn:
    """Steps that are done at once, for they differ in nothing but the machine; and what became of their tasks."""

    steps: tuple[Step, ...]
    ok: int = 0
    changed: int = 0
    failed: int = 0
    ended: set[str] = field(default_factory=set)
    """Machines of which it is known that they are through."""

    @property
    def role(self) -> str:
        """The role that does them."""
        return self.steps[0].role

    @property
    def title(self) -> str:
        """What is done, in the plan's words."""
        first = self.steps[0]
        if len(self.steps) == 1:
            return first.title
        return f"{first.title.replace(first.machine, f'{len(self.steps)} machines')}"


def turns(plan: Plan, *, undo: bool = False) -> tuple[Turn, ...]:
    """Return the turns of a plan in the order of its playbook."""
    steps = plan.steps[::-1] if undo else plan.steps
    return tuple(Turn(tuple(some)) for _, some in groupby(steps, key=lambda each: (each.role, each.variables)))


class Paces:
    """Follows a run, or several at once, each limited to the machines that its events name; a turn ends when its last machine is through."""

    def __init__(self, all_turns: Sequence[Turn]) -> None:
        self.turns = all_turns
        self.of: dict[str, Pace] = {}
        self.now: Turn | None = None
        self.task = ""

    @property
    def total(self) -> int:
        """How many steps there are."""
        return sum(len(each.steps) for each in self.turns)

    @property
    def done(self) -> int:
        """How many steps are behind us."""
        return sum(step.machine in each.ended for each in self.turns for step in each.steps)

    def hear(self, told: Told) -> Turn | None:
        """Take an event; return the turn that ended by it on its last machine, if one did."""
        if told.lane not in self.of:
            machines = {machine for machine in told.lane.split(",") if machine}
            own = [each for each in self.turns if not machines or any(step.machine in machines for step in each.steps)]
            self.of[told.lane] = Pace(own)
        pace = self.of[told.lane]
        ended = pace.hear(told)
        self.now, self.task = pace.turn, pace.task
        return ended if ended and self._through(ended, told.lane) else None

    def turn_of(self, lane: str) -> Turn | None:
        """Return what a run is at."""
        return self.of[lane].turn if lane in self.of else None

    def end(self) -> Iterator[tuple[str, Turn]]:
        """Tell the turns that were at work when the runs ended, each with its run."""
        for lane, pace in self.of.items():
            last = pace.end()
            if last and self._through(last, lane):
                yield lane, last
        self.now = None

    def _through(self, turn: Turn, lane: str) -> bool:
        machines = {step.machine for step in turn.steps}
        turn.ended |= machines & set(lane.split(",")) if lane else machines
        return turn.ended == machines


@dataclass(slots=True)
class Pace:
    """Follows a run through its turns; a role that tells nothing of its beginning is found by its name."""

    turns: Sequence[Turn]
    at: int = -1
    task: str = field(default="")

    @property
    def turn(self) -> Turn | None:
        """What is done now."""
        return self.turns[self.at] if 0 <= self.at < len(self.turns) else None

    @property
    def total(self) -> int:
        """How many steps there are."""
        return sum(len(each.steps) for each in self.turns)

    @property
    def done(self) -> int:
        """How many steps are behind us."""
        return sum(len(each.steps) for each in self.turns[: max(self.at, 0)])

    def hear(self, told: Told) -> Turn | None:
        """Take an event; return the turn that ended by it, if one did."""
        ended = None
        if told.what is What.TASK:
            self.task = told.task
            ended = self._begins(told)
        elif self.turn is not None:
            self.turn.ok += told.what is What.OK
            self.turn.changed += told.what is What.CHANGED
            self.turn.failed += told.what in (What.FAILED, What.UNREACHABLE)
        return ended

    def end(self) -> Turn | None:
        """Return the turn that was at work when the run ended."""
        last, self.at = self.turn, len(self.turns)
        return last

    def _begins(self, told: Told) -> Turn | None:
        here = self.turn
        new = told.task.startswith(_FIRST) or (told.role and (here is None or here.role != told.role))
        if not new:
            return None
        found = next((i for i in range(self.at + 1, len(self.turns)) if self.turns[i].role == told.role), None)
        if found is None:
            return None
        self.at = found
        return here
