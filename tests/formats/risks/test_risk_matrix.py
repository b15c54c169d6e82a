"""The risk matrix: dots where the numbers are, one for those that coincide, nothing in it but what it says."""

import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.risk import Rating
from musa_pipeline.formats.risks import Point, matrix
from musa_pipeline.formats.risks.dots import APART, Dot, cell, dots
from musa_pipeline.formats.risks.matrix_style import _DARK, _LIGHT, _NIGHT, _PAPER
from musa_pipeline.risk.owasp import rate
from tests.formats.graph.test_pictures import luminance
from tests.formats.risks.bank import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def point(name: str, likelihood: float, impact: float, left: tuple[float, float] | None = None) -> Point:
    return Point(name=name, likelihood=likelihood, impact=impact, rating=rate(likelihood, impact), left=left)


numbers = st.floats(0, 9).map(lambda each: round(each, 2))
points = st.lists(st.builds(point, st.text(max_size=5), numbers, numbers, st.none() | st.tuples(numbers, numbers)), max_size=30)


def test_risks_that_coincide_share_a_dot_and_others_stand_where_their_numbers_are() -> None:
    one, two, far = point("one", 5, 5), point("two", 5, 5.1), point("far", 8.5, 6.5)
    assert dots([one, two, point("three", 5, 5), far]) == (
        Dot(likelihood=8.5, impact=6.5, points=(far,)),
        Dot(likelihood=5, impact=5, points=(one, point("three", 5, 5), two)),
    )


def test_neighbours_in_two_cells_never_share_a_dot() -> None:
    assert [each.likelihood for each in dots([point("a", 5.99, 5), point("b", 6, 5)])] == [6, 5.99]


@given(points)
def test_every_risk_is_in_one_dot_of_its_own_cell_and_order_does_not_matter(risks: list[Point]) -> None:
    found = dots(risks)
    assert sorted(id(each) for dot in found for each in dot.points) == sorted(map(id, risks))
    assert all(cell(each.likelihood, each.impact) == cell(dot.likelihood, dot.impact) for dot in found for each in dot.points)
    assert [(each.likelihood, each.impact) for each in dots(risks[::-1])] == [(each.likelihood, each.impact) for each in found]
    for one in found:
        for two in found:
            if one is not two and cell(one.likelihood, one.impact) == cell(two.likelihood, two.impact):
                assert (one.likelihood - two.likelihood) ** 2 + (one.impact - two.impact) ** 2 >= (APART - 1e-9) ** 2


@given(points)
def test_any_risks_make_a_whole_picture(risks: list[Point]) -> None:
    root = ET.fromstring(matrix("bank", risks))
    circles = [each for each in root.iter(f"{SVG}circle") if each.get("class", "").startswith("dot")]
    assert len(circles) == len(dots(risks)) + 1  # and the one of the legend
    labels = [each.text for each in root.iter(f"{SVG}text")]
    assert {str(each) for each in Rating} <= set(labels)  # the colours of the cells have names


def test_arrows_lead_to_what_controls_leave_and_words_tell_it_too() -> None:
    text = matrix(
        "bank", [point("Injection · web", 8, 7, (3, 7)), point("Flood · web", 7, 4, (7, 4)), point("Theft · vault", 2, 2)]
    )
    assert text.count('marker-end="url(#musa-tip)"') == 1
    root = ET.fromstring(text)
    assert root.findtext(f"{SVG}desc") == (
        "3 risks: 1 critical, 1 high, 1 very low · with the granted controls: 2 high. Injection · web: critical, likelihood 8.0, impact 7.0; "
        "Flood · web: high, likelihood 7.0, impact 4.0; Theft · vault: very low, likelihood 2.0, impact 2.0."
    )
    assert "with the granted controls, likelihood 3.0, impact 7.0: Injection · web" in text


def test_names_stay_words() -> None:
    text = matrix(HOSTILE, [point(HOSTILE, 5, 5)])
    root = ET.fromstring(text)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g", "circle")
    }
    assert not re.search(r"(?:href|src|on\w+)=\"", re.sub(r"&[^;]+;", "", text))


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_words_can_be_read_on_their_ground_by_day_and_by_night() -> None:
    for paper, ratings in ((_PAPER, _LIGHT), (_NIGHT, _DARK)):
        assert contrast(paper["muted"], paper["ground"]) >= 4.5
        assert all(contrast(sign, ground) >= 4.5 for ground, sign in ratings.values())
        assert all(contrast(sign, paper["ground"]) >= 4.5 for _, sign in ratings.values())
