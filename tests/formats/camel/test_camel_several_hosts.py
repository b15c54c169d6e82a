"""Several hosts of one component, as real models of 2014 have them, and a component that communicates with itself: told, and left out."""

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


def test_a_communication_with_oneself_is_told_and_left_out() -> None:
    model, said = read(
        """camel model Shop {
  deployment model Parts {
    internal component Page { provided communication In {port: 80} required communication Out {port: 80} }
    communication Own { from Page.Out to Page.In }
  }
}
"""
    )
    assert model
    assert model.connections == ()
    expected = "component 'Page' communicates with itself; this says nothing and is left out -> name a port of another component"
    assert [each for each in said if "K059" in each] == [f"app.camel:4:5: warning[K059]: {expected}"]
