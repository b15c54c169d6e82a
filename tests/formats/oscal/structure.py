"""What OSCAL 1.1.3 demands of the documents that we write: the members of each object, after the reference of NIST.

`!` must be there, `*` is a list that is never empty; every other member may be left out, and none may stand there that is not named.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

TOKEN: Final = re.compile(r"[^\W\d][\w.\-]*")
STRING: Final = re.compile(r"\S(.*\S)?")
UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
SHAPES: Final = {
    "uuid": UUID,
    "token": TOKEN,
    "string": STRING,
    "moment": MOMENT,
    "day": DAY,
    "prose": re.compile(r"(?s).*"),
    "address": re.compile(r"\S+"),
}

_ORIGINS = "origins=origin*"
_REQUIREMENT = "uuid=uuid! control-id=token! props=prop* statements=statement*"
OBJECTS: Final = {
    "profile": "uuid=uuid! metadata=metadata! imports=import*! merge=merge",
    "import": "href=address! include-controls=with-ids*",
    "with-ids": "with-ids=token*",
    "merge": "as-is=bool",
    "metadata": "title=prose! last-modified=moment! version=string! oscal-version=string! roles=role* parties=party*",
    "role": "id=token! title=prose!",
    "party": "uuid=uuid! type=string! name=string",
    "prop": "name=token! ns=address value=string! class=token",
    "link": "href=address! rel=token text=prose",
    "component-definition": "uuid=uuid! metadata=metadata! components=defined* capabilities=capability*",
    "defined": "uuid=uuid! type=string! title=prose! description=prose! props=prop* protocols=protocol* control-implementations=defining*",
    "protocol": "uuid=uuid name=string port-ranges=range*",
    "range": "start=count end=count",
    "capability": "uuid=uuid! name=string! description=prose! props=prop* incorporates-components=within* control-implementations=defining*",
    "within": "component-uuid=uuid! description=prose!",
    "defining": "uuid=uuid! source=address! description=prose! implemented-requirements=claim*!",
    "claim": "uuid=uuid! control-id=token! description=prose! props=prop* links=link* statements=claim-statement*",
    "claim-statement": "uuid=uuid! statement-id=token! description=prose!",
    "system-security-plan": "uuid=uuid! metadata=metadata! import-profile=referred! system-characteristics=characteristics! "
    "system-implementation=implementation! control-implementation=controls!",
    "referred": "href=address! remarks=prose",
    "characteristics": "system-ids=id*! system-name=string! description=prose! props=prop* system-information=information! status=status! "
    "authorization-boundary=said!",
    "id": "identifier-type=address id=string!",
    "information": "information-types=information-type*!",
    "information-type": "uuid=uuid title=prose! description=prose! props=prop*",
    "status": "state=token! remarks=prose reason=token",
    "said": "description=prose!",
    "implementation": "leveraged-authorizations=leveraged* users=user*! components=component*! inventory-items=item*",
    "leveraged": "uuid=uuid! title=prose! props=prop* party-uuid=uuid! date-authorized=day! remarks=prose",
    "user": "uuid=uuid! title=prose description=prose role-ids=token*",
    "component": "uuid=uuid! type=string! title=prose! description=prose! props=prop* protocols=protocol* status=status!",
    "item": "uuid=uuid! description=prose! props=prop* implemented-components=of*",
    "of": "component-uuid=uuid!",
    "controls": "description=prose! implemented-requirements=requirement*!",
    "requirement": _REQUIREMENT,
    "statement": "uuid=uuid! statement-id=token! by-components=by*",
    "by": "uuid=uuid! component-uuid=uuid! description=prose! implementation-status=status export=export inherited=inherited* satisfied=satisfied*",
    "export": "provided=provided* responsibilities=responsibility*",
    "provided": "uuid=uuid! description=prose!",
    "responsibility": "uuid=uuid! provided-uuid=uuid description=prose!",
    "inherited": "uuid=uuid! provided-uuid=uuid description=prose!",
    "satisfied": "uuid=uuid! responsibility-uuid=uuid description=prose!",
    "assessment-plan": "uuid=uuid! metadata=metadata! import-ssp=referred! reviewed-controls=reviewed! assessment-subjects=subject-set* "
    "assessment-assets=assets",
    "subject-set": "type=token! include-all=nothing",
    "nothing": "",
    "reviewed": "control-selections=selection*!",
    "selection": "description=prose include-controls=chosen*",
    "chosen": "control-id=token!",
    "assets": "components=component* assessment-platforms=platform*!",
    "platform": "uuid=uuid! title=prose uses-components=of*",
    "assessment-results": "uuid=uuid! metadata=metadata! import-ap=referred! results=result*!",
    "result": "uuid=uuid! title=prose! description=prose! start=moment! end=moment local-definitions=local reviewed-controls=reviewed! "
    "observations=observation* risks=risk* findings=finding*",
    "local": "assessment-assets=assets",
    "observation": f"uuid=uuid! title=prose description=prose! props=prop* methods=string*! types=token* {_ORIGINS} subjects=subject* "
    "relevant-evidence=evidence* collected=moment!",
    "subject": "subject-uuid=uuid! type=token! title=prose",
    "evidence": "href=address description=prose!",
    "origin": "actors=actor*!",
    "actor": "type=token! actor-uuid=uuid!",
    "finding": f"uuid=uuid! title=prose! description=prose! {_ORIGINS} target=target! implementation-statement-uuid=uuid "
    "related-observations=to-observation* related-risks=to-risk*",
    "target": "type=token! target-id=token! status=status!",
    "to-observation": "observation-uuid=uuid!",
    "to-risk": "risk-uuid=uuid!",
    "to-finding": "finding-uuid=uuid!",
    "risk": f"uuid=uuid! title=prose! description=prose! statement=prose! {_ORIGINS} status=token! characterizations=characterization* "
    "mitigating-factors=factor* deadline=moment remediations=response* risk-log=log",
    "characterization": "origin=origin! facets=facet*!",
    "facet": "name=token! system=address! value=string!",
    "factor": "uuid=uuid! implementation-uuid=uuid description=prose!",
    "response": f"uuid=uuid! lifecycle=token! title=prose! description=prose! {_ORIGINS}",
    "log": "entries=entry*!",
    "entry": "uuid=uuid! title=prose description=prose start=moment! status-change=token logged-by=logger*",
    "logger": "party-uuid=uuid!",
    "plan-of-action-and-milestones": "uuid=uuid! metadata=metadata! import-ssp=referred system-id=id local-definitions=local "
    "observations=observation* risks=risk* findings=finding* poam-items=poam*!",
    "poam": "uuid=uuid title=prose! description=prose! related-findings=to-finding* related-observations=to-observation* related-risks=to-risk*",
}


def broken(document: dict[str, Any]) -> list[str]:
    """Return what a document has that OSCAL does not allow, and what it lacks; nothing when all is well."""
    (kind, body) = next(iter(document.items()))
    return list(_object(kind, body, kind))


def _object(kind: str, found: Any, at: str) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"{at}: no object"
        return
    members = dict(each.split("=") for each in OBJECTS[kind].split())
    yield from (f"{at}: {name} is lacking" for name, what in members.items() if "!" in what and name not in found)
    for name, value in found.items():
        if name not in members:
            yield f"{at}: {name} has no place here"
        else:
            yield from _member(members[name].rstrip("!"), value, f"{at}/{name}")


def _member(what: str, value: Any, at: str) -> Iterator[str]:
    if what.endswith("*"):
        if not isinstance(value, list) or not value:
            yield f"{at}: no list, or an empty one"
            return
        for number, each in enumerate(value):
            yield from _member(what[:-1], each, f"{at}[{number}]")
    elif what in OBJECTS:
        yield from _object(what, value, at)
    elif what in SHAPES:
        if not isinstance(value, str) or not SHAPES[what].fullmatch(value):
            yield f"{at}: {value!r} is no {what}"
    elif not isinstance(value, bool if what == "bool" else int):
        yield f"{at}: {value!r} is no {what}"


def identities(found: Any) -> Iterator[str]:
    """Yield every UUID that something in a document has."""
    if isinstance(found, dict):
        if "uuid" in found:
            yield found["uuid"]
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from identities(each)


def references(found: Any) -> Iterator[tuple[str, str]]:
    """Yield every UUID by which a document refers to something, with the member that holds it."""
    if isinstance(found, dict):
        yield from ((name, value) for name, value in found.items() if name.endswith("-uuid") and name != "uuid")
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from references(each)
