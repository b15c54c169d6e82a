"""XML elements in the namespaces of the document."""

from collections.abc import Callable, Hashable, Mapping
from copy import deepcopy
from functools import cache

from lxml import etree

from musa_pipeline.formats.wsag.names import CCM, MUSA, NIST, SPECS, WSAG, XSD, writable

_SPACES = {"wsag": WSAG, "specs": SPECS, "nist": NIST, "ccm": CCM, "musa": MUSA, "xs": XSD}


def add(
    parent: etree._Element, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Add one element, `prefix:Name`, and return it; attributes with a prefix are namespace-qualified."""
    said = {qualified(key): writable(value) for key, value in attributes.items()} if attributes else None
    element = etree.SubElement(parent, qualified(name), said)
    if text is not None:
        element.text = writable(text)
    return element


@cache
def qualified(name: str) -> str:
    """Return `prefix:name` in the notation of lxml.

    >>> qualified("musa:term"), qualified("id")
    ('{urn:musa-pipeline:sla:1}term', 'id')
    """
    prefix, colon, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}" if colon else name


class Kept:
    """Elements that many documents share, made once a key and copied: a catalog's metrics and controls."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._made: dict[Hashable, etree._Element] = {}

    def add(self, parent: etree._Element, key: Hashable, make: Callable[[etree._Element], etree._Element]) -> None:
        """Add a copy of the element that `make` adds; equal keys must mean equal elements."""
        if key not in self._made:
            if len(self._made) >= self._most:
                self._made.clear()
            self._made[key] = make(etree.Element("kept", nsmap=_SPACES))
        parent.append(deepcopy(self._made[key]))
