"""Documents by others: SPECS as providers write it, and templates of the MUSA SLA generator."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from musa_pipeline.domain.agreement import Sla, Slat, SlaTerm, SlatTerm
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, slug
from musa_pipeline.domain.metric import Slo, Weight
from musa_pipeline.formats.wsag.content import Content
from musa_pipeline.formats.wsag.elements import Elements
from musa_pipeline.formats.wsag.read_controls import FoundControl
from musa_pipeline.formats.wsag.read_objectives import FoundObjective

DECLARED: Final = "declared"
"""The rule of a promise whose document gives no proof: its author says so."""

_SCORES = {Weight.HIGH: 7, Weight.MEDIUM: 5, Weight.LOW: 3}


def foreign_slat(content: Content, elements: Elements) -> Slat:
    """Return a template that asks a service for controls: nothing says who else could implement them."""
    name = content.name.strip()
    service = content.service.strip() or name
    return Slat(
        id=content.template_id or content.agreement_id or name,
        application=name,
        component=ComponentId(slug(service)),
        name=service,
        kind=KindId(slug(content.service_name.strip() or service)),
        framework=content.framework.strip(),
        terms=tuple(asked(each, elements) for each in _once(content.controls)),
        slos=_slos(content, elements),
    )


def foreign_sla(content: Content, elements: Elements) -> Sla:
    """Return an agreement on one service, whose promises are its provider's word."""
    name, provider = content.name.strip(), (content.provider or "").strip()
    service = content.service.strip() or name
    return Sla(
        id=content.agreement_id or name,
        application=name,
        name=service,
        framework=content.framework.strip(),
        terms=tuple(declared(each, provider) for each in _once(content.controls)),
        component=ComponentId(slug(service)),
        slos=_slos(content, elements),
        resources=content.resources,
        customer=(content.customer or "").strip() or "customer",
    )


def asked(found: FoundControl, elements: Elements) -> SlatTerm:
    """Return a control that is asked of the service; its weight stands for the risk score."""
    return SlatTerm(
        control=found.control,
        title=_title(found),
        by=Grant.SERVICE,
        score=_SCORES[found.weight],
        weight=found.weight,
        at=elements.at(found.element),
    )


def declared(found: FoundControl, by: str) -> SlaTerm:
    """Return a control that somebody says is there."""
    return SlaTerm(control=found.control, title=_title(found), weight=found.weight, rule=DECLARED, granted_by=(by,) if by else ())


def objective(found: FoundObjective, elements: Elements) -> Slo:
    """Return a bound without alert or reason."""
    return Slo(
        metric=found.metric,
        operator=found.operator,
        bound=found.bound,
        unit=found.unit.strip(),
        weight=found.weight,
        at=elements.at(found.element),
    )


def _slos(content: Content, elements: Elements) -> tuple[Slo, ...]:
    """A bound that several capabilities repeat is one."""
    return tuple(dict.fromkeys(objective(each, elements) for each in content.objectives))


def _once(controls: Iterable[FoundControl]) -> Iterable[FoundControl]:
    """A control that serves several capabilities is one, with its highest weight."""
    order = list(Weight)
    found: dict[ControlId, FoundControl] = {}
    for each in controls:
        first = found.setdefault(each.control, each)
        found[each.control] = replace(first, weight=max(first.weight, each.weight, key=order.index))
    return found.values()


def _title(found: FoundControl) -> str:
    """Return the name without the control's number at its end."""
    title = found.title.strip()
    return title.removesuffix(found.control).rstrip(" -") if title.endswith(f" {found.control}") else title
