"""Documents with one thing wrong, or only different: dropped, doubled, renamed, moved, emptied."""

import random
from copy import deepcopy

from lxml import etree

from musa_pipeline.formats.wsag.names import CCM, MUSA, NIST, SPECS, WSAG

_VALUES = (
    "",
    "x",
    "0",
    "-1",
    "1.5",
    "yes",
    "LOW",
    "geq",
    "integer",
    "Ratio",
    "ServiceProvider",
    "AgreementResponder",
    "2016-04-30T06:00:00",
)
_SPACES = (WSAG, SPECS, NIST, CCM, "urn:other", "")


def mutated(root: etree._Element, chance: random.Random) -> tuple[etree._Element, str]:
    """Return a copy with one change outside our own notes, and what it was."""
    root = deepcopy(root)
    everything = _others(root)
    names = sorted({str(each.tag) for each in everything})
    target = chance.choice(everything)
    change = chance.choice(list(_CHANGES))
    before = f"{etree.QName(target).localname}, line {target.sourceline}"
    return _CHANGES[change](root, target, names, chance), f"{change} {before}"


def _others(root: etree._Element) -> list[etree._Element]:
    return [each for each in root.iter() if isinstance(each.tag, str) and not each.tag.startswith(f"{{{MUSA}}}")]


def _drop(root, target, names, chance):
    parent = target.getparent()
    if parent is not None:
        parent.remove(target)
    return root


def _double(root, target, names, chance):
    if target.getparent() is not None:
        target.addnext(deepcopy(target))
    return root


def _rename(root, target, names, chance):
    target.tag = chance.choice(names)
    return root


def _odd_name(root, target, names, chance):
    target.tag = f"{{{chance.choice(_SPACES[:-1])}}}odd"
    return root


def _other_space(root, target, names, chance):
    space, local = chance.choice(_SPACES), etree.QName(target).localname
    target.tag = f"{{{space}}}{local}" if space else local
    return root


def _swap(root, target, names, chance):
    following = target.getnext()
    if following is not None and target.getparent() is not None:
        following.addnext(target)
    return root


def _move(root, target, names, chance):
    goal = chance.choice(_others(root))
    if target is not root and target not in goal.iterancestors() and target is not goal:
        goal.insert(chance.randint(0, len(goal)), target)
    return root


def _insert(root, target, names, chance):
    target.insert(chance.randint(0, len(target)), target.makeelement(chance.choice(names)))
    return root


def _text(root, target, names, chance):
    target.text = chance.choice(_VALUES)
    return root


def _empty(root, target, names, chance):
    del target[:]
    return root


def _drop_attribute(root, target, names, chance):
    if target.attrib:
        del target.attrib[chance.choice(sorted(map(str, target.attrib)))]
    return root


def _rename_attribute(root, target, names, chance):
    if target.attrib:
        key = chance.choice(sorted(map(str, target.attrib)))
        value = target.attrib.pop(key)
        target.set(
            chance.choice([etree.QName(key).localname, f"{{{WSAG}}}{etree.QName(key).localname}", "odd", f"{{{WSAG}}}odd"]), value
        )
    return root


def _set_attribute(root, target, names, chance):
    keys = sorted(map(str, target.attrib)) or [f"{{{WSAG}}}Name"]
    target.set(chance.choice([*keys, f"{{{WSAG}}}Obligated", f"{{{WSAG}}}TemplateId", "{urn:other}odd"]), chance.choice(_VALUES))
    return root


_CHANGES = {
    "drop": _drop,
    "double": _double,
    "rename": _rename,
    "odd name": _odd_name,
    "other namespace": _other_space,
    "swap": _swap,
    "move": _move,
    "insert": _insert,
    "text": _text,
    "empty": _empty,
    "drop attribute": _drop_attribute,
    "rename attribute": _rename_attribute,
    "set attribute": _set_attribute,
}
