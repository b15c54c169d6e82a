"""Kinds of components: `catalogs/kinds/<id>.yaml`."""

from musa_pipeline.domain.ids import KindId
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.formats.catalogs.conditions import CATEGORIES
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.text.yaml import Mapping

KEYS = ("id", "title", "category", "types", "words", "source")


def read_kind(node: Mapping, problems: Problems) -> Kind:
    """Return one kind. Code: C007 unknown category."""
    entry = Entry(node, problems, KEYS)
    category = entry.text("category", "")
    if category and category not in CATEGORIES:
        way_out = near(category, CATEGORIES) or f"known categories are {', '.join(CATEGORIES)}"
        problems.report("C007", entry.place("category"), f"no category {category!r}", help=way_out)
    return Kind(
        id=KindId(entry.text("id")),
        title=entry.text("title"),
        category=category,
        types=entry.texts("types"),
        words=entry.texts("words"),
        source=entry.source(),
        at=node.at,
    )
