import csv
import io

import pytest

from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.catalogs.controls import read_controls
from musa_pipeline.formats.musa2016 import import_musa
from musa_pipeline.formats.musa2016.tables import NotMusa, Translation
from musa_pipeline.text.yaml import plain, read_yaml
from tests.support import ROOT, shared

ENTRIES = {
    str(each.relative_to(ROOT)): each.read_text()
    for folder in ("threats", "metrics")
    for each in sorted((ROOT / "catalogs" / folder).glob("*.yaml"))
}
TABLES = {
    "threats.tsv": "id\tthreat\tcomponent_category\tstride\tsource\n1\tFlood (F)\tcustom web app\tDENIAL OF SERVICE\tNobody\n",
    "threat_controls.tsv": "threat_id\tnist_control\n1\tSC-5\n1\tSC-9\n",
    "controls_minrisk.tsv": "control\tminrisk\nSC-5\t1\nSC-9\t\n",
    "metrics.tsv": "metric\tvalue_type\tunit\tdefault\tmin\tmax\toperator\tnist_control\tthreat\n"
    "M1-Hours\tinteger\tnumber\t24\t1\t48\teq (=)\tSC-5\t\nM1-Hours\tinteger\tnumber\t24\t1\t48\teq (=)\t\tFlood (F)\n",
}


def catalog(revision: str, *controls: Control) -> ControlCatalog:
    return ControlCatalog(
        id=f"r{revision}", title="", revision=revision, version="", source=Source(document=""), controls=controls
    )


SC5, SC8, SC9 = (ControlId(each) for each in ("SC-5", "SC-8", "SC-9"))
R4 = catalog("4", Control(id=SC5, title=""), Control(id=SC9, title=""))
R5 = catalog(
    "5", Control(id=SC5, title=""), Control(id=SC8, title=""), Control(id=SC9, title="", withdrawn=True, moved_to=(SC8,))
)


def committed(revision: str) -> ControlCatalog:
    found = read_controls((ROOT / f"catalogs/controls/nist-800-53-r{revision}.json").read_text(), "", Problems())
    assert found is not None
    return found


def tables() -> dict[str, str]:
    return {each.name: each.read_text() for each in shared("musa-sla-generator").iterdir() if each.suffix == ".tsv"}


def entry(text: str) -> dict[str, object]:
    found = plain(read_yaml(text, "", Problems()))
    assert isinstance(found, dict)
    return found


def test_importing_again_changes_nothing() -> None:
    found = import_musa(tables(), ENTRIES, committed("5"), committed("4"))
    assert found == {path: ENTRIES[path] for path in found}


def test_28_threats_37_metrics_and_every_one_of_the_256_links_arrive() -> None:
    found = import_musa(tables(), {}, committed("5"), committed("4"))
    assert [sum(f"/{folder}/" in path for path in found) for folder in ("threats", "metrics")] == [28, 37]
    successors = Translation(committed("5"), committed("4")).table()
    titles = {
        row["id"]: row["threat"].partition(" (")[0]
        for row in csv.DictReader(io.StringIO(tables()["threats.tsv"]), dialect="excel-tab")
    }
    by_title = {str(each["title"]): each for each in map(entry, found.values())}
    links = list(csv.DictReader(io.StringIO(tables()["threat_controls.tsv"]), dialect="excel-tab"))
    assert len(links) == 256
    for row in links:
        has = by_title[titles[row["threat_id"]]]["controls"]
        assert isinstance(has, dict)
        new = successors[ControlId(row["nist_control"])]
        assert new and all(each in has for each in new)
        assert all(row["nist_control"] in has[each].get("rev4", [each]) for each in new)


def test_every_withdrawn_control_of_revision_4_is_translated_or_has_no_successor() -> None:
    table = Translation(committed("5"), committed("4")).table()
    live = {each.id for each in committed("5").controls if not each.withdrawn}
    assert all(set(new) <= live for new in table.values())
    assert [old for old, new in table.items() if not new] == [each.id for each in committed("4").controls if not table[each.id]]
    assert table[ControlId("SA-14")] == ("RA-9",)
    assert table[ControlId("IA-5(11)")] == ("IA-2(1)", "IA-2(2)")


def test_facts_of_the_source_and_none_of_its_prose() -> None:
    found = import_musa(TABLES, {}, R5, R4)
    assert found == {
        "catalogs/threats/flood.yaml": "id: flood\ntitle: Flood\nstride: denial-of-service\ncategories: [custom web app]\n"
        "controls: {SC-5: {minimum: 1}, SC-8: {minimum: 11, rev4: [SC-9]}}\n"
        'sources: [{document: MUSA SLA Generator, version: "2016-10-30", clause: "Flood (F), after Nobody"}]\n',
        "catalogs/metrics/m1-hours.yaml": "id: m1-hours\ntitle: Hours\nreference: M1\nscale: number\noperator: eq\ndefault: 24\n"
        "lowest: 1\nhighest: 48\ncontrols: {SC-5: {}}\nthreats: [flood]\n"
        'source: {document: MUSA SLA Generator, version: "2016-10-30", clause: metric M1-Hours}\n',
    }


def test_two_controls_of_revision_4_that_became_one_keep_their_own_least_risks() -> None:
    old = catalog("4", *R4.controls, Control(id=SC8, title=""))
    tables = TABLES | {
        "threat_controls.tsv": "threat_id\tnist_control\n1\tSC-8\n1\tSC-9\n",
        "controls_minrisk.tsv": "control\tminrisk\nSC-8\t5\nSC-9\t\n",
    }
    text = import_musa(tables, {}, R5, old)["catalogs/threats/flood.yaml"]
    assert "controls: {SC-8: {minimum: 5, rev4: {SC-8: 5, SC-9: 11}}}" in text


def test_our_own_words_stay_and_the_facts_are_the_source_s() -> None:
    before = {
        "catalogs/threats/flood.yaml": "id: old\ntitle: old\nquestion: Why?\ncontrols: {SC-5: {strength: strong, minimum: 9}, AU-2: {because: ours}}\n"
        "sources: [{document: ATT&CK}]\n",
        "catalogs/metrics/m1-hours.yaml": "operator: leq\nmended: {operator: {said: lt, because: ours}}\nunit: h\nmax_age: 5\nthreats: [other]\n"
        "controls: {SC-5: {because: ours}}\n",
    }
    found = import_musa(TABLES, before, R5, R4)
    threat, metric = (entry(found[path]) for path in before)
    assert (threat["id"], threat["title"], threat["question"]) == ("flood", "Flood", "Why?")
    assert threat["controls"] == {
        "AU-2": {"because": "ours"},
        "SC-5": {"strength": "strong", "minimum": 1},
        "SC-8": {"minimum": 11, "rev4": ["SC-9"]},
    }
    assert isinstance(threat["sources"], list)
    assert [each["document"] for each in threat["sources"]] == ["MUSA SLA Generator", "ATT&CK"]
    assert (metric["operator"], metric["mended"]) == ("leq", {"operator": {"said": "eq", "because": "ours"}})
    assert (metric["unit"], metric["max_age"], metric["threats"]) == ("h", 5, ["flood", "other"])
    assert metric["controls"] == {"SC-5": {"because": "ours"}}
    assert import_musa(TABLES, found, R5, R4) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threats.tsv": None}, "table 'threats.tsv' of the MUSA SLA Generator: it is not here"),
        ({"threats.tsv": "id\n1\n"}, "it has no column 'threat'"),
        ({"metrics.tsv": ""}, "it has no column 'metric'"),
        ({"metrics.tsv": TABLES["metrics.tsv"].replace("eq (=)", "about")}, "unknown operator 'about'"),
        ({"threat_controls.tsv": "threat_id\tnist_control\n1\tSC\n"}, "'SC' is not the id of a NIST control"),
    ],
)
def test_another_table_is_refused_with_the_reason(change: dict[str, str | None], said: str) -> None:
    given = {name: text for name, text in (TABLES | change).items() if text is not None}
    with pytest.raises(NotMusa) as error:
        import_musa(given, {}, R5, R4)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["- list", "controls: [SC-5]\nmended: 3\nsources: x\nthreats: x\n", "{", "controls: {SC-5: 3}", "mended: {operator: eq}"],
)
def test_what_is_broken_in_an_existing_entry_does_not_stop_the_import(text: str) -> None:
    paths = ("catalogs/threats/flood.yaml", "catalogs/metrics/m1-hours.yaml")
    once = import_musa(TABLES, dict.fromkeys(paths, text), R5, R4)
    assert import_musa(TABLES, once, R5, R4) == once
