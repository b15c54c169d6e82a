"""Documents by others are read with a warning for all that was mended, and nothing is promised that they do not promise."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from musa_pipeline.domain.agreement import Resource, Sla, Slat, SlaTerm, SlatTerm
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.metric import Operator, Slo, Value, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.wsag import read_agreement, write_sla, write_slat
from musa_pipeline.formats.wsag.parse import MOST_BYTES
from tests.formats.wsag.agreements import CATALOGS
from tests.formats.wsag.example import SLA, SLAT
from tests.formats.wsag.flavours import GENERATED, control, described, guarantee, offer, one, variable
from tests.formats.wsag.mutations import mutated
from tests.support import shared


def read(data: bytes | str) -> tuple[Slat | Sla | None, list[str]]:
    problems = Problems()
    found = read_agreement(data.encode() if isinstance(data, str) else data, "sla.xml", problems)
    return found, [f"{each}" for each in problems]


def bounds(data: bytes) -> tuple[list[tuple[str, Operator, Value]], list[str]]:
    found, said = read(data)
    assert isinstance(found, Sla)
    return [(each.metric, each.operator, each.bound) for each in found.slos], said


def test_a_template_of_the_musa_generator_is_read_as_it_is_meant() -> None:
    found, said = read(GENERATED)
    assert found == Slat(
        id="MUSA_SLA_TEMPLATE",
        application="MUSA_SLA_TEMPLATE",
        component="tsm-engine",
        name="TSMEngine",
        kind="custom-web-app",
        framework="NIST_800_53_r4",
        terms=(
            SlatTerm(control="SC-5(3)", title="DETECTION", by=Grant.SERVICE, score=7, weight=Weight.HIGH),
            SlatTerm(control="RA-5", title="SCANNING", by=Grant.SERVICE, score=5, weight=Weight.MEDIUM),
        ),
        slos=(Slo(metric="vulnerability-measure", operator=Operator.GE, bound=95, unit="%"),),
    )
    assert said == [
        "sla.xml:28:1: error[A005]: control '?' has no number that can be understood",
        "sla.xml:5:1: warning[A006]: an offer called 'MUSA_SLA_TEMPLATE' was taken for a template, as the MUSA SLA generator means it",
        "sla.xml:19:1: warning[A006]: control 'SC-5(3)' does not say its number in full; its id was read: SC-5(3)",
        "sla.xml:19:1: warning[A006]: importance 'CRITICAL' was taken for 'HIGH'",
        "sla.xml:24:1: warning[A006]: control 'RA-5' does not say its number in full; its id was read: RA-5",
        "sla.xml:48:1: warning[A006]: 'Vulnerability Measure' was taken for metric 'vulnerability-measure'",
        "sla.xml:51:1: warning[A006]: attribute 'operand' was taken for the element 'specs:operand'",
        "sla.xml:51:1: warning[A006]: attribute 'operator' was taken for the element 'specs:operator'",
        "sla.xml:51:1: warning[A006]: operator 'ge (>=)' was taken for 'geq'",
    ]


def test_a_providers_offer_is_its_word() -> None:
    terms = described(
        control("SC", "05", "0", title="DENIAL OF SERVICE - SC-5") + control("AC", "2", "12"), control("SC", "5", "0", "HIGH")
    )
    found, said = read(offer(terms))
    assert found == Sla(
        id="Weather",
        application="Weather",
        name="Weather API",
        framework="NIST_800_53_r5",
        component="weather-api",
        terms=(
            SlaTerm(control="SC-5", title="DENIAL OF SERVICE", weight=Weight.HIGH, rule="declared", granted_by=("Weather Ltd",)),
            SlaTerm(control="AC-2(12)", title="Title", weight=Weight.LOW, rule="declared", granted_by=("Weather Ltd",)),
        ),
    )
    assert said == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [("eq (=)", "eq"), ("ge (>=)", "geq"), ("le (<=)", "leq"), (">", "gt"), ("LT", "lt"), ("\n geq ", "geq")],
)
def test_operators_are_understood_in_other_spellings(written: str, meant: str) -> None:
    found, said = bounds(offer(variable("age", "age") + guarantee(one(written.replace("<", "&lt;"), "24"))))
    assert found == [("age", Operator(meant), 24)]
    assert len(said) == (0 if written.strip() == meant else 1)


def test_an_unknown_operator_is_an_error() -> None:
    assert bounds(offer(variable("age", "age") + guarantee(one("about", "24")))) == (
        [],
        ["sla.xml:9:1: error[A005]: operator 'about' is unknown"],
    )


def test_a_range_is_two_bounds() -> None:
    between = "<specs:operator>in_excluded</specs:operator><specs:operand1>1</specs:operand1><specs:operand2>8.5</specs:operand2>"
    found, said = bounds(offer(variable("age", "age") + guarantee(f"<specs:twoOpExpression>{between}</specs:twoOpExpression>")))
    assert found == [("age", Operator.GT, 1), ("age", Operator.LT, 8.5)]
    assert said == []


def test_a_bound_that_is_a_word_is_left_out() -> None:
    assert bounds(offer(variable("age", "age") + guarantee(one("eq", "AES_128_GCM")))) == (
        [],
        ["sla.xml:9:1: warning[A008]: bound 'AES_128_GCM' is neither a number nor yes or no: the objective is left out"],
    )


def test_references_may_differ_in_capitals() -> None:
    found, said = bounds(offer(variable("AGE", "Scan_Age") + guarantee(one("leq", "24"))))
    assert found == [("Scan_Age", Operator.LE, 24)]
    assert said == ["sla.xml:8:1: warning[A006]: 'age' was taken for 'AGE', which differs in capitals"]


def test_a_reference_to_nothing_is_taken_for_a_metric() -> None:
    found, said = bounds(offer(guarantee(one("leq", "24"))))
    assert found == [("age", Operator.LE, 24)]
    assert said == ["sla.xml:8:1: warning[A006]: no variable and no metric is called 'age'; it was taken for a metric"]


@pytest.mark.parametrize(
    ("term", "why"),
    [
        (
            guarantee(one("leq", "24"), obligated="ServiceConsumer"),
            "this is a duty of the customer, not a promise: it is left out",
        ),
        (
            guarantee(one("leq", "24"), before="<wsag:QualifyingCondition>at night</wsag:QualifyingCondition>"),
            "a guarantee under a condition is no promise: it is left out",
        ),
        (
            f"<wsag:ExactlyOne>{described(control('SC', '5', '0'))}{guarantee(one('leq', '24'))}</wsag:ExactlyOne>",
            "only some of the terms in 'ExactlyOne' need hold: they are left out",
        ),
    ],
)
def test_what_is_not_promised_for_certain_is_left_out(term: str, why: str) -> None:
    found, said = read(offer(variable("age", "age") + term))
    assert isinstance(found, Sla)
    assert (found.terms, found.slos) == ((), ())
    assert said == [f"sla.xml:7:1: warning[A008]: {why}"]


@pytest.mark.parametrize("condition", ["", "true", " True "])
def test_a_condition_that_always_holds_is_none(condition: str) -> None:
    term = guarantee(one("leq", "24"), before=f"<wsag:QualifyingCondition>{condition}</wsag:QualifyingCondition>")
    assert bounds(offer(variable("age", "age") + term)) == ([("age", Operator.LE, 24)], [])


def test_groups_inside_groups_hold_too() -> None:
    found, said = bounds(
        offer(f"<wsag:All><wsag:All>{variable('age', 'age')}{guarantee(one('leq', '24'))}</wsag:All></wsag:All>")
    )
    assert found == [("age", Operator.LE, 24)]
    assert said == []


def test_what_specs_says_counts_over_our_notes() -> None:
    edited = (
        write_slat(SLAT, CATALOGS)
        .replace(b"<specs:operand>24</specs:operand>", b"<specs:operand>12</specs:operand>")
        .replace(b'<specs:NISTsecurityControl id="NIST_AC_2"', b'<specs:NISTsecurityControl id="NEW"')
    )
    found, said = read(edited)
    assert isinstance(found, Slat)
    assert found.slos[0].bound == 12
    assert found.slos[0].alert == 20
    assert {each.control: each.by for each in found.terms} == {
        "SC-5": Grant.AGENT,
        "IAM-02": Grant.SERVICE,
        "AC-2": Grant.SERVICE,
    }
    assert said == ["sla.xml:14:1: warning[A008]: there is no 'NIST_AC_2' in the terms: its note is left out"]


def test_wrong_notes_are_errors_with_their_line() -> None:
    edited = (
        write_sla(SLA, CATALOGS)
        .replace(b'rating="critical"', b'rating="dreadful"')
        .replace(b'granted-for="group-1"', b'granted-for="group-7"')
        .replace(b'alert="20"', b'alert="soon"')
        .replace(b' unit="percent"', b"")
    )
    found, said = read(edited)
    assert isinstance(found, Sla)
    assert said == [
        "sla.xml:11:1: error[A005]: rating 'dreadful' is unknown",
        "sla.xml:14:1: error[A005]: there is no 'musa:group' 'group-7'",
        "sla.xml:18:1: error[A005]: there is no 'musa:group' 'group-7'",
        "sla.xml:29:1: error[A005]: alert 'soon' is neither a number nor yes or no",
        "sla.xml:33:1: error[A005]: 'musa:objective' has no attribute 'unit'",
    ]


def test_real_documents_are_read() -> None:
    read_as = {}
    for path in sorted(shared("sla").glob("*.xml")):
        found, said = read(path.read_bytes())
        kinds = Counter(each.split("[")[1][:4] for each in said)
        sizes = (len(found.terms), len(found.slos)) if found else None
        read_as[path.stem] = (type(found).__name__, sizes, dict(kinds))
    assert read_as == {
        "inspire_SSLA1_v2": ("Sla", (9, 3), {"A008": 2, "A006": 1}),
        "inspire_specs-SLATemplate-5G-IoT-Comms": ("Sla", (5, 3), {"A008": 1}),
        "inspire_specs-SLATemplate-5G-Mobile-Comms": ("Sla", (9, 10), {}),
        "seaclouds_agreement01": ("NoneType", None, {"A004": 1}),
        "seaclouds_generator_template": ("NoneType", None, {"A004": 1}),
        "specs-SLATemplate-SecureWebServer_M30_NIST": ("Sla", (16, 14), {"A006": 7}),
        "thales_ssla_tls_server_valid": ("Sla", (5, 6), {"A008": 1}),
    }


def test_machines_on_offer_are_resources() -> None:
    found, _ = read(next(shared("sla").glob("specs-*.xml")).read_bytes())
    assert isinstance(found, Sla)
    assert found.resources[0] == Resource(
        provider="ec2", offering="m1.small", zone="eucalyptus", title="mos-4.0.0-beta-006-x86_64", os="emi-65c3e382"
    )
    assert len(found.resources) == 4


# What must not get in.


@pytest.mark.parametrize(
    "inside",
    [
        "",
        ' SYSTEM "file:///etc/passwd"',
        ' [<!ENTITY x SYSTEM "file:///etc/passwd">]',
        ' [<!ENTITY % x SYSTEM "http://example.org/x.dtd"> %x;]',
        ' [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_doctype_is_refused_where_it_stands(inside: str, encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?>\n<!-- sla -->\n  <!DOCTYPE wsag:Template{inside}>\n<wsag:Template>&c;</wsag:Template>'
    found, said = read(document.encode(encoding))
    assert found is None
    assert len(said) == 1
    line, _, rest = said[0].removeprefix("sla.xml:").partition(":")
    assert line == "3"
    assert rest.endswith("error[A002]: a DOCTYPE is not allowed: it may define entities and name other files")


def test_a_document_that_is_too_large_is_not_even_looked_at() -> None:
    assert read(b" " * (MOST_BYTES + 1)) == (None, ["sla.xml:1:1: error[A003]: the document is larger than 32 MiB"])


def test_a_document_that_is_too_deep_is_refused() -> None:
    found, said = read("<a>" * 10_000 + "</a>" * 10_000)
    assert found is None
    assert "A001" in said[0]


def test_an_unknown_encoding_is_told() -> None:
    assert read('<?xml version="1.0" encoding="klingon"?><a/>') == (
        None,
        ["sla.xml:1:1: error[A001]: not XML that can be read: unknown encoding: klingon"],
    )


def test_a_prefix_without_a_namespace_is_mended() -> None:
    found, said = read(GENERATED.replace("<specs:capabilities>", '<MUSA:Component name="TSM"/><specs:capabilities>'))
    assert isinstance(found, Slat)
    assert len(found.terms) == 2
    assert "sla.xml:16:37: warning[A006]: namespace prefix MUSA on Component is not defined: it is left out" in said


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    found, said = read(data)
    assert found is not None or said


@given(st.integers(0, 5000), st.binary(max_size=8), st.integers(0, 8))
@settings(max_examples=200, deadline=None)
def test_no_damage_breaks_the_reader(place: int, inserted: bytes, dropped: int) -> None:
    whole = write_sla(SLA, CATALOGS)
    found, said = read(whole[:place] + inserted + whole[place + dropped :])
    assert found is not None or said


@pytest.mark.parametrize(
    "data", [write_slat(SLAT, CATALOGS), write_sla(SLA, CATALOGS), GENERATED.encode()], ids=["template", "offer", "generated"]
)
def test_no_change_of_structure_breaks_the_reader(data: bytes) -> None:
    chance = random.Random(1)
    root = etree.fromstring(data)
    for _ in range(400):
        changed, what = mutated(mutated(root, chance)[0], chance)
        found, said = read(etree.tostring(changed))
        assert found is not None or said, what
