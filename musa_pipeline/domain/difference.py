"""What two cloud-provider-independent models say differently, fact by fact: the order in which things are said means nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.ids import ComponentId, slug

_OWN_WORDS: Final = frozenset({"at", "type", "id"})
"""Facts of a component that are the language's own: where it says them, and what it calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One fact that differs: of a component, or of the whole model (`component` is empty). An empty word: it is not said."""

    component: ComponentId | None
    fact: str
    before: str
    after: str


def differences(before: Cpim, after: Cpim) -> tuple[Difference, ...]:
    """Return what the second model says differently from the first, component by component."""
    return tuple(_all(before, after))


def _all(before: Cpim, after: Cpim) -> Iterator[Difference]:
    theirs = {each.id: each for each in after.components}
    for each in before.components:
        other = theirs.pop(each.id, None)
        if other is None:
            yield Difference(component=each.id, fact="component", before=each.name, after="")
        elif other != each:
            yield from _component(each, other)
    for each in theirs.values():
        yield Difference(component=each.id, fact="component", before="", after=each.name)
    if slug(before.name) != slug(after.name):
        yield Difference(component=None, fact="name", before=before.name, after=after.name)
    for fact in ("connections", "agents", "apart", "together", "zones"):
        yield from _said(None, fact, getattr(before, fact), getattr(after, fact))


def _component(before: Component, after: Component) -> Iterator[Difference]:
    for each in fields(before):
        if each.name not in _OWN_WORDS:
            yield from _said(before.id, each.name, getattr(before, each.name), getattr(after, each.name))


def _said(component: ComponentId | None, fact: str, before: object, after: object) -> Iterator[Difference]:
    if isinstance(before, tuple | frozenset) and isinstance(after, tuple | frozenset):
        ours, theirs = sorted(map(told, before)), sorted(map(told, after))
        if fact == "roles":  # their order is that in which they are applied
            ours, theirs = list(map(told, before)), list(map(told, after))
        if ours != theirs:
            lost = [each for each in ours if each not in theirs] or ours
            new = [each for each in theirs if each not in ours] or ([] if lost is not ours else theirs)
            yield Difference(component=component, fact=fact, before=", ".join(lost), after=", ".join(new))
    elif told(before).casefold() != told(after).casefold():
        yield Difference(component=component, fact=fact, before=told(before), after=told(after))


def told(value: object) -> str:
    """Return a value of the model in a few words; nothing where nothing is said.

    >>> from musa_pipeline.domain.cpim import Port
    >>> told(Port(number=443, protocol="https", secure=True)), told(None), told(True)
    ('number 443, protocol https, secure', '', 'yes')
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | frozenset):
        return " + ".join(sorted(map(told, value)))
    if is_dataclass(value):
        return ", ".join(_told_field(each.name, getattr(value, each.name)) for each in fields(value) if _counts(each.name, value))
    return str(value)


def _counts(name: str, value: object) -> bool:
    said = getattr(value, name)
    return name != "at" and said is not None and (isinstance(said, bool) or said not in ("", 0, ()))


def _told_field(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name} {told(value)}"
