"""No entry, however broken, crashes the reader: what is wrong is reported, and the rest is read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs import check_catalogs, read_catalogs
from musa_pipeline.formats.musa2016.write import write_entry
from tests.support import ROOT

FOLDERS = ("kinds", "threats", "metrics", "scopes", "agents", "profiles")
SHIPPED = {
    str(each.relative_to(ROOT)): each.read_text()
    for folder in FOLDERS
    for each in sorted((ROOT / "catalogs" / folder).glob("*.yaml"))
}
SCHEMAS = {str(each): each.read_text() for each in (ROOT / "catalogs/schemas").glob("catalog-*.schema.json")}
SMALL = '{"id":"r5","title":"x","revision":"5","version":"1","source":{"document":"x"},"controls":[{"id":"SC-5","title":"x"}]}'
CONTROLS = {"catalogs/controls/r5.json": SMALL}
KEYS = (
    *("id", "title", "stride", "categories", "question", "applies", "factors", "controls", "techniques", "sources", "source"),
    *("category", "types", "words", "unit", "scale", "operator", "default", "lowest", "highest", "combine", "max_age", "mended"),
    *("threats", "travels", "boundary", "because", "work", "role", "grants", "measures", "protects", "price", "skill", "SC-5"),
    *("value", "when", "strength", "minimum", "all", "any", "not", "kind", "exposed", "document"),
)
junk = st.sampled_from(
    [
        "",
        "{",
        "}",
        "[",
        "]",
        ":",
        "&a ",
        "*a",
        "- ",
        "\t",
        "\0",
        "!!python/x ",
        "null",
        "1e999",
        "-0x1",
        "'",
        '"',
        "\n",
        "é",
        "SC-5(3)",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    path = draw(st.sampled_from(sorted(SHIPPED)))
    text = SHIPPED[path]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(junk | st.text(max_size=5)) + text[start + draw(st.integers(0, 30)) :]
    return path, text


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_a_mutated_entry_never_crashes_the_reader(entry: tuple[str, str]) -> None:
    path, text = entry
    assert isinstance(read_catalogs(CONTROLS | {path: text}, Problems()), Catalogs)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(KEYS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FOLDERS), st.dictionaries(st.sampled_from(KEYS), values, max_size=12))
def test_an_entry_of_any_shape_never_crashes_reader_or_check(folder: str, entry: dict[str, object]) -> None:
    problems = Problems()
    check_catalogs(CONTROLS | {f"catalogs/{folder}/x.yaml": write_entry(entry)}, SCHEMAS, problems)
    assert all(each.text and each.at for each in problems)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30) | st.integers(0, len(SMALL)).map(lambda cut: SMALL[:cut] + SMALL[cut + 3 :]))
def test_broken_facts_never_crash_the_reader(text: str) -> None:
    assert isinstance(check_catalogs({"catalogs/controls/r5.json": text}, SCHEMAS, Problems()), Catalogs)
