"""One program's YAML: what it may do, where it hooks in, what can be set, and what the numbers in its maps mean."""

import re
from typing import Final

from musa_pipeline.domain.bpf import BpfMap, BpfParameter, BpfProgram, Scope
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.bpf.entry import NAME, Entry, named
from musa_pipeline.formats.bpf.maps import read_map
from musa_pipeline.text.expect import mapping_of
from musa_pipeline.text.yaml import Mapping, Node, read_yaml

KEYS: Final = ("id", "title", "scope", "hook", "entry", "order", "cost", "needs", "parameters", "maps")
PARAMETER_KEYS: Final = ("type", "range", "default", "sizes", "help")
HOOKS: Final = ("xdp",)
COSTS: Final = ("low", "medium", "high")
LAST_ORDER: Final = 1000
HIGHEST: Final = 2**32 - 1
ENTRY: Final = re.compile(r"musa_[a-z0-9_]{1,10}")
"""Ours begin so, which the agent goes by when it takes over; the kernel keeps 15 signs of a name."""
ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def read_program(text: str, file: str, problems: Problems) -> BpfProgram | None:
    """Return the program; None after an error.

    Codes: B001 wrong shape or missing, B002 unknown key, B003 not one of the known words, B004 number or range, B005 a name that cannot be,
    B006 the id is not the file's name, B007 a map that is not there, B008 two numbers emit one metric.
    """
    found = Problems()
    tree = mapping_of(read_yaml(text, file, found), "a program", "B001", found)
    program = _program(tree, file, found) if tree is not None else None
    problems.extend(found)
    return program if not found.errors else None


def _program(tree: Mapping, file: str, problems: Problems) -> BpfProgram:
    entry = Entry(tree, "a program", KEYS, problems)
    name = named(entry.text("id"), ID, entry.place("id"), "an id is small letters and digits, joined by hyphens", problems)
    stem = file.rpartition("/")[2].rpartition(".")[0]
    if name and name != stem:
        problems.report(
            "B006", entry.place("id"), f"id {name!r} is in a file named {stem!r}", help=f"rename one of them to {stem}"
        )
    maps = tuple(
        each for key, node in entry.parts("maps") if (each := read_map(key, tree_key(tree, "maps", key), node, problems))
    )
    _metrics_differ(maps, tree, problems)
    sized = {each.name for each in maps}
    return BpfProgram(
        id=name,
        title=entry.text("title"),
        scope=Scope(entry.word("scope", tuple(Scope))),
        hook=entry.word("hook", HOOKS),
        entry=named(
            entry.text("entry"), ENTRY, entry.place("entry"), "an entry begins with 'musa_' and has at most 15 signs", problems
        ),
        order=entry.number("order", 0, LAST_ORDER, 0),
        cost=entry.word("cost", COSTS),
        needs_btf=_needs_btf(entry.node.get("needs"), problems),
        parameters=tuple(one for key, node in entry.parts("parameters") if (one := _parameter(key, tree, node, sized, problems))),
        maps=maps,
        at=tree.at,
    )


def tree_key(tree: Mapping, section: str, key: str) -> Mapping:
    """Return the section that holds a key, whose place it knows."""
    part = tree.get(section)
    assert isinstance(part, Mapping) and key in part.keys  # noqa: S101  only called for what the section has
    return part


def _needs_btf(node: Node | None, problems: Problems) -> bool:
    needs = mapping_of(node, "'needs'", "B001", problems)
    return Entry(needs, "'needs'", ("btf",), problems).flag("btf", default=True) if needs else True


def _parameter(name: str, tree: Mapping, node: Node, maps: set[str], problems: Problems) -> BpfParameter | None:
    section = tree_key(tree, "parameters", name)
    named(name, NAME, section.keys[name], "a parameter is at most 15 small letters, digits and underscores", problems)
    part = mapping_of(node, f"parameter {name!r}", "B001", problems)
    if part is None:
        return None
    entry = Entry(part, f"parameter {name!r}", PARAMETER_KEYS, problems)
    entry.word("type", ("int",))
    lowest, highest = entry.range("range", HIGHEST)
    sizes = entry.names("sizes")
    for each, at in sizes:
        if each not in maps:
            problems.report(
                "B007",
                at,
                f"parameter {name!r} sizes a map {each!r} that is not here",
                help=f"maps here: {', '.join(map(repr, sorted(maps)))}" if maps else "there is no map here",
            )
    return BpfParameter(
        name=name,
        lowest=lowest,
        highest=highest,
        default=entry.number("default", lowest, highest, lowest),
        help=entry.text("help"),
        sizes=tuple(each for each, _ in sizes),
    )


def _metrics_differ(maps: tuple[BpfMap, ...], tree: Mapping, problems: Problems) -> None:
    seen: set[str] = set()
    for each in maps:
        for field in each.fields:
            if field.metric and field.metric in seen:
                at = tree_key(tree, "maps", each.name).keys[each.name]
                problems.report("B008", at, f"{field.metric!r} is emitted twice", help="give each number a metric of its own")
            seen.add(field.metric)
