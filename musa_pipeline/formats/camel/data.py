"""Data models of CAMEL 2 and 3: which component holds what. CAMEL has no classes of data; our layer gives them."""

from typing import Any

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import Severity
from musa_pipeline.formats.camel.draft import Draft, Reading
from musa_pipeline.formats.camel.names import Named


def held(reading: Reading) -> dict[Draft, dict[Named, Any]]:
    """Return the data of each component: what it makes, what it reads, and what comes from the sources that it manages."""
    found: dict[Draft, dict[Named, Any]] = {}
    of_source: dict[Named, list[Any]] = {}
    for node in reading.all("DataSetOf"):
        if node.source is not None and node.source.meant.target:
            of_source.setdefault(node.source.meant.target, []).append(node)
    for node in reading.all("DataSource"):
        draft = reading.draft(node.component)
        if draft:
            _add(found, draft, of_source.get(node.named, ()))
    for node in reading.all("Software"):
        draft = reading.drafts.get(node.named)
        if draft:
            _add(found, draft, [each for each in map(reading.node, (*node.generates, *node.consumes)) if each])
            for source in node.sources:
                _add(found, draft, of_source.get(source.meant.target, ()))
    return found


def _add(found: dict[Draft, dict[Named, Any]], draft: Draft, nodes: Any) -> None:
    for node in nodes:
        found.setdefault(draft, {}).setdefault(node.named, node)


def tell_unclassified(reading: Reading) -> None:
    """Tell which data of the model have no class, as none is guessed and without it they are left out."""
    for draft, sets in held(reading).items():
        known = {slug(each.name) for each in draft.data}
        missing = sorted(each.name for each in sets if slug(each.name) not in known)
        if missing:
            names = ", ".join(map(repr, missing))
            text = f"data of {draft.named.name!r} have no class and are left out: {names}"
            said = ", ".join(f"{slug(each)}(...)" for each in missing)
            help_ = f"add `component {draft.named.name} {{ data: {said} }}` to the musa model"
            reading.problems.report("K054", draft.at, text, help=help_, severity=Severity.WARNING)
