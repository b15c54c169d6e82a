"""Our kind of a node: by its asset type, else by a word of its type or its name that the catalog of kinds knows."""

import re
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import KindId, slug
from musa_pipeline.formats.macm.dialects import Node
from musa_pipeline.formats.macm.words import KINDS, OURS

SOFTWARE: Final = KindId("software")
EXTERNAL: Final = KindId("external-service")
_SHORTEST: Final = 5
"""Shorter words count only as whole words: `rest` is in `forest`."""
_VAGUE: Final = frozenset({"software", "compute"})
_WORD: Final = re.compile(r"[^a-z0-9]+")


class Kinds:
    """Finds kinds, and tells what was concluded."""

    def __init__(self, catalogs: Catalogs, findings: Findings) -> None:
        self._catalogs, self._findings = catalogs, findings
        some = ((each.lower(), kind.id) for kind in catalogs.kinds if kind.id not in _VAGUE for each in kind.words)
        self._words = sorted(some, key=lambda each: (-len(each[0]), each))

    def of(self, node: Node) -> KindId:
        """Return the kind of a node that is a component; software, with a note, if nothing tells."""
        said = node.vertex.text(f"{OURS}kind")
        if said in self._catalogs.kind:
            return KindId(said)
        if said:
            hint = self._findings.near(said, self._catalogs.kind) or "write one of our kinds"
            self._findings.warn("H027", node.vertex.place(f"{OURS}kind"), f"{OURS + 'kind'!r} of {node.name!r} is {said!r}", hint)
        known = KINDS.get(node.type, "")
        if (known and known not in _VAGUE) or node.ours:
            return KindId(known or SOFTWARE)
        return self._hinted(node, known)

    def _hinted(self, node: Node, known: str) -> KindId:
        places = [node.name] if known else [node.type.rpartition(".")[2], node.name]
        for text in [] if known == "compute" else places:
            if found := self._found(text):
                word, kind = found
                why = f"{node.name!r} is taken as {str(kind)!r} because of {word!r} in {text!r}"
                self._findings.note("H029", node.at, why, "give it an asset type of the catalogue if it is something else")
                return kind
        if not known:
            text = f"what kind of component {node.name!r} is cannot be told; it is taken as software"
            self._findings.note("H029", node.at, text, "give it an asset type of the catalogue")
        return KindId(known or SOFTWARE)

    def _found(self, text: str) -> tuple[str, KindId] | None:
        tokens = set(slug(text).split("-"))
        joined = _WORD.sub("", text.lower())
        return next(
            (each for each in self._words if each[0] in tokens or (len(each[0]) >= _SHORTEST and each[0] in joined)), None
        )
