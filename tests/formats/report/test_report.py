"""The report: a page that reaches for nothing outside, in which the words of other people stay words; the same facts as Markdown."""

import re
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import replace
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.agreement import Member, Sla, SlaTerm, ThreatNote
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import ComponentId, ControlId, KindId, MetricId, ThreatId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.threat import Stride
from musa_pipeline.formats.report import Report, report_of, write_html, write_markdown
from musa_pipeline.stages import pipeline
from musa_pipeline.stages.export import Subject, of_document
from musa_pipeline.stages.report import report
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.support import ROOT

VOID = {"meta", "img", "rect", "br"}
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "p",
        "div",
        "nav",
        "ol",
        "li",
        "a",
        "main",
        "section",
    ),
    *("dl", "dd", "dt", "small", "span", "svg", "rect", "table", "thead", "tbody", "tr", "th", "td", "code", "figure", "img"),
    *("details", "summary"),
}
ATTRIBUTES = {
    *(
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "aria-label",
        "aria-labelledby",
        "href",
        "id",
        "tabindex",
        "scope",
    ),
    *("role", "x", "width", "height", "alt", "src"),
}
EVIL = """<script>alert(1)</script>"'><img src=http://evil onerror=alert(1)> | `x` [a](http://evil) \u202e $&amp;"""


class Page(HTMLParser):
    """A page taken apart: its tags with attributes, and whether every one that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def all_of(page: Page, attribute: str) -> list[str]:
    return [given_[attribute] for _, given_ in page.tags if attribute in given_]


def sla(words: str) -> Sla:
    """Return an SLA in which everything that a person may name has the same name."""
    term = SlaTerm(control=ControlId(words), title=words, weight=Weight.HIGH, rule=words, granted_by=(words,), granted_for=(ComponentId(words),))  # fmt: skip
    threat = ThreatNote(threat=ThreatId(words), title=words, stride=Stride.TAMPERING, rating=Rating.HIGH, source=words)
    slo = Slo(metric=MetricId(words), operator=Operator.GE, bound=99, unit=words, alert=99.5, because=words)
    member = Member(component=ComponentId(words), document=words, digest="0" * 64)
    return Sla(id=words, application=words, name=words, framework=words, terms=(term,), slos=(slo,), threats=(threat,), members=(member,))  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    work = Work(find(str(ROOT / "models/shop"), str(tmp_path_factory.mktemp("out"))))
    for _ in pipeline.run(work, "compose"):
        pass
    found = of_document(work.place.out / work.place.sla / "sla.xml", "sla.xml", Problems())
    return replace(found, work=work)


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(shop: Subject) -> None:
    text = write_html(report(shop))
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {name for _, given_ in page.tags for name in given_} <= ATTRIBUTES
    assert all(each.startswith("#") for each in all_of(page, "href"))
    assert all(each.startswith("data:image/svg+xml;base64,") for each in all_of(page, "src"))
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    assert not re.search(r"url\(|@import|expression", style)
    policy = next(given_["content"] for _, given_ in page.tags if given_.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy


def test_contents_lead_to_sections_and_ids_are_there_once(shop: Subject) -> None:
    page = Page(write_html(report(shop)))
    ids = Counter(all_of(page, "id"))
    assert set(ids.values()) == {1}
    assert {each.removeprefix("#") for each in all_of(page, "href")} <= ids.keys()


def test_it_tells_figures_gaps_risks_choice_and_every_component(shop: Subject) -> None:
    assert shop.work
    page = Page(write_html(report(shop)))
    words = " ".join(page.words)
    assert [each.title for each in report(shop).sections] == [
        *("At a glance", "The application", "What is missing", "Controls promised", "Service levels promised", "Risks"),
        *("Providers and agents", "Yours to do", "Each component", "Documents", "How to read this"),
    ]
    for each in shop.whole.terms:
        assert each.title in words
    for part in shop.parts:
        assert str(part.component) in words
    picture = b64decode(all_of(page, "src")[0].partition(",")[2]).decode()
    assert picture.startswith("<svg")


def test_same_facts_same_bytes(shop: Subject) -> None:
    assert write_html(report(shop)) == write_html(report(shop))


def test_an_sla_alone_tells_what_it_says_by_itself() -> None:
    subject = of_document(ROOT / "sla/shop/sla.xml", "sla/shop/sla.xml", Problems())
    titles = [each.title for each in report(subject).sections]
    assert "Controls promised" in titles
    assert "What is missing" not in titles, "what was asked for does not stand in an SLA"


@settings(deadline=None)
@given(st.text() | st.just(EVIL))
def test_words_of_other_people_are_words_in_the_page(words: str) -> None:
    page = Page(write_html(_two(words)))
    assert Counter(tag for tag, _ in page.tags) == _expected()
    assert {name for _, given_ in page.tags for name in given_} <= ATTRIBUTES


@settings(deadline=None)
@given(st.text() | st.text("<`|\\\\>ab\\n") | st.just(EVIL))
def test_words_of_other_people_are_words_in_markdown_and_cells_stay_apart(words: str) -> None:
    text = write_markdown(report_of(sla(words), (), _catalogs()))
    head = 0
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (head and cells) or cells == head, line
        head = cells
    outside_of_code = re.sub(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"(?<!\\)<(?!br>|!-- -->)", outside_of_code)


def _two(words: str) -> Report:
    return report_of(sla(words), (replace(sla(words), component=ComponentId(words), kind=KindId(words)),), _catalogs())


@cache
def _expected() -> Counter[str]:
    return Counter(tag for tag, _ in Page(write_html(_two("x"))).tags)


@cache
def _catalogs() -> Catalogs:
    return of_document(ROOT / "sla/shop/sla.xml", "sla/shop/sla.xml", Problems()).catalogs
