"""MUSA's threats and metrics as catalog entries: the source's facts come first, what we wrote ourselves stays as it is.

Where we think that the source is wrong, the entry says so: `mended: {operator: {said: eq, because: ...}}` keeps our value of that
key and the source's beside it.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.ids import ControlId, control_key, slug
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.musa2016.tables import NotMusa, Row, Translation, rev4_id, rows
from musa_pipeline.formats.musa2016.write import write_entry
from musa_pipeline.text.yaml import plain, read_yaml

Entry = dict[str, Any]

SOURCE = "MUSA SLA Generator"
VERSION = "2016-10-30"
NEVER = 11
"""The minimum risk of a control that is in no baseline: no risk reaches it."""

THREAT_KEYS = (
    *("id", "title", "stride", "categories", "question", "applies", "factors", "controls"),
    *("techniques", "weaknesses", "patterns", "sources"),
)
METRIC_KEYS = (
    *("id", "title", "reference", "unit", "scale", "operator", "default", "lowest", "highest", "because", "mended"),
    *("definition", "combine", "max_age", "applies", "controls", "threats", "measured_by", "source"),
)

_STRIDE = {"ELEVATION OF PRIVILEGES": "elevation-of-privilege"}
_OPERATORS = {"eq (=)": "eq", "ge (>=)": "geq", "le (<=)": "leq"}
_SCALES = {"%": "percent", "levels": "level"}
_SPELLING = {"Resiliance to attacks": "Resilience to attacks"}
_REFERENCE = re.compile(r"^(M\d+)-(.*)$")
_ABBREVIATION = re.compile(r"\s*\([A-Za-z]+\)$")


def import_musa(
    tables: Mapping[str, str], existing: Mapping[str, str], controls_r5: ControlCatalog, controls_r4: ControlCatalog
) -> dict[str, str]:
    """Return path -> text of every entry that the tables speak of; `existing`: path -> text of the entries as they are now.

    Run again over its own result it changes nothing.
    """
    before = {"/".join(path.replace("\\", "/").split("/")[-2:]): text for path, text in existing.items()}
    successors = Translation(controls_r5, controls_r4).table()
    titles = {row["threat"]: _threat_title(row["threat"]) for row in rows(tables, "threats.tsv")}
    found: dict[str, str] = {}
    for title, facts in _threats(tables, successors, titles).items():
        path = f"catalogs/threats/{slug(title)}.yaml"
        found[path] = write_entry(_merged_threat(facts, _before(before, path)))
    for name, facts in _metrics(tables, successors, titles).items():
        path = f"catalogs/metrics/{slug(name)}.yaml"
        found[path] = write_entry(_merged_metric(facts, _before(before, path)))
    return dict(sorted(found.items()))


def _threat_title(written: str) -> str:
    return _ABBREVIATION.sub("", written)


def _before(before: Mapping[str, str], path: str) -> Entry:
    tree = plain(read_yaml(before.get(path.removeprefix("catalogs/"), ""), path, Problems()))
    return tree if isinstance(tree, dict) else {}


def _threats(
    tables: Mapping[str, str], successors: Mapping[ControlId, tuple[ControlId, ...]], titles: Mapping[str, str]
) -> dict[str, Entry]:
    minimum = {
        row["control"]: int(row["minrisk"]) if row["minrisk"].isdigit() else NEVER for row in rows(tables, "controls_minrisk.tsv")
    }
    links: dict[str, set[ControlId]] = defaultdict(set)
    for row in rows(tables, "threat_controls.tsv"):
        links[row["threat_id"]].add(rev4_id(row["nist_control"], "threat_controls.tsv"))
    by_title: dict[str, list[Row]] = defaultdict(list)
    for row in rows(tables, "threats.tsv"):
        by_title[titles[row["threat"]]].append(row)
    return {
        title: {
            "id": slug(title),
            "title": title,
            "stride": _STRIDE.get(group[0]["stride"], slug(group[0]["stride"].lower())),
            "categories": sorted({row["component_category"] for row in group}),
            "controls": _answering({each for row in group for each in links[row["id"]]}, minimum, successors),
            "sources": [{"document": SOURCE, "version": VERSION, "clause": f"{group[0]['threat']}, after {_document(group[0])}"}],
        }
        for title, group in by_title.items()
    }


def _document(row: Row) -> str:
    return row["source"].replace('"', "")


def _answering(
    old: set[ControlId], minimum: Mapping[str, int], successors: Mapping[ControlId, tuple[ControlId, ...]]
) -> dict[str, Entry]:
    """Return rev 5 id -> its least risk in MUSA, and the rev 4 ids where they were others."""
    origins: dict[ControlId, set[ControlId]] = defaultdict(set)
    for control in old:
        for each in successors.get(control, ()):
            origins[each].add(control)
    found: dict[str, Entry] = {}
    for control in sorted(origins, key=control_key):
        before = sorted(origins[control], key=control_key)
        least = {str(each): minimum.get(each, NEVER) for each in before}
        told: Entry = {"rev4": least} if len(set(least.values())) > 1 else _rev4(control, before)
        found[control] = {"minimum": min(least.values())} | told
    return found


def _rev4(control: ControlId, before: list[ControlId]) -> Entry:
    return {} if before == [control] else {"rev4": [str(each) for each in before]}


def _merged_threat(facts: Entry, before: Entry) -> Entry:
    entry = before | {key: facts[key] for key in ("id", "title", "stride", "categories")}
    entry["controls"] = _merged_links(
        facts["controls"], before.get("controls"), ("strength", "lowers", "minimum", "rev4", "because")
    )
    others = [each for each in _list(before.get("sources")) if not isinstance(each, dict) or each.get("document") != SOURCE]
    entry["sources"] = facts["sources"] + others
    return _ordered(entry, THREAT_KEYS)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _merged_links(facts: Mapping[str, Entry], before: Any, order: tuple[str, ...]) -> dict[str, Entry]:
    """Return the links of both; the imported keys of a link are the source's."""
    ours: dict[str, Any] = before if isinstance(before, dict) else {}
    merged: dict[str, Entry] = {}
    for control in sorted({*facts, *ours}, key=control_key):
        own = ours.get(control)
        link = dict(own) if isinstance(own, dict) else {}
        if control in facts:
            link = {key: value for key, value in link.items() if key not in ("minimum", "rev4")} | facts[control]
        merged[control] = _ordered(link, order)
    return merged


def _ordered(entry: Entry, order: tuple[str, ...]) -> Entry:
    rest = [key for key in entry if key not in order]
    return {key: entry[key] for key in (*order, *rest) if key in entry and entry[key] is not None}


def _metrics(
    tables: Mapping[str, str], successors: Mapping[ControlId, tuple[ControlId, ...]], titles: Mapping[str, str]
) -> dict[str, Entry]:
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows(tables, "metrics.tsv"):
        by_name[_SPELLING.get(row["metric"], row["metric"])].append(row)
    return {name: _metric(name, group, successors, titles) for name, group in by_name.items()}


def _metric(
    name: str, group: list[Row], successors: Mapping[ControlId, tuple[ControlId, ...]], titles: Mapping[str, str]
) -> Entry:
    row = group[0]
    if row["operator"] not in _OPERATORS:
        raise NotMusa("metrics.tsv", f"unknown operator {row['operator']!r}")
    numbered = _REFERENCE.match(name)
    boolean = row["value_type"].startswith("yes")
    origins: dict[ControlId, set[ControlId]] = defaultdict(set)
    for each in group:
        if each["nist_control"]:
            old = rev4_id(each["nist_control"], "metrics.tsv")
            for control in successors.get(old, ()):
                origins[control].add(old)
    return {
        "id": slug(name),
        "title": numbered.group(2).strip() if numbered else name,
        "reference": numbered.group(1) if numbered else None,
        "unit": {"%": "%", "levels": "level"}.get(row["unit"]),
        "scale": "boolean" if boolean else _SCALES.get(row["unit"], "number"),
        "operator": _OPERATORS[row["operator"]],
        "default": {"yes": True, "no": False}.get(row["default"]) if boolean else _number(row["default"]),
        "lowest": _number(row["min"]),
        "highest": _number(row["max"]),
        "controls": {each: _rev4(each, sorted(origins[each], key=control_key)) for each in sorted(origins, key=control_key)},
        "threats": sorted({slug(titles.get(each["threat"], each["threat"])) for each in group if each["threat"]}),
        "source": {"document": SOURCE, "version": VERSION, "clause": f"metric {row['metric']}"},
    }


def _number(written: str) -> int | None:
    return int(written) if written.isdigit() else None


def _merged_metric(facts: Entry, before: Entry) -> Entry:
    mended = before.get("mended") if isinstance(before.get("mended"), dict) else {}
    entry = dict(before)
    for key, value in facts.items():
        if mended and key in mended:
            reason = mended[key] if isinstance(mended[key], dict) else {}
            mended[key] = {"said": value} | {name: said for name, said in reason.items() if name != "said"}
        elif value is not None:
            entry[key] = value
    entry["controls"] = _merged_links(facts["controls"], before.get("controls"), ("rev4", "grade", "because"))
    others = [each for each in _list(before.get("threats")) if each not in facts["threats"]]
    entry["threats"] = sorted({*facts["threats"], *map(str, others)})
    return _ordered({key: value for key, value in entry.items() if value not in ([], {})}, METRIC_KEYS)
