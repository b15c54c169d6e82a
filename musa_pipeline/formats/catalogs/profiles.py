"""Tailoring profiles: `catalogs/profiles/<id>.yaml`, what an organisation adds to a baseline, leaves out of it, and weighs otherwise."""

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Trees

from musa_pipeline.domain.control import Baseline
from musa_pipeline.domain.crosswalk import Crosswalk
from musa_pipeline.domain.ids import AgentId, ControlId, control_key
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.profile import Addition, Base, Figure, Profile, ProfileId, Removal
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.formats.catalogs.references import Controls
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

KEYS = ("id", "title", "based_on", "add", "remove", "minimum", "costs", "sources")
ADDITION_KEYS = ("for", "because")
SCORES = (1, 3, 5, 7, 9)
NEVER = 11
"""The least risk of a control that no risk reaches by itself, as in threats."""
DEAREST = 10_000


def read_profile(
    node: Mapping, conditions: Conditions, controls: Controls, problems: Problems, agents: Collection[AgentId] = ()
) -> Profile:
    """Return one profile; `agents` may have costs. Codes: C003 off the scale, C011 a control twice, or both added and removed."""
    entry = Entry(node, problems, KEYS)
    add = tuple(sorted(_additions(entry, conditions, controls), key=lambda each: control_key(each.control)))
    remove = tuple(sorted(_removals(entry, controls), key=lambda each: control_key(each.control)))
    added = {each.control: each.at for each in add}
    for each in remove:
        if each.control in added:
            sentence = f"control {each.control!r} is both added, at line {added[each.control].line}, and removed"
            problems.report("C011", each.at, sentence, help="keep one of them")
    return Profile(
        id=ProfileId(entry.text("id")),
        title=entry.text("title"),
        based_on=tuple(_bases(entry)),
        add=add,
        remove=remove,
        minimum=tuple(_figures(entry, "minimum", controls, ())),
        costs=tuple(_figures(entry, "costs", controls, agents)),
        sources=entry.sources("sources"),
        at=node.at,
    )


def check_bases(profiles: Collection[Profile], crosswalks: Trees[str, Crosswalk], problems: Problems) -> None:
    """Report bases that nobody has and profiles that are based on themselves. Codes: C006 unknown base, C011 a circle."""
    by_id = {each.id: each for each in profiles}
    selecting = {name for name, each in crosswalks.items() if each.selected}
    known = {*Baseline, *selecting, *by_id}
    for profile in profiles:
        if profile.id in {*Baseline, *selecting}:
            sentence = f"profile {profile.id!r} is called as a baseline is"
            problems.report("C011", profile.at, sentence, help="give it a name of its own")
        for base in profile.based_on:
            if base.id in crosswalks and base.id not in selecting:
                sentence = f"{base.id!r} is a map of clauses, which selects no controls"
                problems.report("C006", base.at, sentence, help=f"known: {', '.join(sorted(known - {profile.id}))}")
            elif base.id not in known:
                way_out = near(base.id, known - {profile.id}) or f"known: {', '.join(sorted(known - {profile.id}))}"
                problems.report("C006", base.at, f"no baseline, framework or profile {base.id!r} in the catalogs", help=way_out)
            elif circle := _circle(profile, base, by_id):
                way_out = "base one of them on something else"
                problems.report("C011", base.at, f"profile {profile.id!r} is based on itself: {' → '.join(circle)}", help=way_out)


def _circle(profile: Profile, base: Base, by_id: Trees[ProfileId, Profile]) -> list[str]:
    """Return the way from a profile through one of its bases back to it; nothing if there is none."""
    came: dict[str, str] = {base.id: profile.id}
    waiting = [base.id]
    while waiting:
        name = waiting.pop(0)
        if name == profile.id:
            way = [name]
            while (name := came[name]) != profile.id:
                way.append(name)
            return [profile.id, *reversed(way)]
        for each in by_id[ProfileId(name)].based_on if name in by_id else ():
            if each.id not in came:
                came[each.id] = name
                waiting.append(each.id)
    return []


def _bases(entry: Entry) -> Iterator[Base]:
    seen = set()
    for each in entry.scalars("based_on"):
        name = each.text.strip()
        if name in seen:
            entry.problems.report("C011", each.at, f"{name!r} is named twice", help="keep one of them")
        elif name:
            seen.add(name)
            yield Base(id=name, at=each.at)


def _additions(entry: Entry, conditions: Conditions, controls: Controls) -> Iterator[Addition]:
    for control, at, value in _named(entry, "add", controls):
        if isinstance(value, Mapping):
            part = Entry(value, entry.problems, ADDITION_KEYS)
            yield Addition(control=control, because=part.text("because"), applies=conditions.read(value.get("for")), at=at)
        elif because := _reason(entry, value, control):
            yield Addition(control=control, because=because, at=at)


def _removals(entry: Entry, controls: Controls) -> Iterator[Removal]:
    for control, at, value in _named(entry, "remove", controls):
        if because := _reason(entry, value, control):
            yield Removal(control=control, because=because, at=at)


def _reason(entry: Entry, value: Node, control: ControlId) -> str:
    """Return the text beside a control; a decision without reason is reported."""
    because = value.text.strip() if isinstance(value, Scalar) and value.value is not None else ""
    if not because:
        entry.wrong(value.at, f"say why, beside {control!r}")
    return because


def _figures(entry: Entry, key: str, controls: Controls, agents: Collection[AgentId]) -> Iterator[Figure]:
    for control, at, value in _named(entry, key, controls, agents):
        number = value.value if isinstance(value, Scalar) else None
        if not isinstance(number, int) or isinstance(number, bool):
            entry.wrong(value.at, f"{control!r} must have a whole number")
        elif key == "minimum" and number not in (*SCORES, NEVER):
            sentence = f"the minimum risk of {control} is {_short(number)}, a risk has 1, 3, 5, 7 or 9; 11 is never"
            entry.problems.report("C003", value.at, sentence, help="give one of these")
        elif key == "costs" and not 0 <= number <= DEAREST:
            sentence = f"the cost of {control} is {_short(number)}, its scale goes from 0 to {DEAREST:,}"
            entry.problems.report("C003", value.at, sentence, help="give one within it")
        else:
            yield Figure(of=control, value=number, at=at)


def _short(number: int) -> str:
    """Return a number; of one that is out of all bounds, that it is."""
    return str(number) if abs(number) <= 10**12 else "more than anybody counts"


def _named(
    entry: Entry, key: str, controls: Controls, agents: Collection[AgentId] = ()
) -> Iterator[tuple[ControlId, Span, Node]]:
    """Yield the controls, or agents, under a key, each once, with its place and what is said of it, in the standard's order."""
    found: dict[ControlId, tuple[Span, Node]] = {}
    if isinstance(node := entry.node.get(key), Sequence):
        entry.wrong(node.at, f"{key!r} must be a mapping of controls to what is said of each")
        return
    for written, at, value in entry.pairs(key):
        control = ControlId(written) if written in agents else controls.read(written, at)
        if control is None:
            continue
        if control in found:
            way_out = f"the first is at line {found[control][0].line}; keep one"
            entry.problems.report("C011", at, f"control {control!r} is twice in {key!r}", help=way_out)
            continue
        found[control] = at, value
    for control in sorted(found, key=control_key):
        yield control, *found[control]
