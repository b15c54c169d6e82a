"""The page about events shows real ones."""

import json
import re

import pytest

from musa_pipeline.domain.event import Event, EventType
from musa_pipeline.formats.events import Corrupt, read_event, read_payload, write_payload
from tests.support import ROOT

PAGE = (ROOT / "docs/formats/events.md").read_text("utf-8")
SHOWN = dict(re.findall(r"^## `([\w.]+)`\n.*?```json\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))


def test_every_type_is_shown() -> None:
    assert set(SHOWN) == set(EventType)


@pytest.mark.parametrize("kind", EventType)
def test_what_the_page_shows_is_read_and_holds_every_field(kind: EventType) -> None:
    payload = read_payload(Event(id="1", type=kind, source="page", subject="", time=1.0, data=SHOWN[kind].encode()))
    assert not isinstance(payload, Corrupt), payload
    assert json.loads(write_payload(payload)) == json.loads(SHOWN[kind])


def test_the_envelope_that_the_page_shows_is_read() -> None:
    first = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert first
    assert read_event(first[1].encode()) == Event(
        id="m1-4f0c-17", type="musa.measurements", source="gateway", subject="web", time=1_767_225_600.25, data=b"[]"
    )
