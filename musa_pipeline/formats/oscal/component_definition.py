"""OSCAL component definitions: what every part of an application implements, and the whole as a capability made of them."""

from collections.abc import Iterable
from urllib.parse import quote

from musa_pipeline.domain.ids import ControlId, control_key
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.oscal.elements import (
    Plain,
    address_of,
    document,
    identity,
    line,
    metadata,
    oscal_id,
    prop,
    prose,
    some,
    statement_id,
)
from musa_pipeline.formats.oscal.parts import Claim, Part
from musa_pipeline.formats.oscal.promised import levels
from musa_pipeline.formats.oscal.system import System


def write_component_definition(system: System) -> str:
    """Return the document: `components` are the parts that grant anything or stand in the model, the `capability` is what the SLA promises."""
    body: Plain = {
        "metadata": metadata(f"Components of {system.name}", system.at),
        "components": [_component(system, each) for each in system.parts.values()],
    }
    return document("component-definition", body | some(capabilities=_capabilities(system)))


def _component(system: System, part: Part) -> Plain:
    uuid = system.defined(part.id)
    claims = [(each, part.grants[each], "provided") for each in part.grants]
    claims += [(each, part.configurable[each], "configurable") for each in part.configurable if each not in part.grants]
    made = [_requirement(uuid, *each) for each in sorted(claims, key=lambda one: control_key(one[0]))]
    return part.plain(uuid) | some(control_implementations=_implementation(system, uuid, "What it grants by itself.", made))


def _requirement(of: str, control: ControlId, claim: Claim, how: str) -> Plain:
    uuid = identity("requirement", of, control)
    statement = {
        "statement-id": statement_id(control),
        "uuid": identity("statement", of, control),
        "description": claim.because,
    }
    return {
        "uuid": uuid,
        "control-id": oscal_id(control),
        "description": claim.because,
        "props": [prop("granted", how)],
        **some(links=_links(claim.source)),
        "statements": [statement],
    }


def _links(source: Source | None) -> list[Plain]:
    return (
        [{"href": quote(source.link, safe=":/?#[]@!$&'()*+,;=%~"), "rel": "reference", "text": prose(str(source))}]
        if source and source.link
        else []
    )


def _implementation(system: System, of: str, says: str, requirements: Iterable[Plain]) -> list[Plain]:
    made = list(requirements)
    if not made:
        return []
    return [
        {
            "uuid": identity("implementation", of),
            "source": address_of(system.catalogs.controls),
            "description": says,
            "implemented-requirements": made,
        }
    ]


def _capabilities(system: System) -> list[Plain]:
    uuid = system.identity("capability")
    made = [
        _requirement(
            uuid,
            each.control,
            Claim(because=f"Promised for all of it, by the rule {line(each.rule)}: {prose(', '.join(each.granted_by))}."),
            "promised",
        )
        for each in system.whole.terms
    ]
    parts = [{"component-uuid": system.defined(each.id), "description": each.description} for each in system.parts.values()]
    found: Plain = {
        "uuid": uuid,
        "name": line(system.name),
        "description": f"What the Security SLA of {prose(system.name)} promises: controls that hold for every component they apply to.",
    }
    implementation = _implementation(system, uuid, "The composed Security SLA.", made)
    return [found | some(props=levels(system), incorporates_components=parts, control_implementations=implementation)]
