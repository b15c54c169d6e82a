"""Crosswalk files: which SP 800-53 controls a clause of another framework stands for, by a published map or a baseline."""

from collections.abc import Mapping as Trees
from enum import StrEnum
from functools import cache
from typing import TypeVar

from musa_pipeline.domain.control import Control
from musa_pipeline.domain.crosswalk import Basis, Crosswalk, CrosswalkRow, Relation, clause_key
from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.catalogs.offerings_fields import Fields, read_grade, read_source
from musa_pipeline.text.yaml import Mapping, Node, Scalar

_FIELDS = ("framework", "title", "source", "grade", "relation", "basis", "because", "controls")
_ROW = ("controls", "relation", "basis", "because")
_DERIVED = (Evidence.E3, Evidence.E4)
_order = cache(control_key)
Word = TypeVar("Word", bound=StrEnum)


def read_crosswalks(trees: Trees[str, Node], known: dict[ControlId, Control], problems: Problems) -> dict[str, Crosswalk]:
    """Return the crosswalks of the trees of `crosswalks/`, by framework."""
    found: dict[str, Crosswalk] = {}
    for path in sorted(trees):
        if walk := read_crosswalk(trees[path], known, problems):
            if walk.framework in found:
                problems.report("O010", trees[path].at, f"framework {walk.framework!r} has two crosswalks")
            found.setdefault(walk.framework, walk)
    return found


def read_crosswalk(node: Node, known: dict[ControlId, Control], problems: Problems) -> Crosswalk | None:
    """Return one crosswalk; `controls` is clause -> the controls it stands for, as text, so that the file stays small."""
    if not isinstance(node, Mapping):
        problems.report("O001", node.at, "a crosswalk must be a mapping")
        return None
    fields = Fields(node, problems, "a crosswalk").known(_FIELDS)
    framework, title = fields.id("framework"), fields.text("title", needed=True)
    source = read_source(fields.get("source"), {}, problems, node.at, f"crosswalk {framework!r}")
    map_ = fields.mapping("controls")
    grade = read_grade(fields, "grade", _DERIVED) if fields.get("grade") is not None else None
    if not map_ and not fields.text("because"):
        fields.missing("controls", "list clause: controls, or say in 'because' why there is no map")
    rows = _Rows(fields, known, problems).of(map_) if map_ else ()
    if not framework or source is None:
        return None
    return Crosswalk(
        framework=framework, title=title, source=source, grade=grade, rows=rows, because=fields.text("because"), at=node.at
    )


class _Rows:
    """Reads the rows of one crosswalk, which share what its head says unless they say otherwise."""

    def __init__(self, head: Fields, known: dict[ControlId, Control], problems: Problems) -> None:
        self.known, self.problems = known, problems
        self.relation = self._word(head, Relation, "relation", None)
        self.basis = self._word(head, Basis, "basis", None)
        if self.basis is Basis.OWN and not head.text("because"):
            head.missing("because", "a map of our own says why")

    def of(self, map_: Mapping) -> tuple[CrosswalkRow, ...]:
        rows: list[CrosswalkRow] = []
        places: dict[str, str] = {}
        for clause, listed in map_:
            if (other := places.setdefault(clause_key(clause), clause)) != clause:
                way_out = "keep one of them"
                self.problems.report("O010", map_.keys[clause], f"clause {clause!r} is here as {other!r} already", help=way_out)
            elif row := self._row(clause, listed):
                rows.append(row)
        return tuple(rows)

    def _row(self, clause: str, listed: Node) -> CrosswalkRow | None:
        relation, basis, because = self.relation, self.basis, ""
        if isinstance(listed, Mapping):
            fields = Fields(listed, self.problems, f"clause {clause!r}").known(_ROW)
            relation = self._word(fields, Relation, "relation", self.relation)
            basis, because = self._word(fields, Basis, "basis", self.basis), fields.text("because")
            if basis is Basis.OWN and fields.get("basis") is not None and not because:
                fields.missing("because", "a pair of our own says why")
            inner = fields.get("controls")
            if inner is None:
                fields.missing("controls", "the controls as text, as in 'AC-2 AC-3'")
                return None
            listed = inner
        if not isinstance(listed, Scalar):
            self.problems.report("O001", listed.at, f"the controls of clause {clause!r} must be text, as in 'AC-2 AC-3'")
            return None
        controls = self._controls(clause, listed.text, listed.at)
        if relation is None or basis is None:
            return None
        return CrosswalkRow(clause=clause, controls=controls, relation=relation, basis=basis, because=because)

    def _controls(self, clause: str, text: str, at: Span) -> tuple[ControlId, ...]:
        found: set[ControlId] = set()
        for word in text.split():
            control = self.known.get(ControlId(word)) or self.known.get(control_id(word) or ControlId(""))
            if control is None:
                self.problems.report("O005", at, f"clause {clause!r} names unknown control {word!r}", help=near(word, self.known))
            elif not control.withdrawn:  # its successors are wider: that a clause stands for all of them nobody said
                found.add(control.id)
        return tuple(sorted(found, key=_order))

    def _word(self, fields: Fields, words: type[Word], name: str, default: Word | None) -> Word | None:
        text = fields.text(name)
        if not text:
            if default is None and name not in fields.node.keys:
                fields.missing(name, f"one of {', '.join(words)}")
            return default
        if text in set(words):
            return words(text)
        help = near(text, [*words]) or f"one of {', '.join(words)}"  # noqa: A001
        fields.report("O012", fields.at(name), f"{fields.what} has {name} {text!r}", help)
        return default
