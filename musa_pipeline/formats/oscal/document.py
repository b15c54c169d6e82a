"""What of an OSCAL 1.x catalog or profile is read: typed structures, so that everything else is skipped while it is parsed."""

from functools import cache
from typing import Any, Final

import msgspec

from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.ids import ControlId, control_id


class NotOscal(MusaError):
    """The text is not the OSCAL document that was expected."""

    def __init__(self, document: str, reason: str) -> None:
        super().__init__(document, reason)
        self.document, self.reason = document, reason

    def __str__(self) -> str:
        return f"{self.document} is not an OSCAL document: {self.reason}"


class Property(msgspec.Struct, gc=False):
    """A property of a control; namespaces are not told apart."""

    name: str
    value: str


class Link(msgspec.Struct, gc=False):
    """A link to another control, a part of one, or a reference."""

    href: str
    rel: str = ""


class OscalControl(msgspec.Struct):
    """A control or enhancement, enhancements inside it."""

    id: str
    title: str
    props: list[Property] = []
    links: list[Link] = []
    controls: list["OscalControl"] = []


class Group(msgspec.Struct):
    """A family."""

    controls: list[OscalControl] = []
    groups: list["Group"] = []


class Metadata(msgspec.Struct, rename="kebab"):
    """What a document says of itself."""

    title: str
    version: str
    last_modified: str = ""


class OscalCatalog(msgspec.Struct):
    """A control catalog."""

    metadata: Metadata
    groups: list[Group] = []
    controls: list[OscalControl] = []


class Matching(msgspec.Struct, gc=False):
    """Controls by a pattern of their ids."""

    pattern: str = ""


class Ids(msgspec.Struct, rename="kebab"):
    """Some controls of a catalog."""

    with_ids: list[str] = []
    with_child_controls: str = "no"
    matching: list[Matching] = []


class Import(msgspec.Struct, rename="kebab"):
    """What a profile takes from one catalog or profile."""

    include_all: dict[str, Any] | None = None
    include_controls: list[Ids] = []
    exclude_controls: list[Ids] = []


class OscalProfile(msgspec.Struct):
    """A baseline."""

    metadata: Metadata
    imports: list[Import] = []


class File(msgspec.Struct):
    """A document: one of the two."""

    catalog: OscalCatalog | None = None
    profile: OscalProfile | None = None


CATALOG: Final = "the catalog"
_EMPTY: Final = "it has neither a catalog nor a profile"


def read_document(what: str, text: str | bytes) -> File:
    """Return a catalog or a profile.

    Raises NotOscal.
    """
    try:
        found: File = decoder(File).decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotOscal(what, str(error)) from error
    if not found.catalog and not found.profile:
        raise NotOscal(what, _EMPTY)
    return found


@cache
def decoder(kind: type[msgspec.Struct]) -> "msgspec.json.Decoder[Any]":
    """Return what reads one kind of document; made once, since making it costs more than a small file."""
    return msgspec.json.Decoder(kind)


def named(written: str) -> ControlId:
    """Return the NIST id of a control.

    Raises NotOscal if it is none.
    """
    found = control_id(written)
    if not found:
        raise NotOscal(CATALOG, f"{written!r} is not the id of a NIST control")
    return found
