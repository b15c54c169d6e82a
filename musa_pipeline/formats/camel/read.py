"""CAMEL text to the cloud-provider-independent model, step by step."""

import re
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Connection, Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel.blocks import Block, Piece, cut, is_camel
from musa_pipeline.formats.camel.deployment import connections, draft_components, tell_unknown_kinds
from musa_pipeline.formats.camel.dialect import is_younger
from musa_pipeline.formats.camel.draft import Draft, Reading
from musa_pipeline.formats.camel.headings import LAYER
from musa_pipeline.formats.camel.layer import agents, apply_layer, draft_externals, groups, promises, uses
from musa_pipeline.formats.camel.levels import Levels
from musa_pipeline.formats.camel.lexing import Lexed, Places, lex
from musa_pipeline.formats.camel.names import Named, Names
from musa_pipeline.formats.camel.parsing import Reader
from musa_pipeline.formats.camel.requirements import want_controls

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


def read_camel(text: str, file: str, *, catalogs: Catalogs, problems: Problems) -> Cpim | None:
    """Return the model that a CAMEL 2015.9 text describes, or None when it is no camel model at all.

    Errors are reported; what can be read beside them is. Codes K001 to K051 are explained in docs/formats/camel.md.
    """
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    places = Places(text, file)
    if len(text) > LONGEST:
        problems.report("K005", places.at(0), f"more than {LONGEST:,} characters")
        return None
    lexed = lex(text, places, problems)
    if is_camel(lexed.clean) and is_younger(lexed, places, problems):
        return None
    whole = cut(lexed, places, problems)
    if not whole:
        return None
    names = Names(Named(whole.name, "camel model", whole.start), places, problems)
    unread = _read_blocks(whole.blocks, lexed, names, places, problems)
    names.lost.update(word for piece in (*whole.unread, *unread) for word in _WORD.findall(lexed.bare, piece.start, piece.end))
    names.whole = whole.whole
    names.resolve()
    reading = Reading(names, places, catalogs, problems)
    return _model(reading)


def _read_blocks(blocks: list[Block], lexed: Lexed, names: Names, places: Places, problems: Problems) -> list[Piece]:
    """Add every statement to the names, and return what could not be read."""
    reader = Reader(lexed.clean, lexed.bare, places, problems)
    layers = 0
    for block in blocks:
        part = block.part
        if part == LAYER:
            layers += 1
            at = places.at(block.start, len(block.name))
            if layers > 1:
                problems.report("K013", at, "a second musa model; only the first is read", help="write both in one block")
                reader.unread += block.pieces
                continue
            if block.name not in _VERSIONS:
                known = ", ".join(_VERSIONS)
                problems.report("K014", at, f"version {block.name!r} of the musa model is not known", help=f"known is {known}")
                reader.unread += block.pieces
                continue
            part = _VERSIONS[block.name]
        scope = names.model(part, block.name, block.start) if block.name else names.root
        for piece in block.pieces:
            for node in reader.read(part, piece):
                names.add(node, scope)
    return reader.unread


def _model(reading: Reading) -> Cpim:
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
    if not reading.drafts:
        text = f"camel model {reading.names.root.name!r} deploys nothing"
        help_ = "add a deployment model with internal components"
        reading.problems.warn("K047", reading.places.at(reading.names.root.at), text, help=help_)
    return Cpim(
        name=reading.names.root.name,
        language="CAMEL 2015.9",
        components=tuple(sorted((each.done() for each in reading.drafts.values()), key=lambda each: each.id)),
        connections=_each_once([*connections(reading), *uses(reading)]),
        agents=tuple(sorted(agents(reading), key=lambda each: (each.agent, each.protects))),
        apart=groups(reading, "Apart"),
        together=groups(reading, "Together"),
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


def _each_once(found: list[Connection]) -> tuple[Connection, ...]:
    """Sort, and keep one of equal connections."""
    kept = {(each.source, each.target, each.port.number or 0, each.port.protocol): each for each in reversed(found)}
    return tuple(kept[key] for key in sorted(kept))
