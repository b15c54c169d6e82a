"""The life of actions after they are planned: sent, answered, verified, taken back, expired, failed; and what time alone brings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from musa_pipeline.assurance.belts import count, crowded, forbidden
from musa_pipeline.assurance.conditions import answer
from musa_pipeline.assurance.heard import silence
from musa_pipeline.assurance.react import AGAIN, Lists, react, same
from musa_pipeline.assurance.reactions import COMMANDS, LASTING, MAIN, RENEWED, TOUCHING, UNDO, Belts, Note, Record, State, Turn
from musa_pipeline.assurance.sight import View
from musa_pipeline.domain.command import Outcome, Result, Verb
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.policy import Action, Life, Policy, Rule, Step

KEPT: Final = 600.0
"""Seconds that what is over stays in memory; the store keeps it longer."""
FORGOTTEN: Final = 86400.0
MOST_MARKS: Final = 50_000
MOST_RECORDS: Final = 20_000
UNDOING: Final = 12
"""Times that taking back is tried: a machine may be away for a while."""
_BACK_OFF: Final = (1.0, 3.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Order:
    """An action that is to be done now; `verb` and `arguments` for what an agent does."""

    record: Record
    verb: Verb | None = None
    arguments: dict[str, Plain] | None = None


def dispatch(state: State, now: float) -> tuple[Turn, tuple[Order, ...]]:
    """Return what is to be sent now: planned actions whose time has come and whose forerunners are verified."""
    turn, orders = Turn(state, now), []
    for record in sorted(state.records.values(), key=lambda each: (each.action.time, each.path, each.order, each.id)):
        if record.life is not Life.PLANNED or record.due > now:
            continue
        if state.stopped and record.step in TOUCHING and not record.takes_back:
            turn.put(record.now(Life.HELD, now, "reactions are stopped"))
            continue
        if record.step is Step.BLOCK and record.begun and record.lasts and now - record.begun >= record.lasts:
            turn.put(record.now(Life.EXPIRED, now, f"its {record.lasts:.0f} s were over before it was done"))
            continue
        ready, wrong = _ready(record, turn)
        if wrong:
            turn.put(record.now(Life.FAILED, now, wrong))
        elif ready:
            sent = replace(record.now(Life.SENT, now), attempts=record.attempts + 1, sent=now, begun=record.begun or now)
            turn.put(sent)
            verb, arguments = command_of(sent, now) if sent.step in COMMANDS else (None, None)
            orders.append(Order(sent, verb, arguments))
    return turn, tuple(orders)


def command_of(record: Record, now: float) -> tuple[Verb, dict[str, Plain]]:
    """Return what an agent is told for an action."""
    said = record.action.arguments
    interface = said.get("interface", "")
    match record.step:
        case Step.SET_PERIOD:
            return Verb.SET_PERIOD, {"input": said["input"], "component": record.component, "seconds": said["period"]}
        case Step.LOAD:
            parameters = said.get("parameters", {})
            return Verb.LOAD, {"program": said["program"], "interface": interface, "parameters": parameters}
        case Step.UNLOAD:
            return Verb.UNLOAD, {"program": said["program"], "interface": interface}
        case _ if said.get(UNDO):
            return Verb.UNBLOCK, {"source": said["source"]}
        case _:  # sent again, or on its way for long, it still ends when it would have
            until = round(record.begun + record.lasts, 3)
            return Verb.BLOCK, {"source": said["source"], "seconds": record.lasts - (now - record.begun), "until": until}


def answered(state: State, result: Result, belts: Belts, now: float) -> Turn:
    """Return what an agent's answer changes: applied, or sent again, or failed. An answer to nothing that waits changes nothing."""
    turn = Turn(state, now)
    record = next((each for each in state.records.values() if each.command == result.command and each.command), None)
    if record is None or record.life is not Life.SENT:
        return turn
    if str(result.machine) != record.machine:
        turn.note("answer refused", record.action.policy, record.id, f"machine {result.machine!r} answers for {record.machine!r}")
        return turn
    if result.outcome is not Outcome.APPLIED:
        _again(turn, record, belts, f"{result.outcome!s}: {result.reason or 'no reason is given'}"[:500])
        return turn
    wrong = _contradicts(record, result.after)
    if wrong:
        _again(turn, record, belts, wrong)
        return turn
    # what another policy did before is not how it was before all
    shared = next(
        (each for each in turn.all() if each.id != record.id and each.in_force and each.applied and each.same_as(record)), None
    )
    _applied(turn, replace(record, before=shared.before if shared else result.before))
    return turn


def finished(state: State, name: str, belts: Belts, now: float, *, done: bool, reason: str = "", again: bool = False) -> Turn:
    """Return what the end of a playbook or a notification changes; `again`: it may be tried once more."""
    turn = Turn(state, now)
    record = state.records.get(name)
    if record is None or record.life is not Life.SENT:
        return turn
    if done:
        _applied(turn, record, reason)
    elif again:
        _again(turn, record, belts, reason)
    else:
        turn.put(record.now(Life.FAILED, now, reason))
    return turn


def decide(state: State, name: str, by: str, now: float, *, yes: bool) -> Turn:
    """Return what a person's word changes: exactly the action that was shown is done, or none."""
    turn = Turn(state, now)
    record = state.records.get(name)
    if record is None or record.life is not Life.WAITING:
        turn.note("decision refused", action=name, text=f"{by}: it does not wait for approval")
    elif yes:
        turn.put(record.now(Life.PLANNED, now, f"approved by {by}"), "approved")
    else:
        turn.put(record.now(Life.HELD, now, f"refused by {by}"), "refused")
    return turn


def stop(state: State, by: str, now: float, *, stopped: bool) -> tuple[State, tuple[Note, ...]]:
    """Pull the kill switch, or let go of it: nothing new is done; what is taken back still is."""
    word = "stopped" if stopped else "resumed"
    return replace(state, stopped=stopped), (Note(time=now, what=f"reactions {word}", text=f"by {by}"),)


def revert(state: State, reason: str, now: float, names: Sequence[str] = ()) -> Turn:
    """Return a turn that takes back what is in force: all of it, or what is named."""
    turn = Turn(state, now)
    for each in state.records.values():
        if (not names or each.id in names) and each.step in LASTING and each.in_force:
            _take_back(turn, each, reason)
    return turn


def tick(policies: Sequence[Policy], state: State, view: View, belts: Belts, now: float, lists: Lists | None = None) -> Turn:
    """Return what time alone brings: answers that did not come, ends of what lasts, silence, checks that must hold by now."""
    turn = Turn(state, now)
    known = {each.id: each for each in policies}
    for record in state.records.values():
        policy = known.get(record.action.policy)
        match record.life:
            case Life.WAITING if now - record.action.time >= belts.approval:
                turn.put(record.now(Life.EXPIRED, now, f"nobody approved it in {belts.approval:.0f} s"))
            case Life.SENT if record.step in COMMANDS and now - record.sent >= belts.answer:
                _again(turn, record, belts, f"the agent did not answer in {belts.answer:.0f} s")
            case Life.HELD if record.later and record.due <= now:
                _room(turn, record, policy, view, belts, lists)
            case Life.APPLIED:
                _verify(turn, record, policy, view, lists)
            case Life.VERIFIED | Life.SHADOWED if record.step in LASTING and not record.takes_back:
                _ends(turn, record, policy)
        if record.over and now - record.action.time > KEPT:
            turn.dropped.add(record.id)
    _bound(turn)
    for name in turn.dropped:
        turn.records.pop(name, None)
    return turn


def listen_to_silence(
    policies: Sequence[Policy], state: State, view: View, belts: Belts, now: float, lists: Lists | None = None
) -> Turn:
    """Return what the first silence that lasts long enough now starts; to be asked again until nothing comes."""
    for policy in policies:
        waits = {path: rule for path, rule in _rules(policy.rule, "0") if rule.on.what == "silence"}
        for (owner, path, tag), mark in state.marks.items() if waits else ():
            rule = waits.get(path.removesuffix(":silence")) if path.endswith(":silence") and owner == policy.id else None
            if rule is not None and now - mark.touched >= rule.on.seconds:
                event = silence(rule.on.which, mark.component, mark.machine, mark.touched, now)
                turn = react([policy], state, event, view, belts, now, lists)
                turn.marks[(owner, path, tag)] = None
                return turn
    return Turn(state, now)


def _rules(rule: Rule, path: str) -> Iterator[tuple[str, Rule]]:
    yield path, rule
    for index, each in enumerate(rule.then):
        yield from _rules(each, f"{path}.{index}")


def _ready(record: Record, turn: Turn) -> tuple[bool, str]:
    for name in record.after:
        first = turn.record(name)
        if first is None or first.life in (Life.HELD, Life.FAILED, Life.EXPIRED, Life.REVERTED):
            return (
                False,
                f"not done: {first.step if first else 'what comes before it'} {first.main if first else ''} is not there",
            )
        if first.life not in (Life.VERIFIED, Life.SHADOWED):
            return False, ""
    return True, ""


def _applied(turn: Turn, record: Record, reason: str = "") -> None:
    """Take it as done: verified at once where nothing more is to be seen."""
    now = turn.time
    for older in [*turn.all()] if record.step is Step.BLOCK else ():
        if (
            older.in_force
            and older.id != record.id
            and older.applied
            and (older.machine, older.main) == (record.machine, record.main)
        ):
            turn.put(older.now(Life.EXPIRED, now, RENEWED))
    since = record.begun if record.step is Step.BLOCK else now
    record = replace(record, applied=now, until=since + record.lasts if record.lasts else None)
    turn.put(record.now(Life.APPLIED, now, reason))
    if record.unwanted:
        _take_back(turn, turn.records[record.id], record.unwanted)
    elif not record.verify:
        _verified(turn, record, reason)


def _verified(turn: Turn, record: Record, reason: str = "", trace: str = "") -> None:
    turn.put(record.now(Life.VERIFIED, turn.time, reason), trace=trace)
    undone = turn.record(record.action.undoes) if record.takes_back else None
    if undone is not None:
        turn.put(undone.now(Life.REVERTED, turn.time, record.action.reason or reason))


def _again(turn: Turn, record: Record, belts: Belts, reason: str) -> None:
    """Plan it once more, later; after enough attempts it failed. What nobody wants any more is taken back: perhaps it was done."""
    if record.unwanted:
        turn.put(record.now(Life.APPLIED, turn.time, reason))
        _take_back(turn, turn.records[record.id], record.unwanted)
        return
    most = UNDOING if record.takes_back else belts.attempts
    if record.attempts >= most:
        turn.put(record.now(Life.FAILED, turn.time, reason))
        undone = turn.record(record.action.undoes) if record.takes_back else None
        if undone is not None:
            turn.put(undone.now(Life.FAILED, turn.time, f"it could not be taken back: {reason}"))
        return
    wait = _BACK_OFF[min(record.attempts - 1, len(_BACK_OFF) - 1)]
    # the time of planning stays, so that what is sent again does not last longer than was decided
    later = replace(record, action=replace(record.action, life=Life.PLANNED, reason=reason), due=turn.time + wait, command="")
    turn.put(later, "again")


def _contradicts(record: Record, after: Plain) -> str:
    """Return what an agent read back that is not what was asked for; empty where it fits or says nothing."""
    if not isinstance(after, dict):
        return ""
    state = after.get("state")
    wanted = {Step.LOAD: "loaded", Step.UNLOAD: "absent"}.get(record.step)
    if wanted and isinstance(state, str) and state != wanted:
        return f"the agent says that {record.main} is {state}, not {wanted}"
    left = after.get("left")
    if record.step is Step.BLOCK and isinstance(left, int | float):
        if left <= 0 and not record.action.arguments.get(UNDO):
            return f"the agent says that {record.main} is not dropped"
        if left > 0 and record.action.arguments.get(UNDO):
            return f"the agent says that {record.main} is still dropped"
    return ""


def _room(turn: Turn, record: Record, policy: Policy | None, view: View, belts: Belts, lists: Lists | None) -> None:
    """Do what was held for want of room, if there is room now and it is still needed."""
    now = turn.time
    known = {**dict(policy.lists if policy else ()), **(lists or {})}
    if policy is None or now >= record.later:
        turn.put(replace(record, later=0.0).now(Life.HELD, now, "there was no room for it in time"))
    elif answer(record.verify, record.event, known, view, now).truth:
        turn.put(replace(record, later=0.0).now(Life.HELD, now, "it is no longer needed"))
    elif reason := forbidden(record, turn, view, belts):
        turn.put(replace(record, later=0.0).now(Life.HELD, now, reason))
    elif crowded(record, policy.limits, turn, view, belts):
        turn.records[record.id] = replace(record, due=now + AGAIN)
    else:
        count(turn, belts)
        turn.put(replace(record, later=0.0).now(Life.PLANNED, now, "there is room now"))


def _verify(turn: Turn, record: Record, policy: Policy | None, view: View, lists: Lists | None) -> None:
    if record.undone:  # it is being taken back
        return
    known = {**dict(policy.lists if policy else ()), **(lists or {})}
    found = answer(record.verify, record.event, known, view, turn.time)
    if found.truth:
        _verified(turn, record, "it holds", found.trace)
    elif turn.time - record.applied >= record.within:
        reason = f"it did not come to hold in {record.within:.0f} s"
        turn.put(record.now(Life.FAILED, turn.time, reason), trace=found.trace)
        if record.step in LASTING and not record.takes_back:
            _take_back(turn, turn.records[record.id], reason)


def _ends(turn: Turn, record: Record, policy: Policy | None) -> None:
    """End what lasts: a drop by itself, for the kernel forgets it; anything else when its time is over or its reason is gone."""
    now = turn.time
    if record.undone:
        return
    if record.until is not None and record.until <= now:
        if record.step is Step.BLOCK or record.life is Life.SHADOWED:
            turn.put(record.now(Life.EXPIRED, now, f"its {record.lasts:.0f} s are over"))
        else:
            _take_back(turn, record, f"its {record.lasts:.0f} s are over")
        return
    undo = policy.undo if policy else None
    if undo and record.step is not Step.BLOCK:
        marks = [turn.mark((record.action.policy, "undo", tag)) for tag in same(record.component, record.machine)]
        last = max([record.applied, record.action.time, *(each.touched for each in marks if each)])
        if now - last >= undo.after:
            _take_back(turn, record, f"{undo.without} did not come for {now - last:.0f} s")


def _take_back(turn: Turn, record: Record, reason: str) -> None:
    if record.life in (Life.PLANNED, Life.WAITING):
        turn.put(record.now(Life.REVERTED, turn.time, reason))
        return
    if record.life is Life.SHADOWED:
        turn.put(record.now(Life.REVERTED, turn.time, reason))
        return
    if record.life is Life.SENT:  # what became of it is not known yet; it is taken back when it is
        turn.records[record.id] = replace(record, unwanted=reason)
        return
    other = next((each for each in turn.all() if each.id != record.id and each.in_force and each.same_as(record)), None)
    if other is not None and record.step is not Step.BLOCK:
        turn.put(record.now(Life.REVERTED, turn.time, f"{reason}; {other.action.policy!r} still needs it"))
        return
    back = _opposite(record)
    if back is None:
        turn.put(record.now(Life.REVERTED, turn.time, f"{reason}; it was so before"))
        return
    step, arguments = back
    action = Action(
        id=f"{record.id}-undo",
        policy=record.action.policy,
        step=step,
        target=record.action.target,
        arguments=arguments,
        life=Life.PLANNED,
        time=turn.time,
        event=record.action.event,
        reason=reason,
        undoes=record.id,
    )
    undoing = Record(
        action=action,
        component=record.component,
        machine=record.machine,
        path=record.path,
        order=-record.order,  # last come, first gone
        event=record.event,
    )
    turn.records[record.id] = replace(record, undone=action.id)
    turn.put(undoing)


def _opposite(record: Record) -> tuple[Step, dict[str, Plain]] | None:
    """Return what takes an action back; None if everything was so before."""
    said, before = record.action.arguments, record.before
    match record.step:
        case Step.LOAD:
            if isinstance(before, dict) and before.get("state") == "loaded":
                return None
            return Step.UNLOAD, {"program": said["program"], "interface": said.get("interface", "")}
        case Step.SET_PERIOD:
            period = _period(before)
            return None if period is None else (Step.SET_PERIOD, {"input": said["input"], "period": period})
        case step:
            return step, {MAIN[step]: said[MAIN[step]], UNDO: True}


def _period(before: Plain) -> float | None:
    """Return the shortest period that there was before."""
    values = [*before.values()] if isinstance(before, Mapping) else [before]
    numbers = [float(each) for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    return min(numbers, default=None)


def _bound(turn: Turn) -> None:
    """Let go of what was not touched for long, and of the oldest when there is too much: memory has an end."""
    marks = turn.before.marks
    old = [key for key, mark in marks.items() if turn.time - mark.touched > FORGOTTEN]
    if len(marks) - len(old) > MOST_MARKS:
        by_age = sorted(marks, key=lambda key: marks[key].touched)
        old = by_age[: len(marks) - MOST_MARKS + MOST_MARKS // 10]
        turn.note("forgotten", text=f"{len(old)} marks of targets: more than {MOST_MARKS} were kept")
    turn.marks.update(dict.fromkeys(old))
    over = [each for each in turn.before.records.values() if each.over]
    if len(over) > MOST_RECORDS:
        over.sort(key=lambda each: each.action.time)
        turn.dropped.update(each.id for each in over[: len(over) - MOST_RECORDS])
