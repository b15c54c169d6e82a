"""Real models of 2014 give one component several hosts, to choose from: the first counts, and the others are told."""

from tests.formats.camel.camel_catalogs import read

SHOP = """camel model Shop {
  deployment model Parts {
    vm Small { provided host SmallPlace }
    vm Large { provided host LargePlace }
    internal component Page { required host Place }
    hosting A { from Page.Place to Small.SmallPlace }
    hosting B { from Page.Place to Large.LargePlace }
    hosting Again { from Page.Place to Small.SmallPlace }
  }
}
"""


def test_the_first_of_several_hosts_counts_and_the_others_are_told() -> None:
    model, said = read(SHOP)
    assert model
    assert {each.id: each.host for each in model.components} == {"large": None, "page": "small", "small": None}
    assert [each for each in said if "K049" in each] == [
        "app.camel:7:5: warning[K049]: component 'Page' runs on 'Large' and on 'Small'; the first counts -> keep one `hosting` of it"
    ]
