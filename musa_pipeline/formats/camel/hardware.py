"""Resource requirements of CAMEL 2 and 3: features and attributes, told apart by their annotations, names and units."""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor, isfinite
from typing import Any, Final

from musa_pipeline.domain.cpim import Resources
from musa_pipeline.formats.camel.draft import Reading

_ORDER: Final = ("cores", "memory", "storage")
_SIGNS: Final = {
    "cores": re.compile(r"number_?of_?cores|\bcores|cores?$|vcpus?$|hasnumberofcpu"),
    "memory": re.compile(r"\bram\b|^ram|ram$|memory|totalmemory|minram|maxram"),
    "storage": re.compile(r"storage|\bdisk|disk$|hdd|ssd|capacity"),
}
_OTHER: Final = re.compile(r"frequency|freq\b|gpu|fpga|accelerator|bandwidth|throughput|iops|cost|price")
"""What an attribute may be about that a machine's resources have no word for."""
_ACCELERATOR: Final = re.compile(r"gpu|fpga|accelerator")
_ORDINARY: Final = re.compile(r"\bcpu\b|\bram\b|memory|storage")
_MOST: Final = re.compile(r"(?:^|has)max|max$|hasmax")
_TO_MIB: Final = {"b": 1 / 1024**2, "kb": 1 / 1024, "mb": 1.0, "gb": 1024.0, "tb": 1024.0**2, "pb": 1024.0**3}
_UNITS: Final = {
    "bytes": "b",
    "byte": "b",
    "kilobytes": "kb",
    "kilobyte": "kb",
    "megabytes": "mb",
    "megabyte": "mb",
    "mebibytes": "mb",
    "gigabytes": "gb",
    "gigabyte": "gb",
    "gibibytes": "gb",
    "terabytes": "tb",
    "terabyte": "tb",
    "petabytes": "pb",
}
_UNIT_IN_NAME: Final = re.compile(r"(?:^|[_\d]|in|(?<=[a-z])(?=[A-Z]))([kKmMgGtT])(?:i?[bB]|[iI][bB])(?:ytes)?$")
_HUGE: Final = 4 * 1024**2
"""MiB that are more likely a slip of units than a machine: 4 TiB."""


def resources(reading: Reading, requirement: Any, now: Resources) -> Resources:
    """Return what a resource requirement, or the features of a machine, ask for at least; the higher of it and of what is known."""
    if requirement is None:
        return now
    found = {"cores": now.cores, "memory": now.memory, "storage": now.storage}
    for attribute, around in _attributes(requirement, ""):
        what = _about(attribute, around)
        if not what:
            reading.unused.tell(_unused_kind(attribute, around), attribute)
            continue
        if _is_upper(attribute):
            reading.unused.tell("most", attribute)
            continue
        least = _least(reading, attribute, what)
        if least is not None:
            found[what] = max(found[what], least)
    return replace(now, cores=found["cores"], memory=found["memory"], storage=found["storage"])


def _attributes(node: Any, around: str) -> Iterator[tuple[Any, str]]:
    """Yield the attributes of a feature and of those within it, with the words of the features around them."""
    waiting = [(node, around)]
    while waiting:
        each, words = waiting.pop()
        for attribute in each.attributes:
            if attribute.bounds:
                yield attribute, words
        within = [(feature, f"{words} {feature.named.name} {_words(feature)}") for feature in reversed(each.features)]
        waiting.extend(within)


def _words(node: Any) -> str:
    """Return the last parts of what a statement is annotated with."""
    paths = (path for each in node.annotations for path in each.of)
    return " ".join(" ".join(part.strip() for part in path.split(".")[-4:]) for path in paths)


def _about(attribute: Any, around: str) -> str:
    """Return which resource an attribute is about: by its annotation, by its name, then by the features around it."""
    annotation = _words(attribute).split(" ")[-2:]
    if _ORDINARY.search(around.lower()) and not _ACCELERATOR.search(around.lower()):
        annotation = annotation[-1:]  # several concepts have a property of one name, and tools take the first of them
    for said in (annotation, [attribute.named.name], around.split(" ")):
        words = " ".join(said).lower()
        if _OTHER.search(words):
            return ""
        for what in _ORDER:
            if _SIGNS[what].search(words):
                return what
    return ""


def _unused_kind(attribute: Any, around: str) -> str:
    words = f"{_words(attribute)} {attribute.named.name} {around}".lower()
    return "accelerator" if _ACCELERATOR.search(words) else "attribute"


def _is_upper(attribute: Any) -> bool:
    bounds = attribute.bounds
    words = [attribute.named.name.lower(), *_words(attribute).lower().split(" ")[-1:]]
    return bounds.low is None and (bounds.value is None or any(_MOST.search(each) for each in words))


def _least(reading: Reading, attribute: Any, what: str) -> int | None:
    bounds = attribute.bounds
    said = bounds.low or bounds.value
    number = _number(said)
    if number is None:
        text = f"{attribute.named.name!r} is to be a number, to say how much {what} is needed"
        reading.problems.warn("K052", reading.at(attribute), text, help="write it as in `int 4`")
        return None
    unit = _unit(attribute)
    if what == "cores":
        least = number
    else:
        mib = number * _TO_MIB[unit or ("mb" if what == "memory" else "gb")]
        if what == "memory" and mib >= _HUGE:
            text = f"{attribute.named.name!r} asks for {mib / 1024**2:g} TiB of memory"
            reading.problems.warn("K052", reading.at(attribute), text, help="look at its unit")
        least = mib if what == "memory" else mib / 1024
    beyond = bounds.low is not None and bounds.lowest == "("
    return max(0, floor(least) + 1 if beyond else ceil(least))


def _number(value: Any) -> float | None:
    said = str(getattr(value, "value", None) or "").strip("\"'")
    try:
        number = float(said) if len(said) < 20 else None
    except ValueError:
        return None
    return number if number is not None and isfinite(number) and 0 <= number < 1e12 else None


def _unit(attribute: Any) -> str:
    """Return the unit that is written, or the one that the attribute's name ends in."""
    ref = attribute.bounds.unit
    if ref is not None:
        return _UNITS.get(ref.meant.path.rpartition(".")[2].lower(), "")
    found = _UNIT_IN_NAME.search(attribute.named.name)
    return f"{found[1].lower()}b" if found else ""
