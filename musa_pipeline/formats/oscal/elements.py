"""What every OSCAL document of ours is made of: identities, moments, properties, prose, and the metadata in front."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.ids import ControlId, control_key, slug
from musa_pipeline.text.json import readable

Plain: TypeAlias = dict[str, Any]

OURS: Final = "urn:musa-pipeline:oscal:1"
"""The namespace of our properties, and the name from which the one of our UUIDs is made."""
VERSION: Final = "1.1.3"
"""Every later 1.x reads it too, and so do the tools that have not followed yet."""

_UUIDS: Final = uuid5(NAMESPACE_URL, OURS)
_MARKUP: Final = re.compile(r"[\\`*\[<^~]|\{(?=\{)|(?<!\w)_|_(?!\w)")
_CONTENT: Final = "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53"


def identity(*parts: str) -> str:
    """Return the UUID (version 5) of what these names name: the same in every document and on every day."""
    return str(uuid5(_UUIDS, "\0".join(parts)))


def oscal_id(control: ControlId) -> str:
    """Return a control's id as OSCAL's catalogs have it.

    >>> oscal_id("SC-12(1)"), oscal_id("AC-2")
    ('sc-12.1', 'ac-2')
    """
    family, number, enhancement = control_key(control)
    if not number:
        return slug(control)
    return f"{family.lower()}-{number}" + (f".{enhancement}" if enhancement else "")


def statement_id(control: ControlId) -> str:
    """Return the id of what the control demands, as a whole."""
    return f"{oscal_id(control)}_smt"


def address_of(catalog: ControlCatalog) -> str:
    """Return where NIST publishes a catalog in OSCAL; of another publisher's, what its source says."""
    if catalog.id.startswith("nist-800-53"):
        return f"{_CONTENT}/rev{catalog.revision}/json/NIST_SP-800-53_rev{catalog.revision}_catalog.json"
    return catalog.source.link or f"{OURS}:catalog:{slug(catalog.id)}"


def moment(at: datetime) -> str:
    """Return a moment with its zone, in seconds."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def line(said: str) -> str:
    r"""Return a string as OSCAL allows it: one line, blanks neither before nor after, never empty.

    >>> line(" a\n b "), line("")
    ('a b', '-')
    """
    return " ".join(said.split()) or "-"


def prose(said: str) -> str:
    r"""Return words of the user's as markup that shows them as they are: names must neither format nor link nor hold HTML.

    >>> print(prose("<b>cart_db</b> [x](y) _z_"))
    \<b>cart_db\</b> \[x](y) \_z\_
    """
    return _MARKUP.sub(r"\\\g<0>", line(said))


def prop(name: str, value: str, *, ours: bool = True, of: str = "") -> Plain:
    """Return a property, `of` a class: in our namespace, unless OSCAL itself has the name."""
    return {"name": name, **({"ns": OURS} if ours else {}), "value": line(value), **({"class": of} if of else {})}


def some(**lists: Iterable[Plain]) -> Plain:
    """Return members that hold lists, without the empty ones, which OSCAL forbids; `_` in a name stands for -."""
    made = {name.replace("_", "-"): list(each) for name, each in lists.items()}
    return {name: each for name, each in made.items() if each}


def metadata(title: str, at: datetime, **lists: Iterable[Plain]) -> Plain:
    """Return what stands in front; the version of a document is the day as of which it speaks."""
    return {
        "title": prose(title),
        "last-modified": moment(at),
        "version": str(at.date()),
        "oscal-version": VERSION,
        **some(**lists),
    }


def document(kind: str, body: Mapping[str, Any]) -> str:
    """Return the text of a document. Its UUID comes from all that it says, for OSCAL wants another one whenever it changes."""
    whole = json.dumps([kind, body], sort_keys=True)
    return readable({kind: {"uuid": identity("document", whole), **body}})
