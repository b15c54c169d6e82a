"""Statements of a CAMEL model, whatever they were read from: one class a rule of the grammars, with the attributes that it names.

The files in `grammar/` are the description of all of them: `Software: 'software' name=Name '{' ( 'requirements' sets+=Ref | ... `
is a class `Software` with a text `name` and a list `sets` of references. Rules of one name in the grammars of both generations are
one class with the attributes of both; what a file does not say is None, or an empty list.
"""

import re
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Final

_COMMENT: Final = re.compile(r"^\s*//.*$", re.MULTILINE)
_RULE: Final = re.compile(r"^(\w+):(.*?);$", re.MULTILINE | re.DOTALL)
_QUOTED: Final = re.compile(r"'[^']*'")
_ASSIGNMENT: Final = re.compile(r"\b(\w+)([+*?]?=)")


class Statement:
    """One statement, or a part of one: where it stands, and what it says by the names of its rule's attributes."""

    said: ClassVar[tuple[str, ...]] = ()
    """The names of its attributes."""
    at: int
    """Where it stands, in the places of its file."""
    named: Any
    """The name it has, or else the name around it; set when it is added to the names."""


def statement(kind: str, at: int, **said: Any) -> Any:
    """Return a statement of one class; a `Ref` has a `path`.

    >>> vm = statement("VM", 7, name="Machine", sets=[statement("Ref", 12, path="Needs")])
    >>> type(vm).__name__, vm.name, vm.sets[0].path, vm.hosts, vm.about
    ('VM', 'Machine', 'Needs', [], None)
    """
    found = of_class(kind)()
    found.at = at
    for name in found.said:
        setattr(found, name, said.pop(name) if name in said else [] if shapes()[kind][name] else None)
    if said:
        raise TypeError(f"a {kind} has no {', '.join(said)}")
    return found


@cache
def of_class(kind: str) -> type[Statement]:
    """Return the class of one rule."""
    return type(kind, (Statement,), {"said": tuple(shapes()[kind])})


@cache
def shapes() -> dict[str, dict[str, bool]]:
    """Return the attributes of each rule of each grammar, and whether there may be several values."""
    found: dict[str, dict[str, bool]] = {}
    for file in sorted(resources.files(__package__).joinpath("grammar").iterdir(), key=lambda each: each.name):
        for name, body in rules_in(file.read_text(encoding="utf-8")).items():
            known = found.setdefault(name, {})
            for attribute, sign in _ASSIGNMENT.findall(_QUOTED.sub("", body)):
                known[attribute] = known.get(attribute, False) or sign in ("+=", "*=")
    return found


def rules_in(text: str) -> dict[str, str]:
    """Return the bodies of the rules of a grammar by their names."""
    return dict(_RULE.findall(_COMMENT.sub("", text)))
