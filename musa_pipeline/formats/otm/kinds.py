"""What a component of an OTM document is to us: its kind, whether it is ours, or only a box around others."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Role
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import KindId, slug
from musa_pipeline.domain.kind import COMPUTE
from musa_pipeline.formats.otm.tree import Entry, attributes, items, word
from musa_pipeline.formats.otm.words import EMPTY, GENERAL, LIBRARY, OURS, is_client, is_enclosure

SOFTWARE: Final = KindId("software")
EXTERNAL: Final = KindId("external-service")
RUNTIME: Final = KindId("container-runtime")
_CLIENT_KINDS: Final = frozenset({"mobile-client", "iot-device"})
_SHORTEST: Final = 5
"""Shorter words count only as whole words: `rest` is in `forest`."""


@dataclass(frozen=True, slots=True)
class What:
    """The kind of a component, and whether it is deployed, deployed upon or only used."""

    kind: KindId
    role: Role


def is_ours(entry: Entry) -> bool:
    """Tell whether we wrote an entry: then it is what it says, and nothing is concluded about it."""
    return any(each.startswith(OURS) for each in attributes(entry.body))


def is_box(entry: Entry, parents: Collection[str], talking: Collection[str]) -> bool:
    """Tell whether a component is only drawn around others: a network, or a box of no type with something in it; none of it talks."""
    empty = word(entry.body.get("type")) == EMPTY
    return is_around(entry) and entry.id not in talking and (not empty or entry.id in parents)


def is_around(entry: Entry) -> bool:
    """Tell whether a component is a network or a box: nothing runs on it, even if it talks itself."""
    type_name = slug(word(entry.body.get("type")))
    return is_enclosure(type_name, type_name.split("-")) and not is_ours(entry)


class Kinds:
    """Finds the kind of a component from the catalog of kinds."""

    def __init__(self, catalogs: Catalogs, parents: Collection[str], findings: Findings) -> None:
        self.catalogs, self.parents, self.findings = catalogs, parents, findings
        self.by_type = {name.lower(): kind.id for kind in catalogs.kinds for name in kind.types}
        self.words = sorted(
            ((each.lower(), kind.id) for kind in catalogs.kinds if kind.id != SOFTWARE for each in kind.words),
            key=lambda each: (-len(each[0]), each),
        )
        self._hints: dict[str, tuple[tuple[str, KindId], ...]] = {}

    def of(self, entry: Entry) -> What:
        """Return what a component is: as we wrote it, by its type, its tags, its name; else software, with a note."""
        said = word(entry.body.get("type"))
        tokens = slug(said).split("-")
        client = is_client(tokens) and said not in self.catalogs.kind
        kind = self._typed(said) or self._hinted(entry, said, client=client) or (EXTERNAL if client else None)
        if kind is None:
            text = f"what kind of component {entry.name!r} is cannot be told from its type {said!r}; it is taken as software"
            self.findings.note("U011", entry.at, text, "write one of our kinds as its type")
        return What(kind or SOFTWARE, _role(entry, kind or SOFTWARE, client=client))

    def _typed(self, said: str) -> KindId | None:
        if said in self.catalogs.kind:
            return KindId(said)
        name = slug(said).removeprefix("cd-")
        found = LIBRARY.get(name) or LIBRARY.get(name.removeprefix("aws-")) or self.by_type.get(said.lower())
        return KindId(found) if found in self.catalogs.kind else None

    def _hinted(self, entry: Entry, said: str, *, client: bool) -> KindId | None:
        """Look for the kinds' words in the type, then the tags, then the name; what a name calls `vm` need be no machine."""
        places = [(said, True), *((word(each), False) for each in items(entry.body.get("tags"))), (entry.name, False)]
        for text, by_type in places[:1] if client else places:
            for hint, kind in self._found(text):
                if not self._can_be(entry, kind, by_type=by_type) or (client and kind not in _CLIENT_KINDS):
                    continue
                why = f"component {entry.name!r} is taken as {str(kind)!r} because of {hint!r} in {text!r}"
                self.findings.note("U011", entry.at, why, "write one of our kinds as its type if it is something else")
                return kind
        return None

    def _can_be(self, entry: Entry, kind: KindId, *, by_type: bool) -> bool:
        if kind == RUNTIME:
            return entry.id in self.parents
        return kind not in {COMPUTE, EXTERNAL} or by_type

    def _found(self, text: str) -> tuple[tuple[str, KindId], ...]:
        """Return the words that stand in a text, those that say what a thing is first, then the last one, then the longest."""
        if text not in self._hints:
            tokens = slug(text).split("-")
            joined = "".join(tokens)
            whole = set(tokens)
            some = [each for each in self.words if each[0] in whole or (len(each[0]) >= _SHORTEST and each[0] in joined)]
            last = next((each for each in reversed(tokens) if not each.isdigit()), "")
            self._hints[text] = tuple(sorted(some, key=lambda each: (each[0] in GENERAL, each[0] != last)))
        return self._hints[text]


def _role(entry: Entry, kind: KindId, *, client: bool) -> Role:
    said = attributes(entry.body).get(f"{OURS}role", "")
    if said in list(Role):
        return Role(said)
    if kind == EXTERNAL or client:
        return Role.EXTERNAL
    return Role.HOST if kind == COMPUTE else Role.COMPONENT
