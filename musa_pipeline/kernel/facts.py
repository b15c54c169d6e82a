"""What a program is, for the agent: the facts that the platform writes beside each object, and the folder that holds both."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musa_pipeline.kernel.libbpf import KernelRefused

MOST_OCTETS = 4 << 20
"""No object of ours is nearly as large."""


@dataclass(frozen=True)
class Parameter:
    """A whole number within bounds, set before the program is loaded: the size of maps, else the constant of its name."""

    name: str
    lowest: int
    highest: int
    default: int
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One number in a map's value; one that is no measurement has no metric."""

    name: str
    offset: int
    size: int
    metric: str
    unit: str


@dataclass(frozen=True)
class MapFacts:
    """One map: how its keys read (`none`, `interface`, `ipv4`, `address`) and where the numbers are in its values."""

    name: str
    key: str
    key_size: int
    value_size: int
    per_cpu: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Facts:
    """One program: the half of a pair that people write, and the SHA-256 of the object that was built from the other half."""

    id: str
    scope: str
    hook: str
    entry: str
    order: int
    digest: str
    parameters: tuple[Parameter, ...]
    maps: tuple[MapFacts, ...]

    def settled(self, given: Mapping[str, Any]) -> dict[str, int]:
        """Return the value of every parameter; raises KernelRefused for an unknown name or a value out of bounds."""
        known = {each.name: each for each in self.parameters}
        for name, value in given.items():
            if name not in known:
                raise KernelRefused(f"{self.id} has no parameter {name!r}; it has {', '.join(sorted(known)) or 'none'}")
            bounds = known[name]
            if type(value) is not int or not bounds.lowest <= value <= bounds.highest:
                raise KernelRefused(
                    f"{self.id}: {name} is {value!r}, not a whole number from {bounds.lowest} to {bounds.highest}"
                )
        return {name: given.get(name, each.default) for name, each in known.items()}


def read_facts(text: str) -> Facts:
    """Return the facts in a JSON text; raises KernelRefused if it is none."""
    try:
        raw = json.loads(text)
        return Facts(
            **{key: raw[key] for key in ("id", "scope", "hook", "entry", "order", "digest")},
            parameters=tuple(Parameter(**{**each, "sizes": tuple(each["sizes"])}) for each in raw["parameters"]),
            maps=tuple(MapFacts(**{**each, "fields": tuple(Field(**field) for field in each["fields"])}) for each in raw["maps"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KernelRefused(f"these are no facts of a program: {error!r}") from error


class Library:
    """A folder of admitted programs, as the platform brought it: `<id>.o` beside `<id>.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def programs(self) -> tuple[str, ...]:
        """Return the ids of all programs."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.json")))

    def open(self, program: str, digest: str = "") -> tuple[Facts, bytes]:
        """Return a program's facts and object.

        Raises KernelRefused if it is not here, or if the object is not the one of the facts, or not the one that was asked for.
        """
        if program not in self.programs():
            raise KernelRefused(f"there is no program {program!r} here; there is {', '.join(self.programs()) or 'none'}")
        try:
            facts = read_facts((self.folder / f"{program}.json").read_text("utf-8"))
            with (self.folder / f"{program}.o").open("rb") as file:
                code = file.read(MOST_OCTETS)
        except (OSError, ValueError) as error:
            raise KernelRefused(f"program {program!r} cannot be read: {error}") from error
        found = hashlib.sha256(code).hexdigest()
        if facts.id != program or found != facts.digest:
            raise KernelRefused(f"the object of {program!r} is not the one that was admitted: its SHA-256 is {found}")
        if digest and digest != found:
            raise KernelRefused(f"the object of {program!r} is not the one that is asked for: its SHA-256 is {found}")
        return facts, code
