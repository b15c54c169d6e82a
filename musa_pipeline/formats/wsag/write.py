"""Templates and agreements to documents; same value, same bytes."""

from collections.abc import Sequence

from lxml import etree

from musa_pipeline.domain.agreement import Resource, Sla, Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Duty
from musa_pipeline.formats.wsag.build import add, qualified
from musa_pipeline.formats.wsag.guarantees import constraints, guarantees, properties
from musa_pipeline.formats.wsag.layout import Layout, arrange
from musa_pipeline.formats.wsag.names import CCM, PREFIXES, WSAG, XSD, control_parts, writable
from musa_pipeline.formats.wsag.notes import note_sla, note_slat
from musa_pipeline.formats.wsag.service import describe


def template(slat: Slat, catalogs: Catalogs) -> bytes:
    """Return `wsag:Template`: what a component asks for, before anybody promises it."""
    layout = arrange(slat.terms, slat.slos, catalogs.metric)
    root = _root("Template", layout, {"AgreementId": slat.id, "TemplateId": slat.id}, constrained=True)
    context = _context(root, slat.name, "customer", slat.application)
    add(context, "wsag:TemplateName", slat.name)
    note_slat(context, slat, layout)
    _terms(root, layout, slat.component, slat.kind, slat.framework, catalogs)
    constraints(root, layout.objectives)
    return _bytes(root)


def offer(sla: Sla, catalogs: Catalogs, answers: str, duties: Sequence[Duty]) -> bytes:
    """Return `wsag:AgreementOffer`: what is promised; `answers` is the id of the template it was made from.

    Unless it is told, that of a component is `application/component`, as templates are called.
    """
    layout = arrange(sla.terms, sla.slos, catalogs.metric)
    root = _root("AgreementOffer", layout, {"AgreementId": sla.id}, constrained=False)
    context = _context(root, sla.name, sla.customer, sla.application)
    if not answers and sla.component is not None:
        answers = f"{sla.application}/{sla.component}"
    if answers:
        add(context, "wsag:TemplateId", answers)
    add(context, "wsag:TemplateName", sla.name)
    note_sla(context, sla, layout, duties)
    service = sla.component if sla.component is not None else sla.application
    kind = sla.kind if sla.kind is not None else service
    _terms(root, layout, service, kind, sla.framework, catalogs, sla.resources)
    return _bytes(root)


def _root(name: str, layout: Layout, ids: dict[str, str], *, constrained: bool) -> etree._Element:
    spaces = dict(PREFIXES)
    if not all(control_parts(each.term.control) for each in layout.terms):
        spaces["ccm"] = CCM
    if constrained:
        spaces["xs"] = XSD
    root = etree.Element(f"{{{WSAG}}}{name}", nsmap=spaces)
    for key, value in ids.items():
        root.set(qualified(f"wsag:{key}"), writable(value))
    return root


def _context(root: etree._Element, name: str, customer: str, provider: str) -> etree._Element:
    add(root, "wsag:Name", name)
    context = add(root, "wsag:Context")
    add(context, "wsag:AgreementInitiator", customer)
    add(context, "wsag:AgreementResponder", provider)
    add(context, "wsag:ServiceProvider", "AgreementResponder")
    return context


def _terms(
    root: etree._Element,
    layout: Layout,
    service: str,
    service_name: str,
    framework: str,
    catalogs: Catalogs,
    resources: Sequence[Resource] = (),
) -> None:
    """Add `wsag:Terms`; a document that asks or promises nothing has none (`All` must not be empty)."""
    terms = add(root, "wsag:Terms")
    if not layout.terms and not layout.objectives:
        return
    every = add(terms, "wsag:All")
    if layout.terms:
        named = {"wsag:Name": service, "wsag:ServiceName": service_name}
        described = add(every, "wsag:ServiceDescriptionTerm", None, named)
        describe(described, layout, framework, catalogs, resources)
    properties(every, layout, service, service_name)
    guarantees(every, layout, service)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
