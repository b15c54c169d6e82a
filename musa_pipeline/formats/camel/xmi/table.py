"""Tables of a dialect: which class of its metamodel is which statement of CAMEL text, and which feature is which attribute.

A line says `Class Statement feature ...`. The statement is the rule of a grammar, `=part` for a sub-model, `-` for what only holds
others, `.` for what is not read. After `Class < Base` stand all features of the base as well. A feature is written

    feature           known, and not used
    feature=attr      a text; `:word`, `:whole`, `:number`, `:flag`, `:compare`, `:dash` say what else; `|x` what it is when left out (`|-` an
                      empty text)
    low..high=attr    two numbers that make a range
    feature>attr      a reference, or several; with `|needed` one that must be there,
                      with `|quiet` one that drafts said in another way
    feature+Class     what is contained, as statements beside this one; with `=attr` as parts of it
    feature!word      a command of the life cycle
    feature^Class=attr  a reference that is a statement of its own in the text
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

_FEATURE: Final = re.compile(
    r"(?P<name>\w+)(?:\.\.(?P<high>\w+))?(?:(?P<sign>[>+!^])(?P<inner>[\w:]+))?(?:=(?P<to>\w+))?(?::(?P<form>\w+))?(?:\|(?P<rest>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: `sign` tells references, parts and commands from values."""

    name: str
    sign: str = ""
    inner: str = ""
    """The class of what is contained, or the word of a command."""
    to: str = ""
    """The attribute of the statement; '' where there is none."""
    form: str = ""
    rest: str = ""
    """The value that stands for none."""
    bounds: tuple[str, str] = ("", "")
    """The features with the lower and the upper bound, for both of them."""


@dataclass(slots=True)
class Class:
    """One class of a metamodel."""

    name: str
    rule: str
    features: dict[str, Feature] = field(default_factory=dict)
    names: tuple[str, ...] = ("name", "id", "ID", "identifier")
    """The attributes that may hold its name, the first that is there does."""


@cache
def classes(table: str) -> dict[str, Class]:
    """Return the classes of a table."""
    found: dict[str, Class] = {}
    for line in table.replace("\\\n", " ").splitlines():
        words = line.split()
        if not words:
            continue
        made = Class(words[0], words[1])
        rest = words[2:]
        while rest[:1] == ["<"]:
            made.features.update(found[rest[1]].features)
            rest = rest[2:]
        for word in rest:
            if word.startswith("@"):
                made.names = tuple(word[1:].split(","))
            else:
                made.features.update((each.name, each) for each in _features(word))
        found[made.name] = made
    return found


def _features(word: str) -> list[Feature]:
    said = _FEATURE.fullmatch(word)
    if not said:
        raise ValueError(f"{word!r} is no feature")
    name, high, sign, inner = said["name"], said["high"] or "", said["sign"] or "", said["inner"] or ""
    to, form, rest = said["to"] or "", said["form"] or "", said["rest"] or ""
    if high:
        return [Feature(each, to=to, form="range", bounds=(name, high)) for each in (name, high)]
    if sign == ">":
        return [Feature(name, sign, "", inner, rest=rest)]
    return [Feature(name, sign, inner, to, form, rest)]
