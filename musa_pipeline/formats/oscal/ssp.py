"""OSCAL system security plans: what an application is, whose authorisations it leans on, and how each required control is met."""

from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.cpim import DataClass
from musa_pipeline.formats.oscal.elements import Plain, document, identity, line, metadata, prop, prose, some
from musa_pipeline.formats.oscal.parts import Part
from musa_pipeline.formats.oscal.promised import levels
from musa_pipeline.formats.oscal.requirements import requirements
from musa_pipeline.formats.oscal.system import System

PROFILE: Final = "oscal-profile.json"
_UNKNOWN: Final = "The model does not say; whoever operates the system knows."


def write_ssp(system: System) -> str:
    """Return the plan. What inherits, and what satisfies a responsibility, refers to the provider's side within the same document."""
    title = f"System security plan of {system.name}"
    body: Plain = {
        "metadata": metadata(title, system.at, roles=[{"id": "customer", "title": "Customer"}], parties=_providers(system)),
        "import-profile": {"href": PROFILE, "remarks": "The document that `musa export` writes as oscal-profile."},
        "system-characteristics": _characteristics(system),
        "system-implementation": _implementation(system),
        "control-implementation": {
            "description": "How each required control is met, after composition over the graph of the application.",
            "implemented-requirements": list(requirements(system)),
        },
    }
    return document("system-security-plan", body)


def _providers(system: System) -> Iterator[Plain]:
    known = {each.provider.id: each.provider for each in system.parts.values() if each.provider}
    for name, each in sorted(known.items()):
        yield {"uuid": identity("provider", name), "type": "organization", "name": line(each.name)}


def _characteristics(system: System) -> Plain:
    names = ", ".join(prose(each.name) for each in system.cpim.components)
    services = ", ".join(prose(each.title) for each in system.parts.values() if each.id[0] == "offering")
    beyond = f" The services of providers are beyond it: {services}." if services else ""
    return {
        "system-ids": [{"identifier-type": "https://ietf.org/rfc/rfc4122", "id": system.identity()}],
        "system-name": line(system.name),
        "description": f"{prose(system.name)}: an application of {len(system.cpim.components)} components.",
        **some(props=levels(system)),
        "system-information": {"information-types": _data(system)},
        "status": {"state": "other", "remarks": _UNKNOWN},
        "authorization-boundary": {"description": f"The components of the model: {names or 'none'}.{beyond}"},
    }


def _data(system: System) -> list[Plain]:
    worst: dict[str, DataClass] = {}
    order = list(DataClass)
    for component in system.cpim.components:
        for each in component.data:
            worst[each.name] = max(worst.get(each.name, DataClass.PUBLIC), each.classification, key=order.index)
    if not worst:
        return [{"title": "Not said", "description": "The model names no data."}]
    return [
        {
            "uuid": system.identity("data", name),
            "title": prose(name),
            "description": f"Data that the model classifies as {of}.",
            "props": [prop("classification", of)],
        }
        for name, of in sorted(worst.items())
    ]


def _implementation(system: System) -> Plain:
    customer: Plain = {
        "uuid": system.identity("customer"),
        "title": prose(system.whole.customer),
        "description": "To whom the Security SLA promises.",
        "role-ids": ["customer"],
    }
    return {
        **some(leveraged_authorizations=_leveraged(system)),
        "users": [customer],
        "components": [_itself(system), *(_component(system, each) for each in system.parts.values())],
        **some(inventory_items=_machines(system)),
    }


def _leveraged(system: System) -> Iterator[Plain]:
    for part in system.parts.values():
        if part.provider and (part.grants or part.configurable):
            claims = [*part.grants.values(), *part.configurable.values()]
            days = [each.source.date for each in claims if each.source and each.source.date]
            says = "its claims were last read on that day" if days else "no source names a day: it is that of this document"
            yield {
                "uuid": system.identity("leveraged", *part.id),
                "title": prose(part.title),
                "props": [prop("offering-id", part.id[1])],
                "party-uuid": identity("provider", part.provider.id),
                "date-authorized": max(days, default=str(system.at.date())),
                "remarks": f"The catalog of offerings knows no authorisation document of the provider; {says}.",
            }


def _itself(system: System) -> Plain:
    return {
        "uuid": system.itself,
        "type": "this-system",
        "title": prose(system.name),
        "description": "The application as a whole, as its Security SLA speaks of it.",
        "status": {"state": "other", "remarks": _UNKNOWN},
    }


def _component(system: System, part: Part) -> Plain:
    found = part.plain(system.uuid(part.id))
    found["props"] = [*found["props"], prop("component-definition-uuid", system.defined(part.id))]
    if part.provider:
        leveraged = [prop("leveraged-authorization-uuid", system.identity("leveraged", *part.id), ours=False)]
        found["props"] += [
            prop("implementation-point", "external", ours=False),
            *(leveraged if part.grants or part.configurable else []),
        ]
    status = {"state": "operational"} if part.provider else {"state": "other", "remarks": _UNKNOWN}
    return found | {"status": status}


def _machines(system: System) -> Iterator[Plain]:
    for placement in system.selection.placements:
        within = [each for each in placement.members if ("component", each) in system.parts]
        parts = [("offering", str(placement.offering)), *(("component", str(each)) for each in within)]
        of = [{"component-uuid": system.uuid(each)} for each in dict.fromkeys(parts) if each in system.parts]
        yield {
            "uuid": system.identity("placement", placement.unit),
            "description": f"{prose(placement.unit)} at {prose(placement.provider)}, region {prose(placement.region)} ({placement.country}).",
            "props": [prop("copies", str(placement.copies)), prop("region", placement.region)],
            **some(implemented_components=of),
        }
