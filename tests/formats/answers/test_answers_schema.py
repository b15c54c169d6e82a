"""The schema of answers.yaml and its reader take and refuse the same documents."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.threat import BUSINESS, FACTORS
from musa_pipeline.formats.answers import read_answers, write_schema
from musa_pipeline.text.yaml import plain, read_yaml
from tests.formats.answers.test_answers import CATALOGS, CPIM
from tests.support import ROOT

SCHEMA = jsonschema.Draft202012Validator(json.loads(write_schema(CATALOGS)))
BEYOND = {"Q003", "Q008", "Q009", "Q011", "Q013", "Q014", "Q015", "Q017"}
"""What a schema cannot know: which components and controls there are, two spellings of one thing, ranges of metrics."""


def told(text: str) -> set[str]:
    problems = Problems()
    read_answers(text, "answers.yaml", cpim=CPIM, catalogs=CATALOGS, problems=problems)
    return {each.code for each in problems}


def test_the_committed_schema_is_that_of_the_reader() -> None:
    place = ROOT / "catalogs/schemas/answers.schema.json"
    assert place.read_text() == write_schema(), "stale: write write_schema() there"
    jsonschema.Draft202012Validator.check_schema(SCHEMA.schema)


@pytest.mark.parametrize("file", sorted((ROOT / "models").glob("*/answers.yaml")), ids=lambda each: each.parent.name)
def test_the_answers_of_our_models_obey_it(file) -> None:  # type: ignore[no-untyped-def]
    jsonschema.Draft202012Validator(json.loads(write_schema())).validate(plain(read_yaml(file.read_text(), "", Problems())))


def mostly(good: st.SearchStrategy[object], bad: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(*[good] * 12, bad)


nonsense = st.sampled_from([None, [], {}, [1], {"x": 1}, "nonsense", -1, 10, 2.5, True, ""])
reason = mostly(st.sampled_from(["so", 3, None, True]), st.sampled_from([[], {}]))


def slips(good: st.SearchStrategy[object], key: str) -> st.SearchStrategy[object]:
    """Mostly as it is, now and then with a key that means nothing."""
    return mostly(good, good.map(lambda each: {**each, key: 1} if isinstance(each, dict) else each))


def said(key: str, value: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return value | slips(st.fixed_dictionaries({key: value}, optional={"because": reason}), "becuase")


def named(names: list[str], value: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    known = st.dictionaries(st.sampled_from(names), value, max_size=3)
    return mostly(
        st.none() | known, nonsense | st.dictionaries(st.sampled_from(["skil", "al", "9", "injektion", "skill"]), value)
    )


flags = mostly(st.sampled_from([True, False, "yes", "No", " off ", "TRUE"]), nonsense)
values = mostly(st.integers(0, 9), nonsense)
grants = mostly(st.sampled_from([*map(str, Grant), "Agent", " NOBODY "]), st.sampled_from(["provider", None, 3, []]))
bounds = mostly(st.sampled_from([99, "99.5 %", True, "x"]), nonsense)
levels = bounds | st.fixed_dictionaries(
    {},
    optional={
        "at_least": bounds,
        "alert_at": bounds,
        "weight": mostly(st.sampled_from(["low", "High"]), st.sampled_from(["heavy", None])),
        "because": reason,
    },
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "questions": named(["denial-of-service", "injection"], said("answer", flags)),
        "factors": named(["injection", "all"], named(list(FACTORS), said("value", values))),
        "controls": named(["SC-5", "sc-8.1", "AC_6", "SI-4"], said("by", grants)),
        "slos": named(["availability", "M13", "m13", "forward-secrecy"], levels),
    },
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "business": named(list(BUSINESS), said("value", values)),
        "components": named(["tsm-engine", "TSMEngine", "journey-planner"], mostly(slips(parts, "slo"), nonsense)),
    },
)


@given(slips(documents, "busines"))
@settings(max_examples=600, deadline=None)
def test_schema_and_reader_agree_on_generated_answers(document: dict[str, object]) -> None:
    found = told(json.dumps(document))
    valid = SCHEMA.is_valid(plain(read_yaml(json.dumps(document), "", Problems())))
    if not found:
        assert valid
    if found - BEYOND:
        assert not valid
