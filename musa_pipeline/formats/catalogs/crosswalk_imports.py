"""Published maps to the files of `catalogs/crosswalks`: ids only, whatever prose stands beside them in the source."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from musa_pipeline.domain.crosswalk import Basis, Relation
from musa_pipeline.domain.ids import control_id, control_key
from musa_pipeline.domain.offering import Evidence

_RANGE: Final = re.compile(r"^([A-Z]{2}-\d+)\((\d+)\)-\((\d+)\)$")
_LONGEST_RANGE: Final = 99
_BARE: Final = re.compile(r"(\d{4}-\d{2}(-\d{2})?|\d*e?\d*[A-Za-z].*[^\s:])$")
_NUMBERS: Final = re.compile(r"\d+|\D+")


def import_iso(pairs: str) -> str:
    """Return the crosswalk file of ISO/IEC 27001:2022 from NIST's OLIR pairs: JSON `[[control, clause], ...]`, ids only.

    >>> print(import_iso('[["ac-2", "a.5.16"], ["ac-1", "5.2"], ["ac-3", "a.5.16"]]').split("controls:")[1].strip())
    5.2: AC-1
      A.5.16: AC-2 AC-3
    """
    by_clause: dict[str, set[str]] = defaultdict(set)
    for control, clause in json.loads(pairs):
        by_clause[str(clause).upper()].add(control_id(str(control)) or str(control))
    return _written(
        "iso-27001-2022",
        "ISO/IEC 27001:2022 clauses and Annex A",
        {
            "document": "NIST OLIR 155: SP 800-53 r5 to ISO/IEC 27001:2022",
            "date": "2023-10-12",
            "link": "https://csrc.nist.gov/projects/olir/informative-reference-catalog/details?referenceId=155",
        },
        {"grade": Evidence.E3, "relation": Relation.RELATED, "basis": Basis.PUBLISHED},
        [(clause, by_clause[clause]) for clause in sorted(by_clause, key=_iso_key)],
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
    name = level if "-" in level else level.capitalize()
    return _written(
        f"fedramp-{level.lower()}",
        f"FedRAMP rev 5 {name} baseline",
        {
            "document": f"FedRAMP rev 5 {level} baseline profile",
            "version": str(facts["version"]),
            "date": "2024-12",
            "link": "https://github.com/GSA/fedramp-automation/tree/master/dist/content/rev5/baselines/json",
        },
        {"grade": Evidence.E4, "relation": Relation.SELECTS, "basis": Basis.PUBLISHED},
        sorted(families.items()),
    )


def import_csf(table: str) -> str:
    r"""Return the crosswalk file of CSF 2.0 from NIST's concept crosswalk as CSV: third column the outcome, fourth its controls.

    A whole family, which the sheet names here and there, is no pair and is left out.

    >>> print(import_csf("S,T,c,s,r\n\na,b,gv.oc-01,pm-11,x\na,b,id.am-01,cm-8 pm-5 ir,x").split("controls:")[1].strip())
    GV.OC-01: PM-11
      ID.AM-01: CM-8 PM-5
    """
    by_outcome: dict[str, set[str]] = defaultdict(set)
    for row in csv.reader(io.StringIO(table)):
        if len(row) > 3 and re.fullmatch(r"[A-Za-z]{2}\.[A-Za-z]{2}-\d{2}", row[2].strip()):
            found = filter(None, map(control_id, row[3].split()))
            by_outcome[row[2].strip().upper()].update(found)
    return _written(
        "csf-2.0",
        "NIST Cybersecurity Framework 2.0 outcomes",
        {
            "document": "NIST OLIR 186: CSF 2.0 to SP 800-53 r5.2.0, concept crosswalk (draft)",
            "clause": "content/csf2_to_800-53_crosswalk.csv in degenaro/example-mapping at abe493b07f66",
            "date": "2026-02-18",
            "link": "https://csrc.nist.gov/projects/olir/informative-reference-catalog/details?referenceId=186",
        },
        {"relation": Relation.RELATED, "basis": Basis.PUBLISHED},
        [(each, by_outcome[each]) for each in sorted(by_outcome) if by_outcome[each]],
    )


def import_ccm(facts: str) -> str:
    """Return the crosswalk file of CSA's CCM 4 from Prowler's facts: JSON `{"IAM-02": {"nist53r5": ["IA-1", "IA-5(1)-(3)"]}}`.

    >>> print(import_ccm('{"IAM-02": {"nist53r5": ["IA-5(1)-(2)", "IA-1"]}}').split("controls:")[1].strip())
    IAM-02: IA-1 IA-5(1) IA-5(2)
    """
    clauses = {str(clause): set(_ranges(facts["nist53r5"])) for clause, facts in json.loads(facts).items()}
    return _written(
        "ccm-4",
        "CSA Cloud Controls Matrix 4",
        {
            "document": "Prowler compliance data, CSA CCM 4.0 with CSA's references to SP 800-53 r5",
            "version": "3e000faa3109",
            "date": "2026-11-22",
            "link": "https://github.com/prowler-cloud/prowler/tree/master/prowler/compliance",
        },
        {
            "grade": Evidence.E3,
            "relation": Relation.RELATED,
            "basis": Basis.CARRIED,
            "because": f"the source has pairs for {len(clauses)} of the 197 controls of the matrix, those that software can check",
        },
        [(each, clauses[each]) for each in sorted(clauses)],
    )


def import_attack(mapping: str) -> str:
    """Return the crosswalk file of ATT&CK from the Center for Threat-Informed Defense's map: its JSON, techniques it mitigates.

    >>> row = '{"capability_id": "AC-02", "mapping_type": "mitigates", "attack_object_id": "T1110", "status": "complete"}'
    >>> head = '{"attack_version": "16.1", "mapping_framework_version": "rev5", "last_update": "04/16/2025"}'
    >>> print(import_attack('{"metadata": %s, "mapping_objects": [%s]}' % (head, row)).split("controls:")[1].strip())
    T1110: AC-2
    """
    found = json.loads(mapping)
    about = found["metadata"]
    month, day, year = str(about["last_update"]).split("/")
    if about["mapping_framework_version"] != "rev5":
        raise ValueError(f"the map is to {about['mapping_framework_version']}, not to revision 5")
    by_technique: dict[str, set[str]] = defaultdict(set)
    for row in found["mapping_objects"]:
        if row["capability_id"] and row["mapping_type"] == "mitigates":
            by_technique[str(row["attack_object_id"])].add(control_id(row["capability_id"]) or str(row["capability_id"]))
    return _written(
        "attack",
        "MITRE ATT&CK Enterprise techniques",
        {
            "document": "Center for Threat-Informed Defense, NIST 800-53 r5 mappings",
            "version": f"ATT&CK {about['attack_version']}",
            "date": f"{year}-{month}-{day}",
            "link": "https://center-for-threat-informed-defense.github.io/mappings-explorer/external/nist/",
        },
        {"relation": Relation.MITIGATED, "basis": Basis.PUBLISHED},
        [(each, by_technique[each]) for each in sorted(by_technique, key=_technique_key)],
    )


def import_baseline(name: str, title: str, version: str, date: str, controls: Iterable[str]) -> str:
    """Return the crosswalk file of a baseline that somebody's profile selects, a family a line.

    >>> print(import_baseline("own", "Ours", "1", "2026-01-02", ["SC-5", "AC-2", "AC-1"]).split("controls:")[1].strip())
    AC: AC-1 AC-2
      SC: SC-5
    """
    families: dict[str, list[str]] = defaultdict(list)
    for each in controls:
        families[each[:2]].append(each)
    source = {"document": f"{title}, OSCAL profile", "version": version, "date": date}
    said = {"relation": Relation.SELECTS, "basis": Basis.PUBLISHED}
    return _written(name, title, source, said, sorted(families.items()))


IMPORTS: Final[Mapping[str, Callable[[str], str]]] = {
    "attack": import_attack,
    "ccm-4": import_ccm,
    "csf-2.0": import_csf,
    "iso-27001-2022": import_iso,
}
"""Framework -> what reads its published map."""


def _ranges(written: Iterable[str]) -> Iterator[str]:
    for each in written:
        found = _RANGE.match(each)
        if not found:
            yield control_id(each) or each
            continue
        first, last = int(found[2]), int(found[3])
        if last - first > _LONGEST_RANGE:
            raise ValueError(f"{each!r} is no range of enhancements")
        yield from (f"{found[1]}({number})" for number in range(first, last + 1))


def _written(
    framework: str,
    title: str,
    source: Mapping[str, str],
    said: Mapping[str, str],
    rows: Sequence[tuple[str, Iterable[str]]],
) -> str:
    if not rows:
        raise ValueError("there is no pair in it")
    lines = [f"framework: {framework}", f"title: {_quoted(title)}", "source:"]
    lines += [f"  {name}: {_quoted(value)}" for name, value in source.items()]
    lines += [f"{name}: {value}" for name, value in said.items()]
    lines += ["controls:"]
    lines += [f"  {clause}: {' '.join(sorted(controls, key=control_key))}" for clause, controls in rows]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """Return a text as YAML has it: bare where it can be nothing else than this text, or is a date."""
    bare = _BARE.match(value) and ": " not in value and " #" not in value and value not in ("null", "true", "false", "yes", "no")
    return value if bare else json.dumps(value, ensure_ascii=False)


def _iso_key(clause: str) -> tuple[bool, tuple[int, ...], str]:
    numbers = tuple(int(part) for part in clause.split(".") if part.isdigit())
    return (clause.startswith("A."), numbers, clause)


def _technique_key(technique: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part) if part.isdigit() else 0, part) for part in _NUMBERS.findall(technique))
