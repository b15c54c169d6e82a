"""XML from anybody, read without following it anywhere: no DOCTYPE, no entities, no network, bounded size and depth."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from lxml import etree

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.text.doctype import doctype

MOST_BYTES = 32 * 1024 * 1024


def parse(data: bytes, file: str, problems: Problems) -> etree._Element | None:
    """Return the root element without comments; undeclared prefixes are mended with a warning, all else that is wrong is an error."""
    if len(data) > MOST_BYTES:
        problems.report("A003", Span(file), f"the document is larger than {MOST_BYTES // 2**20} MiB", help="split it")
        return None
    try:
        at = doctype(data, file)
    except (LookupError, ValueError) as wrong:
        problems.report("A001", Span(file), f"not XML that can be read: {sentence(str(wrong))}", help="write it in UTF-8")
        return None
    if at:
        _refuse_doctype(at, problems)
        return None
    root, errors = _read(data, recover=False)
    if root is None and errors and all(each.domain == etree.ErrorDomains.NAMESPACE for each in errors):
        for each in errors:
            problems.warn("A006", _place(each, file), f"{sentence(each.message)}: it is left out")
        root, errors = _read(data, recover=True)
    if root is None:
        first = errors[0] if errors else None
        at = _place(first, file) if first else Span(file)
        problems.report("A001", at, f"not XML: {sentence(first.message) if first else 'the document is empty'}")
    elif root.getroottree().docinfo.internalDTD is not None:
        _refuse_doctype(Span(file), problems)
        return None
    return root


def sentence(message: str) -> str:
    """Return a message of libxml2 in our manner: on one line, no capital, no full stop."""
    text = re.sub(r"\s+", " ", message).strip().rstrip(".")
    return text[:1].lower() + text[1:]


def _refuse_doctype(at: Span, problems: Problems) -> None:
    help_ = "remove it; what entities stand for can be written out"
    problems.report("A002", at, "a DOCTYPE is not allowed: it may define entities and name other files", help=help_)


def _read(data: bytes, *, recover: bool) -> tuple[etree._Element | None, Sequence[etree._LogEntry]]:
    parser = _parser(recover=recover)
    try:
        return etree.fromstring(data, parser), ()
    except (etree.XMLSyntaxError, ValueError):
        return None, tuple(entries(parser.error_log))


def entries(log: etree._ErrorLog) -> Iterator[etree._LogEntry]:
    """Return what a log of libxml2 holds."""
    yield from cast("Iterable[etree._LogEntry]", log)


def _place(entry: etree._LogEntry, file: str) -> Span:
    return Span(file, max(entry.line, 1), max(entry.column, 1))


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
