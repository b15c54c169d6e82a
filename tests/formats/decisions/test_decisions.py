"""Decisions are understood in every spelling, and each mistake is told at its word with a way out, all in one reading."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.decision import DecidedRisk, Decisions, Term, Waiver
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, ThreatId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.residual import State
from musa_pipeline.domain.source import Source
from musa_pipeline.domain.threat import Stride, Threat
from musa_pipeline.formats.decisions import read_decisions
from tests.support import ROOT

BOOK = Source(document="a book")
CONTROLS = (
    Control(id=ControlId("SC-8"), title="Transmission Confidentiality and Integrity"),
    Control(id=ControlId("SC-9"), title="Transmission Confidentiality", withdrawn=True, moved_to=(ControlId("SC-8"),)),
)
CATALOGS = Catalogs(
    controls=ControlCatalog(id="r5", title="NIST", revision="5", version="1", source=BOOK, controls=CONTROLS),
    threats=(
        Threat(id=ThreatId("injection"), title="Words taken as code", stride=Stride.TAMPERING, question="?", sources=(BOOK,)),
    ),
)
CPIM = Cpim(
    name="shop",
    language="tosca",
    components=(
        Component(id=ComponentId("orders"), name="Orders", kind=KindId("database")),
        Component(id=ComponentId("web"), name="web", kind=KindId("api")),
    ),
)
TERM = "owner: Jane, reason: later, since: 2026-11-01, expires: 2027-01-31"
GOOD = f"""\
accepted:
  - {{risk: orders/injection, {TERM}, ticket: 112}}
transferred:
  - {{risk: web/injection, to: the insurer, {TERM}}}
waivers:
  - {{component: Orders, control: sc-8, {TERM}}}
  - {{control: Transmission Confidentiality and Integrity, {TERM}}}
"""


def read(text: str, **more: Any) -> tuple[Decisions, list[str]]:
    problems = Problems()
    found = read_decisions(text, "decisions.yaml", cpim=CPIM, catalogs=CATALOGS, problems=problems, **more)
    return found, [f"{each} ({each.help})" for each in problems]


def test_every_decision_is_understood_and_knows_its_place() -> None:
    term = Term(owner="Jane", reason="later", since=date(2026, 11, 1), expires=date(2027, 1, 31))
    orders, web, control = ComponentId("orders"), ComponentId("web"), ControlId("SC-8")
    found, told = read(GOOD)
    assert not told
    assert found == Decisions(
        risks=(
            DecidedRisk(component=orders, threat=ThreatId("injection"), state=State.ACCEPTED, term=replace(term, ticket="112")),
            DecidedRisk(component=web, threat=ThreatId("injection"), state=State.TRANSFERRED, term=term, to="the insurer"),
        ),
        waivers=(Waiver(component=None, control=control, term=term), Waiver(component=orders, control=control, term=term)),
    )
    assert [str(each.at) for each in found] == [f"decisions.yaml:{place}" for place in ("2:12", "4:12", "7:15", "6:34")]
    assert found.states == {"orders/injection": State.ACCEPTED, "web/injection": State.TRANSFERRED}


@pytest.mark.parametrize("text", ["", "# none yet\n", "accepted:\nwaivers: []\n"])
def test_nothing_decided_is_no_mistake(text: str) -> None:
    assert read(text) == (Decisions(), [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1]", "1:1: error[L001]: decisions.yaml must be a mapping, not a list (write `key: value` lines)"),
        ("waivers: {control: SC-8}", "1:10: error[L001]: 'waivers' must be a list, not a mapping (begin each entry with `- `)"),
        ("waivers: [SC-8]", "1:11: error[L001]: an entry of 'waivers' must be a mapping, not 'SC-8' (write `- key: value`, further keys below the first)"),
        ("waiver: []", "1:1: error[L002]: decisions.yaml has no key 'waiver' (did you mean 'waivers'?)"),
        (f"waivers: [{{contrl: SC-8, control: SC-8, {TERM}}}]", "1:12: error[L002]: this waiver has no key 'contrl' (did you mean 'control'?)"),
        ("waivers: [{control: SC-8, reason: x, since: 2026-11-01, expires: 2027-01-31}]", "1:11: error[L004]: this waiver has no 'owner' (name who answers for it: `owner: Jane Doe <jane@example.org>`)"),
        ("waivers: [{control: SC-8, owner: , reason: x, since: 2026-11-01, expires: 2027-01-31}]", "1:34: error[L004]: this waiver has no 'owner' (name who answers for it: `owner: Jane Doe <jane@example.org>`)"),
        (f"waivers: [{{control: SC-8, {TERM.replace('Jane', '[Jane]')}}}]", "1:34: error[L005]: 'owner' of this waiver must be a text of at most 1000 letters, not a list ()"),
        (f"waivers: [{{control: SC-8, {TERM.replace('2027-01-31', '2027-02-30')}}}]", "1:83: error[L006]: 'expires' of this waiver is '2027-02-30', which is no such day (write year, month and day: 2027-04-30)"),
        (f"waivers: [{{control: SC-8, {TERM.replace('2027', '2126')}}}]", "1:83: error[L006]: 'expires' of this waiver is '2126-01-31', which is no such day (days from 2000-01-01 to 2099-12-31 are known)"),
        (f"waivers: [{{control: SC-8, {TERM.replace('2027', '2026')}}}]", "1:83: error[L007]: this waiver expires on 2026-01-31, before it begins on 2026-11-01 (`since` is its first day, `expires` its last)"),
        (f"waivers: [{{control: SC-8, {TERM.replace('2027', '2028')}}}]", "1:83: error[L008]: this waiver lasts 456 days, 366 are the most (let it expire on 2027-11-02 and decide again then, or set check.longest)"),
        (f"waivers: [{{component: order, control: SC-8, {TERM}}}]", "1:23: error[L009]: the model has no component 'order' (did you mean 'orders'?)"),
        (f"accepted: [{{risk: web/injektion, {TERM}}}]", "1:19: error[L010]: no catalog has the threat 'injektion' (did you mean 'injection'?)"),
        (f"accepted: [{{risk: web/Words taken as Code, {TERM}}}]", "1:19: error[L010]: no catalog has the threat 'Words taken as Code' (write its id, injection)"),
        (f"waivers: [{{control: SC-9, {TERM}}}]", "1:21: error[L011]: control 'SC-9' is withdrawn (it moved to SC-8)"),
        (f"waivers: [{{control: SC-80, {TERM}}}]", "1:21: error[L011]: NIST SP 800-53 revision 5 has no control 'SC-80' (did you mean 'SC-8'?)"),
        (f"accepted: [{{risk: injection, {TERM}}}]", "1:19: error[L012]: 'injection' is no risk (name it as component/threat)"),
        (f"transferred: [{{risk: web/injection, {TERM}}}]", "1:15: error[L004]: this transferred risk has no 'to' (say who bears it: `to: ...`)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_word(text: str, told: str) -> None:
    assert read(text)[1] == [f"decisions.yaml:{told}"]


def test_what_is_decided_twice_is_told_in_whatever_spelling_and_the_first_counts() -> None:
    found, told = read(f"waivers: [{{component: orders, control: SC-8, {TERM}}}, {{component: Orders, control: sc_8, {TERM}}}]")
    assert len(found.waivers) == 1
    assert [each.split(": ", 1)[1] for each in told] == [
        "error[L003]: the waiver of SC-8 at orders is decided twice (the first is at line 1)"
    ]
    risk = f"{{risk: web/injection, {TERM}"
    _, told = read(f"accepted: [{risk}}}]\ntransferred: [{risk}, to: me}}]")
    assert [each.split(": ", 1)[1] for each in told] == [
        "error[L003]: the risk 'web/injection' is decided twice (the first is at line 1)"
    ]


def test_all_mistakes_are_told_in_one_reading_and_good_entries_are_kept() -> None:
    found, told = read(f"accepted: [{{}}, {{risk: no/where, {TERM}}}]\nwaivers: [{{control: SC-8, {TERM}}}, {{control: x}}]")
    assert len(found.waivers) == 1
    assert [each.split("[")[1][:4] for each in told].count("L004") == 5 + 4
    assert len(told) == 5 + 2 + 1 + 4


words = st.sampled_from(["Jane", "", " ", 3, True, None, ["x"], {"a": 1}, "x" * 1001])
days = st.sampled_from(
    ["2026-11-01", "2026-12-01", "2027-02-30", "20261101", "2026-11-1", "1999-01-01", 2026, None, ["2026-11-01"]]
)
risks = st.sampled_from(["orders/injection", "web/injection", "/injection", "web/", "web", 7, None, ["web/injection"]])
term = {"owner": words, "reason": words, "since": days, "expires": days}
entries = st.one_of(
    st.fixed_dictionaries(term | {"risk": risks}, optional={"ticket": words, "to": words}),
    st.fixed_dictionaries(
        term | {"control": st.just("SC-8")}, optional={"component": st.just("web"), "ticket": words, "x": words}
    ),
    st.sampled_from([None, "SC-8", []]),
)
documents = st.dictionaries(st.sampled_from(["accepted", "transferred", "waivers", "other"]), st.lists(entries, max_size=2))
BEYOND_A_SCHEMA = {"L003", "L007", "L008", "L009", "L010", "L011"}
"""What is about other entries, other files or the order of two days."""


@given(
    st.one_of(
        documents, st.just(yaml.safe_load(GOOD.replace("2026-11-01", "'2026-11-01'").replace("2027-01-31", "'2027-01-31'")))
    )
)
def test_reader_and_schema_give_the_same_verdict(document: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "catalogs/schemas/decisions.schema.json").read_text())
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    problems = Problems()
    text = yaml.safe_dump(document).replace("'", '"')
    read_decisions(text, "d.yaml", cpim=CPIM, catalogs=CATALOGS, problems=problems, at_most=timedelta(days=9999))
    told = {each.code for each in problems} - BEYOND_A_SCHEMA
    assert bool(told) != checker.is_valid(document), (told, text)
