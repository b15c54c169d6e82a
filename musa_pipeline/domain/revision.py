"""Revisions of the control catalog: what a control became, what it was called, and what changes from one version to another."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.ids import ControlId, control_key


class Change(StrEnum):
    """What can happen to a control between two versions of its catalog, the weightiest first."""

    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    RESTORED = "in force again"
    ADDED = "added"
    LEVEL = "implemented by"
    BASELINES = "baselines"
    RETITLED = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChange:
    """One change of one control, in the words of both versions; `successors` stand for a control that is withdrawn."""

    control: ControlId
    change: Change
    before: str = ""
    after: str = ""
    successors: tuple[ControlId, ...] = ()


def successors(control: ControlId, known: Mapping[ControlId, Control]) -> tuple[ControlId, ...]:
    """Return the controls in force that a control of any revision is now: itself, or where its withdrawn links lead in the end."""
    found: set[ControlId] = set()
    waiting, seen = [control], set[ControlId]()
    while waiting:
        each = known.get(waiting.pop())
        if each is None or each.id in seen:
            continue
        seen.add(each.id)
        if each.withdrawn:
            waiting.extend(each.moved_to)
        else:
            found.add(each.id)
    return tuple(sorted(found, key=control_key))


def revision_map(older: ControlCatalog, newer: ControlCatalog) -> dict[ControlId, tuple[ControlId, ...]]:
    """Return what each control that is in force in the older revision is in the newer one; nothing where no link leads on."""
    known = {each.id: each for each in newer.controls}
    return {each.id: successors(each.id, known) for each in older.controls if not each.withdrawn}


def titles(newer: ControlCatalog, older: tuple[ControlCatalog, ...]) -> dict[str, tuple[ControlId, ...]]:
    """Return the controls in force by title in small letters: their own titles, and those that older revisions gave them.

    A title of an older revision leads to what its control is now; where a control in force has that title, only to it.
    """
    known = {each.id: each for each in newer.controls}
    found: dict[str, set[ControlId]] = defaultdict(set)
    for each in newer.controls:
        if not each.withdrawn:
            found[plain(each.title)].add(each.id)
    before: dict[str, set[ControlId]] = defaultdict(set)
    for catalog in older:
        for each in catalog.controls:
            if not each.withdrawn:
                before[plain(each.title)].update(successors(each.id, known))
    for title, controls in before.items():
        found.setdefault(title, controls)
    return {title: tuple(sorted(controls, key=control_key)) for title, controls in found.items()}


def plain(title: str) -> str:
    """Return a title as it is compared: small letters, single spaces, `and` for `&`.

    >>> plain("Information  System Monitoring "), plain("Audit & Accountability")
    ('information system monitoring', 'audit and accountability')
    """
    return " ".join(title.casefold().replace("&", " and ").split())


def changes(before: ControlCatalog, after: ControlCatalog) -> tuple[ControlChange, ...]:
    """Return what changes from one version of the catalog to another, by kind of change and control."""
    old, new = ({each.id: each for each in catalog.controls} for catalog in (before, after))
    found = [
        change for each in old.keys() | new.keys() for change in _changes(each, old.get(each), new.get(each), new, before, after)
    ]
    weight = {each: number for number, each in enumerate(Change)}
    return tuple(sorted(found, key=lambda each: (weight[each.change], control_key(each.control))))


def _changes(
    name: ControlId,
    old: Control | None,
    new: Control | None,
    known: Mapping[ControlId, Control],
    before: ControlCatalog,
    after: ControlCatalog,
) -> Iterator[ControlChange]:
    if new is None:
        assert old  # noqa: S101  the id is of one of the two
        yield ControlChange(control=name, change=Change.REMOVED, before=old.title)
    elif new.withdrawn:
        if old and not old.withdrawn:
            moved = successors(name, known)
            yield ControlChange(control=name, change=Change.WITHDRAWN, before=old.title, successors=moved)
    elif old is None:
        yield ControlChange(control=name, change=Change.ADDED, after=new.title)
    elif old.withdrawn:
        yield ControlChange(control=name, change=Change.RESTORED, after=new.title)
    else:
        yield from _kept(name, old, new, before, after)


def _kept(name: ControlId, old: Control, new: Control, before: ControlCatalog, after: ControlCatalog) -> Iterator[ControlChange]:
    """Yield the changes of a control that is in force in both; what one catalog says of no control at all is not compared."""
    if plain(old.title) != plain(new.title):
        yield ControlChange(control=name, change=Change.RETITLED, before=old.title, after=new.title)
    if old.level != new.level and before.has_levels and after.has_levels:
        yield ControlChange(
            control=name, change=Change.LEVEL, before=str(old.level or "nobody said"), after=str(new.level or "nobody said")
        )
    if old.baselines != new.baselines and before.has_baselines and after.has_baselines:
        was, now = (", ".join(sorted(each)) or "none" for each in (old.baselines, new.baselines))
        yield ControlChange(control=name, change=Change.BASELINES, before=was, after=now)
