"""CAMEL text to the cloud-provider-independent model, step by step."""

import re
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Connection, Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel.blocks import Block, Cut, Piece, cut, is_camel
from musa_pipeline.formats.camel.circles import tell_circles
from musa_pipeline.formats.camel.data import tell_unclassified
from musa_pipeline.formats.camel.deployment import connections, draft_components, tell_unknown_kinds
from musa_pipeline.formats.camel.dialect import OLD, OLD_PARTS, YOUNG_PARTS, dialect, is_younger
from musa_pipeline.formats.camel.draft import Draft, Reading
from musa_pipeline.formats.camel.headings import LAYER
from musa_pipeline.formats.camel.imports import Imports
from musa_pipeline.formats.camel.layer import agents, apply_layer, draft_externals, groups, promises, uses, zones
from musa_pipeline.formats.camel.levels import Levels
from musa_pipeline.formats.camel.lexing import Lexed, Places, Within, lex
from musa_pipeline.formats.camel.names import Named, Names, unquoted
from musa_pipeline.formats.camel.parsing import Reader
from musa_pipeline.formats.camel.requirements import want_controls
from musa_pipeline.formats.camel.software import couplings
from musa_pipeline.formats.camel.unused import KINDS as UNUSED
from musa_pipeline.text.fetch import Fetch

LONGEST: Final = 50_000_000
"""Characters of one file; ten thousand components have a tenth of that."""
_VERSIONS: Final = {"v1": "musa1"}
_WORD: Final = re.compile(r"[^\W\d]\w*")
_START: Final = re.compile(r"\s*+(?://[^\n]*+\s*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/\s*+)*+")


def looks_like_camel(text: str) -> bool:
    """Tell whether a text begins as a camel model does, comments and imports before it allowed."""
    start = _START.match(text.removeprefix("\ufeff"))
    rest = text.removeprefix("\ufeff")[start.end() if start else 0 :][:10_000]
    return bool(re.match(r"(?:camel\s+model|import)\s", rest)) and bool(is_camel(lex(rest, Places("", ""), Problems()).clean))


def read_camel(text: str, file: str, *, catalogs: Catalogs, problems: Problems, fetch: Fetch | None = None) -> Cpim | None:
    """Return the model that a CAMEL text describes, 2015.9, 2 or 3, or None when it is no camel model at all.

    Errors are reported; what can be read beside them is. Codes K001 to K070 are explained in docs/formats/camel.md.
    """
    places = Places(text, file)
    first = _File(text, file, places, problems)
    whole = first.cut()
    if not whole:
        return None
    names = Names(Named(whole.name, "camel model", whole.start), places, problems)
    names.lenient = first.language != OLD
    first.read(whole, names, names.root)
    names.whole = whole.whole
    _import(first, whole, names, fetch)
    names.resolve()
    return model_of(Reading(names, places, catalogs, problems), first.language)


class _File:
    """One file on its way into the names."""

    def __init__(self, text: str, file: str, places: Places, problems: Problems, base: int = 0) -> None:
        self.text, self.file, self.problems = " " + text[1:] if text.startswith("\ufeff") else text, file, problems
        self.places = Within(places, base) if base else places
        self.base = base
        self.language = OLD
        self.lexed = Lexed(clean="", bare="", braces=())

    def cut(self) -> Cut | None:
        """Return the sub-models; None, after an error, if there is no camel model."""
        if len(self.text) > LONGEST:
            self.problems.report("K005", self.places.at(0), f"more than {LONGEST:,} characters")
            return None
        self.lexed = lex(self.text, self.places, self.problems)
        self.language = dialect(self.lexed)
        return cut(self.lexed, self.places, self.problems, OLD_PARTS if self.language == OLD else YOUNG_PARTS)

    def read(self, whole: Cut, names: Names, root: Named) -> None:
        """Add every statement to the names; what could not be read is no name that is missing."""
        unread = self._blocks(whole.blocks, names, root)
        lost = (self.lexed.bare[piece.start : piece.end] for piece in (*whole.unread, *unread))
        names.lost.update(word for each in lost for word in _WORD.findall(each))

    def _blocks(self, blocks: list[Block], names: Names, root: Named) -> list[Piece]:
        reader = Reader(self.lexed, self.places, self.problems)
        layers = 0
        for block in blocks:
            part = block.part
            if part == LAYER:
                layers += 1
                at = self.places.at(block.start, len(block.name))
                if layers > 1:
                    text = "a second musa model; only the first is read"
                    self.problems.report("K013", at, text, help="write both in one block")
                    reader.unread += block.pieces
                    continue
                if block.name not in _VERSIONS:
                    known = ", ".join(_VERSIONS)
                    text = f"version {block.name!r} of the musa model is not known"
                    self.problems.report("K014", at, text, help=f"known is {known}")
                    reader.unread += block.pieces
                    continue
                part = _VERSIONS[block.name]
            scope = names.model(part, block.name, self.base + block.start, root) if block.name else root
            for piece in block.pieces:
                for node in reader.read(part, piece):
                    names.add(node, scope)
        return reader.unread


def _import(first: _File, whole: Cut, names: Names, fetch: Fetch | None) -> None:
    """Read what the model imports, by file or by name."""
    places = names.places
    waiting: list[tuple[str, int, str]] = [(name, at, first.file) for name, at in whole.imports]
    imports = Imports(first.file, fetch, names, places, first.problems)

    def read(text: str, file: str) -> None:
        each = _File(text, file, places, first.problems, places.more(text, file))
        found = each.cut()
        if found:
            each.read(found, names, names.imported(found.name, each.base + found.start))
            waiting.extend((name, each.base + at, file) for name, at in found.imports)

    imports.files(waiting, read)
    if first.language != OLD:
        imports.models(first.file, read)
    names.absent = imports.absent


def model_of(reading: Reading, language: str) -> Cpim:
    """Return what statements say whose references are resolved."""
    reading.younger = is_younger(language)
    tell_circles(reading)
    draft_components(reading)
    draft_externals(reading)
    _one_id_each(reading)
    apply_layer(reading)
    if not reading.problems.errors:
        tell_unknown_kinds(reading)
    want_controls(reading)
    levels = Levels(reading)
    levels.read()
    promises(reading, levels)
    tell_unclassified(reading)
    near = couplings(reading)
    for name, kind in UNUSED.items():
        for node in reading.all(name):
            reading.unused.tell(kind, node)
    for node in reading.all("Sensor"):
        if node.configuration and unquoted(node.configuration).strip():
            reading.unused.tell("measuring", node)
    for node in reading.all("Provider"):
        if node.capabilities:
            reading.unused.tell("capability", node)
    found = _each_once([*connections(reading), *uses(reading)])
    if not reading.problems.errors:
        reading.unused.report(reading.places, reading.problems)
    if not reading.drafts:
        text = f"camel model {reading.names.root.name!r} deploys nothing"
        help_ = f"add a deployment model with {'software' if reading.younger else 'internal components'}"
        reading.problems.warn("K047", reading.places.at(reading.names.root.at), text, help=help_)
    return Cpim(
        name=reading.names.root.name,
        language=language,
        components=tuple(sorted((each.done() for each in reading.drafts.values()), key=lambda each: each.id)),
        connections=found,
        agents=tuple(sorted(agents(reading), key=lambda each: (each.agent, each.protects))),
        apart=groups(reading, "Apart"),
        together=tuple(sorted({*groups(reading, "Together"), *near}, key=sorted)),
        zones=zones(reading),
        at=reading.places.at(reading.names.root.at, len(reading.names.root.name)),
    )


def _one_id_each(reading: Reading) -> None:
    """Report components whose names make the same id; the first of them stays."""
    first: dict[str, Draft] = {}
    for named, draft in list(reading.drafts.items()):
        other = first.setdefault(draft.id, draft)
        if other is not draft:
            text = f"{draft.named.name!r} and {other.named.name!r} make the same id {draft.id!r}"
            reading.problems.report("K015", draft.at, text, help="rename one of them")
            del reading.drafts[named]
    for draft in reading.drafts.values():
        if draft.host and reading.drafts.get(draft.host.named) is not draft.host:
            draft.host = None  # what it runs on is one of them


def _each_once(found: list[Connection]) -> tuple[Connection, ...]:
    """Sort, and keep one of equal connections."""
    kept = {(each.source, each.target, each.port.number or 0, each.port.protocol): each for each in reversed(found)}
    return tuple(kept[key] for key in sorted(kept))
