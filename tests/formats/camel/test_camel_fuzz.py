"""No input crashes the reader: there is a model or a finding, every finding has a place in the file."""

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel import looks_like_camel, read_camel
from tests.formats.camel.camel_catalogs import CATALOGS, SMALL, small
from tests.formats.camel.test_camel_three import METRICS, WEB, wrap
from tests.support import ROOT

WORDS = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    "'",
    '"',
    ",",
    ".",
    "..",
    "//",
    "/*",
    "*/",
    "->",
    "\\",
    "^",
    ">",
    "=",
    "%",
    "vm",
    "component",
    "internal",
    "deployment",
    "model",
    "musa",
    "v1",
    "security",
    "control",
    "slo\ncamel",
    "import",
    "uses",
    "alert",
    "at",
    "apart",
    "external",
    "agent",
    "of",
    "from",
    "to",
    "name:",
    "value",
    "feature",
    "root",
    "software",
    "requirements",
    "attribute",
    "constraint",
    "port",
    "data type model D {",
    "zone",
    "99",
    "-1",
    "1.5e3",
    "\x00",
    "\ufeff",
    "\u2028",
    "\r",
    "é",
]
LAYER = """component Portal { kind: api exposed speaks: Http(https) data: a(personal) implements: [IA-5] }
external component Far { listens: 443(https) countries: [FI] } uses Portal -> Far by https
capability C { controls: [SC-5] of: Portal } agent A { role: ha protects: Portal }
service level L { availability of Portal >= 99 % alert 99.5 % weight high } apart [Portal, PersonStore]"""
THREE = (WEB, wrap("software Portal {}", "slo Level constraint Bounds.Both", METRICS))
TEXTS = (*THREE, SMALL, small(layer=LAYER), (ROOT / "models/smart-mobility/app.camel").read_text("utf-8"))


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A real model with pieces cut out, doubled, put in."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from((0, 1, 2, 10, 100, 2000))))
        put = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.sampled_from(WORDS), st.text(max_size=3)))
        blank = draw(st.sampled_from(("", " ")))
        text = text[:start] + blank + put + blank + text[end:]
    return text


@given(spoilt() | st.text(max_size=80).map(lambda inner: f"camel model X {{ deployment model D {{ {inner} }} }}") | st.text())
@settings(max_examples=120, deadline=None)
def test_every_text_gives_a_model_or_a_finding_with_a_place(text: str) -> None:
    problems = Problems()
    found = read_camel(text, "x.camel", catalogs=CATALOGS, problems=problems)
    assert found is not None or problems.errors
    lines = text.split("\n")
    for each in problems:
        assert 1 <= each.at.line <= len(lines)
        assert 1 <= each.at.column <= len(lines[each.at.line - 1]) + 2
    looks_like_camel(text)


@given(spoilt())
@settings(max_examples=20, deadline=None)
def test_reading_twice_gives_the_same(text: str) -> None:
    first, second = Problems(), Problems()
    assert read_camel(text, "x", catalogs=CATALOGS, problems=first) == read_camel(text, "x", catalogs=CATALOGS, problems=second)
    assert list(first) == list(second)
