"""Places, domains and groups that are part of themselves: told once a circle, in text as in XMI, and nothing goes round for ever."""

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel import read_camel, read_camel_xmi
from tests.formats.camel.camel_catalogs import CATALOGS

TEXT = """\
camel model M {
  deployment model D { requirement set S { location: R.L } vm V { requirement set S } }
  requirement model R { location requirement L { locations [P.A] } }
  location model P {
    region A { name: 'A' parent regions [P.B] }
    region B { name: 'B' parent regions [P.C] }
    region C { name: 'C' parent regions [P.A] }
    region Own { name: 'Own' parent regions [P.Own] }
    region EU { name: 'EU' }
    country DE { name: 'DE' parent regions [P.EU] }
  }
}
"""
XMI = """\
<?xml version="1.0" encoding="UTF-8"?>
<camel:CamelModel xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:camel="http://www.paasage.eu/2015/06/camel" name="M">
  <locationModels name="P">
    <regions id="A" name="A" parentRegions="//@locationModels.0/@regions.1"/>
    <regions id="B" name="B" parentRegions="//@locationModels.0/@regions.0"/>
  </locationModels>
</camel:CamelModel>
"""


def no_file(name: str, importing: str) -> None:
    return None


def told(problems: Problems) -> list[tuple[int, str]]:
    return [(each.at.line, each.text) for each in problems if each.code == "K016"]


def test_a_circle_is_told_once_and_the_rest_is_read() -> None:
    problems = Problems()
    assert read_camel(TEXT, "m.camel", fetch=no_file, catalogs=CATALOGS, problems=problems)
    assert told(problems) == [
        (5, "region 'A' is, by way of others, part of itself"),
        (8, "region 'Own' is, by way of others, part of itself"),
    ]


def test_a_circle_of_references_in_xmi_is_told_at_its_place() -> None:
    problems = Problems()
    read_camel_xmi(XMI, "m.xmi", fetch=no_file, catalogs=CATALOGS, problems=problems)
    assert told(problems) == [(4, "region 'A' is, by way of others, part of itself")]


def test_ten_thousand_places_within_each_other_are_walked_once() -> None:
    places = "\n".join(f"region R{n} {{ name: 'R' parent regions [P.R{n + 1}] }}" for n in range(10_000))
    problems = Problems()
    text = f"camel model M {{ location model P {{ {places} region R10000 {{ name: 'R' }} }} }}"
    read_camel(text, "m.camel", fetch=no_file, catalogs=CATALOGS, problems=problems)
    assert told(problems) == []
