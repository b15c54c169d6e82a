"""The metrics of two public sources, id by id: none is missing, none invented, every target as the source has it, no sentence copied."""

import csv
import io
import re
from collections import Counter
from typing import Any

from musa_pipeline.domain.metric import Grade, Measurer, Metric
from musa_pipeline.domain.problems import Problems
from musa_pipeline.text.yaml import plain, read_yaml
from tests.files.test_catalog_files import CATALOGS, FILES
from tests.support import ROOT, shared

HUNDRED = [each for each in CATALOGS.metrics if each.uuid]


def source() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return uuid -> path below the source's root, and what its file says."""
    root = shared("metrics")
    found = {}
    for path in sorted((root / "metrics").rglob("*.yaml")):
        said = plain(read_yaml(path.read_text("utf-8"), path.name, Problems()))
        found[said["id"]] = (path.relative_to(root).as_posix(), said)
    return found


def entry(metric: Metric) -> dict[str, Any]:
    found = plain(read_yaml(FILES[metric.at.file], metric.at.file, Problems()))
    assert isinstance(found, dict)
    return found


def test_the_hundred_are_here_by_id_name_and_place_with_their_targets() -> None:
    ours = {}
    for each in HUNDRED:
        said = entry(each)
        target = said["target"] if isinstance(said["target"], list) else [said["target"]]
        ours[each.uuid] = (each.source.clause, each.reference, target, each.source.version)
    origin = (shared("metrics") / "ORIGIN.md").read_text("utf-8")
    theirs = {
        uuid: (
            path,
            said["name"],
            [{one["operator"]: one["targetValue"]} for one in said["configuration"].values()],
            f"{said['version']} @{re.search('@([0-9a-f]{12})', origin)[1]}",  # type: ignore[index]
        )
        for uuid, (path, said) in source().items()
    }
    assert len(theirs) == 100
    assert ours == theirs


def test_no_six_words_of_theirs_stand_in_a_row_in_ours() -> None:
    theirs = {
        run for _, said in source().values() for text in (said["description"], str(said["comments"])) for run in runs(str(text))
    }
    copied = {}
    for each in HUNDRED:
        said = entry(each)
        own = [said["definition"], said.get("because", ""), *(one["because"] for one in said.get("controls", {}).values())]
        if found := theirs & {run for text in own for run in runs(text)}:
            copied[each.id] = found
    assert copied == {}


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[at : at + 6]) for at in range(len(words) - 5)}


def test_musa_s_37_and_availability_are_the_others() -> None:
    table = csv.DictReader(io.StringIO((shared("musa-sla-generator") / "metrics.tsv").read_text("utf-8")), dialect="excel-tab")
    names = {f"metric {row['metric'].replace('Resilience', 'Resiliance')}" for row in table}
    others = {each.source.clause.replace("Resilience", "Resiliance") for each in CATALOGS.metrics if not each.uuid}
    assert len(names) == 37
    assert {each for each in others if each.startswith("metric ")} == names
    assert len(others) == 38


def test_at_least_sixty_of_the_hundred_show_a_control_and_every_grade_is_used() -> None:
    assert sum(bool(each.controls) for each in HUNDRED) == 89
    grades = Counter(link.grade for each in CATALOGS.metrics for link in each.controls)
    assert set(grades) == set(Grade)
    assert {each.by for metric in CATALOGS.metrics for each in metric.measured_by} == set(Measurer)


def test_a_document_never_shows_a_control_directly() -> None:
    told = [
        (each.id, link.control)
        for each in HUNDRED
        if {one.by for one in each.measured_by} == {Measurer.AUDITOR} and "the organisation's document" in each.measured_by[0].how
        for link in each.controls
        if link.grade is Grade.DIRECT
    ]
    assert told == []


def test_no_committed_document_asks_for_or_promises_what_no_agent_measures() -> None:
    measured = {metric for agent in CATALOGS.agents for metric in agent.measures}
    left = re.compile("|".join(f'"{each.id}"' for each in HUNDRED if each.id not in measured))
    written = [path for path in sorted((ROOT / "sla").rglob("*")) if path.suffix in (".json", ".xml")]
    assert written
    assert [path.name for path in written if left.search(path.read_text("utf-8"))] == []
