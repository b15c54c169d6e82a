"""Policies meet an event: which rules it starts, what their conditions say of the live context, and what is to be done.

Nothing is done here: a turn of changes comes out, which the controller keeps before it acts.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from musa_pipeline.assurance.asks import Meant, meant
from musa_pipeline.assurance.belts import COOLING, count, crowded, forbidden, lasting, limited
from musa_pipeline.assurance.conditions import Answer, answer
from musa_pipeline.assurance.heard import Heard
from musa_pipeline.assurance.reactions import LASTING, TOUCHING, Belts, Key, Mark, Record, State, Turn
from musa_pipeline.assurance.sight import View
from musa_pipeline.domain.context import Kind
from musa_pipeline.domain.policy import Action, Ask, Life, Mode, Policy, Rule, Step

LONGEST_WAIT: Final = 3600.0
"""Seconds that a rule waits after the one above it, if it does not say so itself."""
MOST_TIMES: Final = 1000
AGAIN: Final = 2.0
"""Seconds until an action for which there was no room is looked at again."""
_RANK: Final = (Mode.SHADOW, Mode.APPROVE, Mode.ENFORCE)
Lists: TypeAlias = Mapping[str, tuple[str, ...]]
Tags: TypeAlias = Callable[[str, str], Iterator[str]]


def react(
    policies: Sequence[Policy], state: State, event: Heard, view: View, belts: Belts, now: float, lists: Lists | None = None
) -> Turn:
    """Return what an event changes: actions planned, held, waiting or shadowed, and what is remembered of it."""
    turn = Turn(state, now)
    for policy in policies:
        known = {**dict(policy.lists), **(lists or {})}
        _Reaction(policy, event, view, belts, turn, known).heed()
    return turn


def listened_to(policies: Sequence[Policy]) -> frozenset[tuple[str, str]]:
    """Return which events mean something to some policy; all others can be passed over."""
    found: set[tuple[str, str]] = set()
    for policy in policies:
        if policy.undo:
            found.add(("finding", policy.undo.without))
        rules = [policy.rule]
        while rules:
            rule = rules.pop()
            found.add(("finding" if rule.on.what == "silence" else rule.on.what, rule.on.which))
            rules += rule.then
    return frozenset(found)


def tags(component: str, machine: str) -> Iterator[str]:
    """Yield under which names a rule that fired is remembered for the rules that wait for it."""
    if component:
        yield f"c:{component}"
    if machine:
        yield f"m:{machine}|*"
        if not component:
            yield f"m:{machine}|"


def same(component: str, machine: str) -> Iterator[str]:
    """Yield where a waiting rule looks: the same component if both name one, else the same machine."""
    if component:
        yield f"c:{component}"
        if machine:
            yield f"m:{machine}|"
    elif machine:
        yield f"m:{machine}|*"


@dataclass(frozen=True, slots=True)
class _Reaction:
    """One policy and one event."""

    policy: Policy
    event: Heard
    view: View
    belts: Belts
    turn: Turn
    lists: Lists

    def heed(self) -> None:
        """Look at every rule, those that wait first: an event that starts a rule is not the one that its waiting rules wait for."""
        undo = self.policy.undo
        if undo and self.event.what == "finding" and self.event.which == undo.without:
            self._remember("undo", tags)
        self._rule(self.policy.rule, "0", "")

    def _rule(self, rule: Rule, path: str, above: str) -> None:
        for index, each in enumerate(rule.then):
            self._rule(each, f"{path}.{index}", path)
        trigger, event = rule.on, self.event
        if above and not self._fired(above, trigger.within):
            return
        if trigger.what == "silence" and event.what == "finding" and event.which == trigger.which:
            self._remember(f"{path}:silence", lambda *_: iter((event.target,)))
        elif self._starts(rule) and self._often_enough(rule, path):
            self._fire(rule, path)

    def _starts(self, rule: Rule) -> bool:
        trigger, event = rule.on, self.event
        alike = (trigger.what, trigger.which) == (event.what, event.which)
        return alike and event.confidence >= trigger.confidence and trigger.metric in ("", event.metric)

    def _fired(self, path: str, within: float | None) -> bool:
        longest = LONGEST_WAIT if within is None else within
        for tag in same(self.event.component, self.event.machine):
            mark = self.turn.mark((self.policy.id, f"{path}:fired", tag))
            if mark and mark.fired is not None and mark.fired <= self.event.time <= mark.fired + longest:
                return True
        return False

    def _often_enough(self, rule: Rule, path: str) -> bool:
        """Count triggers in a time; those of the past leave."""
        trigger, event = rule.on, self.event
        if trigger.count < 2:
            return True
        key = (self.policy.id, f"{path}:count", event.target)
        mark = self.turn.mark(key)
        seen = str(event.fields.get(trigger.distinct, "")) if trigger.distinct else event.id
        times = {value: time for time, value in (mark.times if mark else ()) if event.time - time < trigger.seconds}
        times[seen] = event.time
        recent = tuple(sorted((time, value) for value, time in times.items()))[-MOST_TIMES:]
        enough = len(recent) >= trigger.count
        self.turn.marks[key] = Mark(touched=self.turn.time, times=() if enough else recent)
        return enough

    def _fire(self, rule: Rule, path: str) -> None:
        stale = self._stale()
        if stale:
            self._tell(path, "too old", stale)
            return
        found = answer(rule.when, self.event.fields, self.lists, self.view, self.turn.time)
        truth = rule.on_missing if found.truth is None else found.truth
        if found.truth is None and not rule.on_missing:
            self._tell(path, "not known", f"{found.unknown}; so nothing is done", found.trace)
            return
        if truth:
            self._remember(f"{path}:fired", tags, fired=self.event.time)
        asks = rule.do if truth else rule.otherwise
        if asks:
            self._run(asks, path if truth else f"{path}:else", found)
        elif not truth:
            self._tell(path, "not met", "the condition is false", found.trace)

    def _stale(self) -> str:
        event, now = self.event, self.turn.time
        if now - event.time <= self.belts.stale:
            return ""
        if event.what == "incident" and event.which == "open":
            incident = self.view.get(Kind.INCIDENT, str(event.fields.get("id", "")))
            if (
                incident
                and not incident.gone
                and incident.observed.get("ended") is None
                and incident.observed.get("stage") != "closed"
            ):
                return ""
        return f"it is {now - event.time:.0f} s old: nothing is begun for it"

    def _run(self, asks: Sequence[Ask], path: str, found: Answer) -> None:
        """Plan what is asked for, unless all of it is in force already: then only its end moves on."""
        wanted = [each for index, ask in enumerate(asks) for each in self._meant(ask, path, index)]
        in_force = {each.id: there for each, _ in wanted if (there := self._there(each))}
        lasting_ones = [each for each, _ in wanted if each.step in LASTING or each.step is Step.PLAYBOOK]
        if lasting_ones and all(each.id in in_force for each in lasting_ones):
            for there in in_force.values():
                self._prolong(there)
            return
        if any(self.turn.record(each.id) for each, _ in wanted):
            return  # this very event was dealt with before
        reason = self._limit(path)
        if reason and not self._first(path, reason):
            return
        if not reason:
            self._tell(path, "fired", "", found.trace)
        before: list[str] = []
        for each, wrong in wanted:
            if each.id in in_force:
                self._prolong(in_force[each.id])
                continue
            # make before break: what is taken away waits until all before it is there
            record = replace(each, after=tuple(before) if each.step is Step.UNLOAD else each.after)
            self._plan(record, wrong, reason, found.trace)
            before += [record.id] if record.step in TOUCHING else []

    def _meant(self, ask: Ask, path: str, index: int) -> Iterator[tuple[Record, str]]:
        """Yield the action that an ask means for this event, and what else goes with it; a text if it cannot be done."""
        found = meant(ask, self.event, self.view)
        first = self._record(ask, found, path, 2 * index)
        yield first, found.wrong
        period = ask.arguments.get("period") if ask.step is Step.LOAD else None
        if period is not None:
            arguments = {"input": first.main, "period": period, "for": ask.arguments.get("for")}
            with_it = Meant(found.component, found.machine, {k: v for k, v in arguments.items() if v is not None}, found.wrong)
            reading = self._record(replace(ask, step=Step.SET_PERIOD, verify=""), with_it, path, 2 * index + 1)
            yield replace(reading, component="", after=(first.id,)), found.wrong

    def _record(self, ask: Ask, found: Meant, path: str, order: int) -> Record:
        event = self.event
        spot = "\0".join((self.policy.id, path, str(order), event.id, found.component, found.machine))
        action = Action(
            id=f"{self.policy.id}-{hashlib.sha256(spot.encode()).hexdigest()[:16]}",
            policy=self.policy.id,
            step=ask.step,
            target=found.component or found.machine,
            arguments=found.arguments,
            life=Life.PLANNED,
            time=self.turn.time,
            event=event.id,
        )
        record = Record(
            action=action,
            component=found.component,
            machine=found.machine,
            path=path,
            order=order,
            verify=ask.verify,
            within=ask.within,
            event=event.fields,
        )
        return replace(record, lasts=lasting(record, self.belts))

    def _there(self, wanted: Record) -> Record | None:
        """Return what is in force already and would be done again for nothing. Each policy loads for itself: another's may go earlier."""
        if wanted.step not in LASTING and wanted.step is not Step.PLAYBOOK:
            return None
        for each in self.turn.all():
            if each.in_force and each.same_as(wanted):
                if each.step is Step.PLAYBOOK and each.component != wanted.component:
                    continue
                if each.step not in (Step.PLAYBOOK, Step.BLOCK) and each.action.policy != wanted.action.policy:
                    continue
                left = None if each.until is None else each.until - self.turn.time
                if each.step is Step.BLOCK and left is not None and not wanted.lasts / 2 <= left <= each.lasts:
                    continue  # it would end soon, or the clock was set back: it is done again, and lasts from now
                return each
        return None

    def _prolong(self, record: Record) -> None:
        if record.until is not None and record.step is not Step.BLOCK and record.until < self.turn.time + record.lasts * 0.75:
            self.turn.records[record.id] = replace(record, until=self.turn.time + record.lasts)

    def _limit(self, path: str) -> str:
        """Return why this rule must not run again for this target; else count the run."""
        key = (self.policy.id, f"{path}:runs", self.event.target)
        mark = self.turn.mark(key)
        reason = limited(self.policy.limits, mark, self.turn.time)
        if not reason or reason.startswith(COOLING):
            # what cools down is done when that is over, so it counts from then
            at = self.turn.time if not reason else self.turn.time + self.policy.limits.cool_down
            longest = max(self.policy.limits.seconds, self.policy.limits.cool_down)
            times = [each for each in (mark.times if mark else ()) if self.turn.time - each[0] < longest]
            self.turn.marks[key] = Mark(touched=self.turn.time, times=(*times[-MOST_TIMES:], (at, "")))
        return reason

    def _first(self, path: str, reason: str) -> bool:
        """Tell whether this is news: a belt that holds again and again is told once in its time."""
        key = (self.policy.id, f"{path}:held", self.event.target)
        mark = self.turn.mark(key)
        if mark and self.turn.time - mark.touched < self.policy.limits.seconds and mark.said == reason.partition(":")[0][:10]:
            return False
        self.turn.marks[key] = Mark(touched=self.turn.time, said=reason.partition(":")[0][:10])
        return True

    def _plan(self, record: Record, wrong: str, limit: str, trace: str) -> None:
        """Put one action into its first state: failed, held by a belt, shadowed, waiting for approval, or planned."""
        turn, now = self.turn, self.turn.time
        record = replace(record, action=replace(record.action, trace=trace))
        if wrong:
            turn.put(record.now(Life.FAILED, now, wrong), trace=trace)
            return
        reason = forbidden(record, turn, self.view, self.belts) or (limit if record.step in TOUCHING else "")
        if reason and reason == limit and limit.startswith(COOLING) and record.verify:
            limits = self.policy.limits
            record = replace(record, later=now + max(limits.seconds, 2 * limits.cool_down), due=now + limits.cool_down)
        elif not reason and (reason := crowded(record, self.policy.limits, turn, self.view, self.belts)) and record.verify:
            # what it is for can be seen, so it is done when there is room, if it is needed then
            record = replace(record, later=now + self.policy.limits.seconds, due=now + AGAIN)
        if reason:
            turn.put(record.now(Life.HELD, now, reason), trace=trace)
            return
        mode = min(self.policy.mode, self.belts.most, key=_RANK.index)
        said = record.action.arguments.get("for")
        shortened = f"shortened to {record.lasts:.0f} s" if isinstance(said, int | float) and said > record.lasts > 0 else ""
        if mode is Mode.SHADOW:
            turn.put(replace(record, until=now + record.lasts).now(Life.SHADOWED, now, "only said, not done: shadow mode"))
        elif mode is Mode.APPROVE and record.step in TOUCHING:
            turn.put(record.now(Life.WAITING, now, "waiting for approval"))
        else:
            if record.step in TOUCHING:
                count(turn, self.belts)
            turn.put(record.now(Life.PLANNED, now, shortened))

    def _remember(self, path: str, named: Tags, fired: float | None = None) -> None:
        event = self.event
        for tag in named(event.component, event.machine):
            key: Key = (self.policy.id, path, tag)
            self.turn.marks[key] = Mark(touched=self.turn.time, fired=fired, component=event.component, machine=event.machine)

    def _tell(self, path: str, what: str, text: str, trace: str = "") -> None:
        """Note what came of a rule; the same again within the time of its limits is not told again."""
        key = (self.policy.id, f"{path}:told", self.event.target)
        mark = self.turn.mark(key)
        if what != "fired" and mark and mark.said == what and self.turn.time - mark.touched < self.policy.limits.seconds:
            return
        self.turn.marks[key] = Mark(touched=self.turn.time, said=what)
        about = (
            ("event", self.event.id),
            ("rule", path),
            ("on", self.event.target),
            ("heard", f"{self.event.what} {self.event.which}"),
        )
        self.turn.note(what, self.policy.id, text=text, trace=trace, about=about)
