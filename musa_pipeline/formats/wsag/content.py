"""What a document says in the words of WS-Agreement and SPECS."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from musa_pipeline.domain.agreement import Resource
from musa_pipeline.formats.wsag.elements import Elements, child, children, local, text_of
from musa_pipeline.formats.wsag.read_controls import FoundControl, read_controls
from musa_pipeline.formats.wsag.read_objectives import FoundObjective, Objectives


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Names, parties and terms. `service` and `service_name` are those of the first description; None: it is not said."""

    name: str
    agreement_id: str | None
    template_id: str | None
    customer: str | None
    provider: str | None
    framework: str
    service: str
    service_name: str
    controls: tuple[FoundControl, ...]
    objectives: tuple[FoundObjective, ...]
    resources: tuple[Resource, ...]


def content_of(root: etree._Element, elements: Elements) -> Content:
    """Gather what stands under the root."""
    context = child(root, "wsag:Context")
    groups = list(_holding(child(root, "wsag:Terms", "wsag:All"), elements))
    terms = [term for group in groups for term in children(group, "wsag:ServiceDescriptionTerm")]
    descriptions = [each for term in terms for each in children(term, "specs:serviceDescription")]
    frameworks, controls = [], []
    for each in descriptions:
        framework, found = read_controls(each, elements)
        frameworks.append(framework)
        controls.extend(found)
    first = terms[0] if terms else None
    return Content(
        name=text_of(child(root, "wsag:Name")),
        agreement_id=elements.wsag(root, "AgreementId"),
        template_id=elements.wsag(root, "TemplateId"),
        customer=_text(child(context, "wsag:AgreementInitiator")),
        provider=_text(child(context, "wsag:AgreementResponder")),
        framework=next(filter(None, frameworks), ""),
        service="" if first is None else elements.wsag(first, "Name") or "",
        service_name="" if first is None else elements.wsag(first, "ServiceName") or "",
        controls=tuple(controls),
        objectives=tuple(_objectives(groups, elements)),
        resources=tuple(resource for each in descriptions for resource in _resources(each)),
    )


def _holding(group: etree._Element | None, elements: Elements) -> Iterator[etree._Element]:
    """Return the groups of terms that all hold; of alternatives nobody knows which one does."""
    waiting = [] if group is None else [group]
    while waiting:
        each = waiting.pop()
        yield each
        for name in ("wsag:ExactlyOne", "wsag:OneOrMore"):
            for other in children(each, name):
                elements.left_out(other, f"only some of the terms in {local(other)!r} need hold: they are left out")
        waiting.extend(reversed(list(children(each, "wsag:All"))))


def _objectives(groups: list[etree._Element], elements: Elements) -> Iterator[FoundObjective]:
    objectives = Objectives(elements)
    for group in groups:
        objectives.learn(group)
    for group in groups:
        for guarantee in children(group, "wsag:GuaranteeTerm"):
            yield from objectives.read(guarantee)


def _resources(description: etree._Element) -> Iterator[Resource]:
    """Return one resource for each machine on offer; a provider without machines is one too."""
    for provider in children(description, "specs:serviceResources", "specs:resourcesProvider"):
        machines: list[etree._Element | None] = [*children(provider, "specs:VM")]
        for machine in machines or [None]:
            hardware, system = ("", "") if machine is None else (machine.get("hardware", ""), machine.get("appliance", ""))
            said = "" if machine is None else machine.get("description", "")
            yield Resource(
                provider=provider.get("id", ""),
                offering=provider.get("label", "") or hardware,
                zone=provider.get("zone", ""),
                title=provider.get("description", "") or said,
                os=system,
            )


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else text_of(element)
