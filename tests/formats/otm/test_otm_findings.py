"""Whatever is wrong in an Open Threat Model is told with place and way out, and the rest of it is read."""

import pytest

from tests.formats.otm.otm_bench import read, wrong

ZONES = "trustZones: [{id: inner, name: In, risk: {trustRating: 70}}]\n"


def _parts(*parents: str) -> str:
    entries = "".join(f"  - {{id: c{n}, name: C{n}, type: api, parent: {each}}}\n" for n, each in enumerate(parents))
    return f"{ZONES}components:\n{entries}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            _parts("{trustZone: iner}"),
            "5:55: error[U007]: component 'c0' stands in trust zone 'iner', which the file does not have -> did you mean 'inner'?",
        ),
        (
            _parts("{trustZone: c1}", "{trustZone: inner}"),
            "5:55: error[U007]: component 'c0' stands in trust zone 'c1', which the file does not have -> it is a component: write 'parent: {component: …}'",
        ),
        (
            _parts("{component: c1}", "{component: c0}"),
            "5:43: error[U008]: 'c0' in 'c1' in 'c0' stands in itself -> end the circle at a trust zone",
        ),
        (
            _parts("") + "  - {id: c0, name: Again, type: api, parent: {trustZone: inner}}\n",
            "6:10: error[U005]: component 'c0' is here twice -> the first is at line 5; give each its own",
        ),
        (
            _parts("{trustZone: inner}") + "dataflows: [{id: f, name: F, source: c0, destination: c9}]\n",
            "6:55: error[U014]: destination of data flow 'F' is 'c9', which the file does not have -> add the component, or name one that is there",
        ),
        (
            _parts("{trustZone: inner}") + "dataflows: [{id: f, name: F, source: c0, destination: inner}]\n",
            "6:55: warning[U012]: destination of data flow 'F' is trust zone 'inner'; it is left out -> let it lead to a component in that zone",
        ),
        (
            ZONES.replace("70", "170"),
            "3:56: warning[U009]: trust rating '170' of 'In' is off its scale -> write 0 to 100",
        ),
        (
            "representations: [{id: picture}]\ncomponents: [{id: a, name: A, representations: [{representation: pictre, id: r}]}]\n",
            "4:66: warning[U021]: 'a' is drawn in representation 'pictre', which the file does not have -> did you mean 'picture'?",
        ),
        (
            "trustzones: []\n",
            "3:1: warning[U020]: 'trustzones' is written 'trustZones' in OTM; it is read as that -> write 'trustZones'",
        ),
        (
            ZONES + "components: [{id: a, name: A, type: api, parent: {trustZone: inner}, attributes: {musa.exposde: yes}}]\n",
            "4:82: warning[U016]: attribute 'musa.exposde' of 'a' is 'yes' -> did you mean 'musa.exposed'?",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(text: str, expected: str) -> None:
    assert f"a.otm:{expected}" in wrong(text)


def test_a_document_without_version_is_read_all_the_same() -> None:
    found, problems = read("project: {id: app, name: App}\ncomponents: [{id: a, name: A, type: api, parent: {trustZone: i}}]")
    assert found is not None and [each.id for each in found.components] == ["a"]
    assert problems[-1] == (
        "a.otm:1:1: warning[U002]: the document has no otmVersion; it is read as 0.2.0 -> begin it with 'otmVersion: 0.2.0'"
    )


def test_what_is_no_document_is_refused() -> None:
    assert read("- 1")[0] is None
    assert read("")[1] == ["a.otm:1:1: error[Y006]: nothing in the file"]
