"""Documents to templates and agreements; whatever was mended or left out is told."""

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.wsag.content import content_of
from musa_pipeline.formats.wsag.elements import Elements, child, local
from musa_pipeline.formats.wsag.foreign import foreign_sla, foreign_slat
from musa_pipeline.formats.wsag.names import WSAG
from musa_pipeline.formats.wsag.own import own_sla, own_slat
from musa_pipeline.formats.wsag.parse import parse

_GENERATED = "MUSA_SLA_TEMPLATE"


def read_document(data: bytes, file: str, problems: Problems) -> Slat | Sla | None:
    """Return what a document asks for or promises, None when it is no document of WS-Agreement."""
    root = parse(data, file, problems)
    if root is None:
        return None
    elements = Elements(file, problems)
    if root.tag not in (f"{{{WSAG}}}Template", f"{{{WSAG}}}AgreementOffer"):
        help_ = f"the root is Template or AgreementOffer of {WSAG}"
        problems.report("A004", Span(file, elements.at(root).line), f"{root.tag!r} is not a document of WS-Agreement", help=help_)
        return None
    content = content_of(root, elements)
    note = child(root, "wsag:Context", "musa:template")
    if note is not None:
        return own_slat(content, note, elements)
    note = child(root, "wsag:Context", "musa:agreement")
    if note is not None:
        return own_sla(content, note, elements)
    if local(root) == "Template":
        return foreign_slat(content, elements)
    if content.name.strip() == _GENERATED:
        elements.mended(root, f"an offer called {_GENERATED!r} was taken for a template, as the MUSA SLA generator means it")
        return foreign_slat(content, elements)
    return foreign_sla(content, elements)
