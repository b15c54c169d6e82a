"""Templates and agreements to documents; same value, same bytes."""

from collections.abc import Sequence

from musa_pipeline.domain.agreement import Resource, Sla, Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Duty
from musa_pipeline.formats.wsag.build import Element, add, put
from musa_pipeline.formats.wsag.guarantees import constraints, guarantees, properties
from musa_pipeline.formats.wsag.layout import Layout, arrange
from musa_pipeline.formats.wsag.names import CCM, PREFIXES, XSD, control_parts
from musa_pipeline.formats.wsag.notes import note_sla, note_slat
from musa_pipeline.formats.wsag.service import describe


def template(slat: Slat, catalogs: Catalogs) -> bytes:
    """Return `wsag:Template`: what a component asks for, before anybody promises it."""
    layout = arrange(slat.terms, slat.slos, catalogs.metric)
    root = _root("Template", layout, {"AgreementId": slat.id, "TemplateId": slat.id}, constrained=True)
    context = _context(root, slat.name, "customer", slat.application)
    put(context, "wsag:TemplateName", slat.name)
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
        put(context, "wsag:TemplateId", answers)
    put(context, "wsag:TemplateName", sla.name)
    note_sla(context, sla, layout, duties)
    service = sla.component if sla.component is not None else sla.application
    kind = sla.kind if sla.kind is not None else service
    _terms(root, layout, service, kind, sla.framework, catalogs, sla.resources)
    return _bytes(root)


def _root(name: str, layout: Layout, ids: dict[str, str], *, constrained: bool) -> Element:
    spaces = dict(PREFIXES)
    if not all(control_parts(each.term.control) for each in layout.terms):
        spaces["ccm"] = CCM
    if constrained:
        spaces["xs"] = XSD
    named = {f"xmlns:{prefix}": space for prefix, space in spaces.items()}
    return Element(f"wsag:{name}", named | {f"wsag:{key}": value for key, value in ids.items()})


def _context(root: Element, name: str, customer: str, provider: str) -> Element:
    put(root, "wsag:Name", name)
    context = add(root, "wsag:Context")
    put(context, "wsag:AgreementInitiator", customer)
    put(context, "wsag:AgreementResponder", provider)
    put(context, "wsag:ServiceProvider", "AgreementResponder")
    return context


def _terms(
    root: Element,
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
        described = add(every, "wsag:ServiceDescriptionTerm", named)
        describe(described, layout, framework, catalogs, resources)
    properties(every, layout, service, service_name, root.name)
    guarantees(every, layout, service)


def _bytes(root: Element) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{root}".encode()
