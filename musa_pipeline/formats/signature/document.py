"""A document that may be signed: read without following it anywhere, and taken apart into what is signed and the signature."""

from dataclasses import dataclass
from typing import cast
from xml.parsers import expat

from lxml import etree

from musa_pipeline.formats.signature.bounds import bounded
from musa_pipeline.formats.signature.names import ds
from musa_pipeline.formats.signature.refused import Refused
from musa_pipeline.text.doctype import doctype

MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`octets`: the document without its signature in exclusive canonical form, which is what a signature speaks of and the only
    thing that may be read once it holds. `element`: the signature, already taken out of the document; None: it has none.
    """

    octets: bytes
    element: etree._Element | None


def opened(data: bytes) -> Envelope:
    """Take a document apart.

    Raises Refused. Codes: X001 not a document that can be signed, X002 several signatures, X003 one that is not at its place,
    X013 a prefix with two meanings.
    """
    root = _read(data)
    signatures = list(root.iter(ds("Signature")))
    if len(signatures) > 1:
        text = f"there are {len(signatures)} signatures: nobody can tell which one speaks of what"
        raise Refused("X002", text, "keep the one that stands last in the root element", line_of(signatures[1]))
    if not signatures:
        return Envelope(octets=canonical(root.getroottree()), element=None)
    [signature] = signatures
    if signature.getparent() is not root or any(True for _ in signature.itersiblings(etree.Element)):
        text = "the signature is not the last element of the document's root: what it speaks of may have been moved"
        raise Refused("X003", text, "get the document again from who signed it", line_of(signature))
    _take_out(root, signature)
    return Envelope(octets=canonical(root.getroottree()), element=signature)


def canonical(what: etree._Element | etree._ElementTree) -> bytes:
    """Return exclusive canonical XML 1.0 without comments. Raises Refused, code X001, if there is none."""
    try:
        return etree.tostring(what, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError as wrong:
        text = "the document has no canonical form: a namespace in it is not a whole address"
        raise Refused("X001", text, "write namespaces as absolute addresses") from wrong


def end_of_root(data: bytes) -> int:
    """Return where the end tag of the root begins, in bytes: a signature is put there, and every other byte stays.

    Raises Refused (X001) for a root without one, and for another encoding than UTF-8.
    """
    _read(data)
    reader = expat.ParserCreate()
    depth, at, encodings = 0, -1, []

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1

    def end(*_: object) -> None:
        nonlocal depth, at
        depth -= 1
        if not depth:
            at = reader.CurrentByteIndex

    reader.StartElementHandler, reader.EndElementHandler = begin, end
    reader.XmlDeclHandler = lambda _version, encoding, _standalone: encodings.append(encoding or "UTF-8")
    reader.Parse(data, True)
    if (encodings and encodings[0].upper() not in ("UTF-8", "US-ASCII")) or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("X001", "only documents in UTF-8 are signed", "save the file as UTF-8, and say so in its first line")
    if not data.startswith(b"</", at):
        raise Refused("X001", "the root element is empty: there is nothing to sign")
    return at


def line_of(element: etree._Element) -> int:
    """Return an element's line."""
    return cast("int | None", element.sourceline) or 1


def _read(data: bytes) -> etree._Element:
    if len(data) > MOST_BYTES:
        raise Refused("X001", f"the document is larger than {MOST_BYTES // 2**20} MiB", "split it")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_comments=True
    )
    try:
        declared = doctype(data, "")
        if declared:
            raise Refused("X001", "a DOCTYPE is not allowed: it may define entities and name other files", line=declared.line)
        bounded(data)
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        raise Refused("X001", f"not XML that can be read: {_printable(str(wrong))}") from wrong
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("X001", "a DOCTYPE is not allowed: it may define entities and name other files")
    return root


def _printable(text: str) -> str:
    """Return the library's words, which quote the document's, on one line and harmless."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)


def _take_out(root: etree._Element, signature: etree._Element) -> None:
    """Remove the signature and nothing else: the text behind it stays."""
    before = signature.getprevious()
    if signature.tail:
        if before is None:
            root.text = (root.text or "") + signature.tail
        else:
            before.tail = (before.tail or "") + signature.tail
        signature.tail = None
    root.remove(signature)
