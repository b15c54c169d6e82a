"""Crosswalks: which SP 800-53 controls an attestation to another framework speaks for, by a published map or a baseline."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from musa_pipeline.domain.control import Control
from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.catalogs.offerings_fields import Fields, read_grade, read_source
from musa_pipeline.text.yaml import Mapping, Node, Scalar

_FIELDS = ("framework", "title", "source", "grade", "because", "controls")
_DERIVED = (Evidence.E3, Evidence.E4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """A framework and the controls it speaks for, each with the clauses that say so; no controls: no public map."""

    framework: str
    title: str
    source: Source
    grade: Evidence
    controls: tuple[tuple[ControlId, str], ...]


def read_crosswalk(node: Node, known: dict[ControlId, Control], problems: Problems) -> Crosswalk | None:
    """Return one crosswalk; `controls` is clause -> the controls it stands for, as text, so that the file stays small."""
    if not isinstance(node, Mapping):
        problems.report("O001", node.at, "a crosswalk must be a mapping")
        return None
    fields = Fields(node, problems, "a crosswalk").known(_FIELDS)
    framework, title = fields.id("framework"), fields.text("title", needed=True)
    source = read_source(fields.get("source"), {}, problems, node.at, f"crosswalk {framework!r}")
    map_ = fields.mapping("controls")
    grade = read_grade(fields, "grade", _DERIVED) if map_ else Evidence.E3
    if not map_ and not fields.text("because"):
        fields.missing("controls", "list clause: controls, or say in 'because' why there is no map")
    clauses = _clauses(map_, known, problems) if map_ else {}
    if not framework or source is None or grade is None:
        return None
    controls = tuple((each, " ".join(clauses[each])) for each in sorted(clauses, key=control_key))
    return Crosswalk(framework=framework, title=title, source=source, grade=grade, controls=controls)


def _clauses(map_: Mapping, known: dict[ControlId, Control], problems: Problems) -> dict[ControlId, list[str]]:
    clauses: dict[ControlId, list[str]] = defaultdict(list)
    for clause, listed in map_:
        if not isinstance(listed, Scalar):
            problems.report("O001", listed.at, f"the controls of clause {clause!r} must be text, as in 'AC-2 AC-3'")
            continue
        for word in listed.text.split():
            control = known.get(ControlId(word)) or known.get(control_id(word) or ControlId(""))
            if control is None:
                problems.report("O005", listed.at, f"clause {clause!r} names unknown control {word!r}", help=near(word, known))
            elif not control.withdrawn:
                clauses[control.id].append(clause)
    return clauses


def import_iso(pairs: str) -> str:
    """Return the crosswalk file of ISO/IEC 27001:2022 from NIST's OLIR pairs: JSON `[[control, clause], ...]`, ids only.

    >>> print(import_iso('[["ac-2", "a.5.16"], ["ac-1", "5.2"], ["ac-3", "a.5.16"]]').split("controls:")[1].strip())
    5.2: AC-1
      A.5.16: AC-2 AC-3
    """
    by_clause: dict[str, set[str]] = defaultdict(set)
    for control, clause in json.loads(pairs):
        by_clause[str(clause).upper()].add(control_id(str(control)) or str(control))
    if not by_clause:
        raise ValueError("there is no pair in it")
    rows = [(clause, by_clause[clause]) for clause in sorted(by_clause, key=_clause_key)]
    return _written(
        "iso-27001-2022",
        "ISO/IEC 27001:2022 clauses and Annex A",
        {
            "document": "NIST OLIR 155: SP 800-53 r5 to ISO/IEC 27001:2022",
            "date": "2023-10-12",
            "link": "https://csrc.nist.gov/projects/olir/informative-reference-catalog/details?referenceId=155",
        },
        Evidence.E3,
        rows,
    )


def import_fedramp(baselines: str, level: str) -> str:
    """Return the crosswalk file of a FedRAMP rev 5 baseline from facts: JSON `{"HIGH": {"version", "controls"}, ...}`.

    >>> print(import_fedramp('{"LOW": {"version": "2", "controls": ["ac-2.1", "ac-1", "pe-3"]}}', "LOW").split("controls:")[1].strip())
    AC: AC-1 AC-2(1)
      PE: PE-3
    """
    facts = json.loads(baselines)[level]
    families: dict[str, set[str]] = defaultdict(set)
    for each in facts["controls"]:
        control = control_id(str(each)) or str(each)
        families[control[:2]].add(control)
    return _written(
        f"fedramp-{level.lower()}",
        f"FedRAMP rev 5 {level.capitalize()} baseline",
        {
            "document": f"FedRAMP rev 5 {level} baseline profile",
            "version": str(facts["version"]),
            "date": "2024-12",
            "link": "https://github.com/GSA/fedramp-automation/tree/master/dist/content/rev5/baselines/json",
        },
        Evidence.E4,
        sorted(families.items()),
    )


def _written(
    framework: str, title: str, source: dict[str, str], grade: Evidence, rows: Sequence[tuple[str, Iterable[str]]]
) -> str:
    lines = [f"framework: {framework}", f"title: {title}", "source:"]
    lines += [f"  {name}: {json.dumps(value) if ': ' in value else value}" for name, value in source.items()]
    lines += [f"grade: {grade}", "controls:"]
    lines += [f"  {clause}: {' '.join(sorted(controls, key=control_key))}" for clause, controls in rows]
    return "\n".join(lines) + "\n"


def _clause_key(clause: str) -> tuple[bool, tuple[int, ...], str]:
    numbers = tuple(int(part) for part in clause.split(".") if part.isdigit())
    return (clause.startswith("A."), numbers, clause)
