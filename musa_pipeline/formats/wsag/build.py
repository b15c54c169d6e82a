"""XML elements in the namespaces of the document."""

from collections.abc import Mapping

from lxml import etree

from musa_pipeline.formats.wsag.names import CCM, MUSA, NIST, SPECS, WSAG, XSD, writable

_SPACES = {"wsag": WSAG, "specs": SPECS, "nist": NIST, "ccm": CCM, "musa": MUSA, "xs": XSD}


def add(
    parent: etree._Element, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Add one element, `prefix:Name`, and return it; attributes with a prefix are namespace-qualified."""
    prefix, local = name.split(":")
    element = etree.SubElement(parent, f"{{{_SPACES[prefix]}}}{local}")
    for key, value in (attributes or {}).items():
        element.set(qualified(key), writable(value))
    if text is not None:
        element.text = writable(text)
    return element


def qualified(name: str) -> str:
    """Return `prefix:name` in the notation of lxml.

    >>> qualified("musa:term"), qualified("id")
    ('{urn:musa-pipeline:sla:1}term', 'id')
    """
    prefix, colon, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}" if colon else name
