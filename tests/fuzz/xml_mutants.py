"""Changes to an XML tree: elements moved, doubled and lost, references that lead nowhere or round in circles."""

from typing import Any, Final

from lxml import etree

from tests.fuzz.chance import Chance, one

_REFERENCES: Final = [
    "//",
    "//@",
    "//@deploymentModels.0",
    "//@deploymentModels.99999999999999999999",
    "//@deploymentModels.-1",
    "//@deploymentModels.0/@softwareComponents.0",
    "//@deploymentModels.0/@internalComponents.1/@providedHosts.0",
    "/0/@deploymentModels.0 /1/@x.0",
    "#//@a.0",
    "other.xmi#//@deploymentModels.0",
    "cdo://none#1",
    "@.@.@",
    "//@" + "a.0/@" * 500,
    "_id1",
]
_VALUES: Final = [
    "",
    " ",
    "true",
    "-1",
    "99999999999999999999",
    "NaN",
    "x" * 3000,
    "é\u202e",
    "deployment:VM",
    "core:Nothing",
    "a:b:c",
    "&",
]
_TAGS: Final = [
    "deploymentModels",
    "internalComponents",
    "externalComponents",
    "softwareComponents",
    "vms",
    "hostings",
    "communications",
    "providedHosts",
    "requiredHost",
    "requirementSets",
    "configurations",
    "securityModels",
    "x",
]
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


def changed(seed: bytes, chance: Chance, most: int = 5) -> bytes:
    """Return a document with some changes."""
    root = etree.fromstring(seed, etree.XMLParser(resolve_entities=False, no_network=True))
    for _ in range(1 + chance.below(most)):
        elements: list[Any] = [each for each in root.iter() if isinstance(each.tag, str)]
        _change(one(chance, elements), elements, chance)
    data: bytes = etree.tostring(root)
    if not chance.below(12):
        data = _entities(data, chance)
    return data


def _change(element: Any, elements: list[Any], chance: Chance) -> None:
    parent = element.getparent()
    names = list(element.attrib)
    match chance.below(9):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if parent is not None:
            parent.insert(chance.below(len(parent) + 1), etree.fromstring(etree.tostring(element)))
        case 2 if parent is not None:
            home = one(chance, elements)
            if all(each is not element for each in (home, *home.iterancestors())):
                home.append(element)
        case 3 | 4 if names:
            element.set(one(chance, names), one(chance, _REFERENCES if chance.below(3) else _VALUES))
        case 5 if names:
            del element.attrib[one(chance, names)]
        case 6:
            element.tag = one(chance, _TAGS)
        case 7:
            donor = one(chance, elements)
            for name, value in donor.attrib.items():
                element.set(name, value)
        case _:
            element.set(one(chance, [_TYPE, "name", "x", *names]), one(chance, _REFERENCES + _VALUES))


def _entities(data: bytes, chance: Chance) -> bytes:
    head = one(
        chance,
        (
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
            b'<!DOCTYPE a [<!ENTITY a "b"><!ENTITY e "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd">',
        ),
    )
    cut = data.find(b">") + 1
    return head + data[:cut] + b"&e;" + data[cut:]
