"""The smallest model, value by value."""

from dataclasses import replace

from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Port, Resources, Role
from musa_pipeline.domain.ids import ComponentId, KindId, MetricId
from musa_pipeline.domain.metric import Operator, Slo
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca import looks_like_tosca
from tests.formats.tosca.tosca_bench import ROOT, read

TEXT = (ROOT / "models/shop/shop.yaml").read_text()
EU = frozenset({"EU"})


def test_the_shop_is_two_components_on_one_machine() -> None:
    cpim, problems = read(TEXT, file="models/shop/shop.yaml")
    web, orders, vm = ComponentId("web"), ComponentId("orders"), ComponentId("vm")
    availability = Slo(
        metric=MetricId("availability"), operator=Operator.GE, bound=99.5, unit="%", alert=99.8, because="policy keep-it-up"
    )  # fmt: skip
    assert list(problems) == []
    assert cpim == Cpim(
        name="shop",
        language="tosca",
        components=(
            Component(
                id=orders, name="orders", kind=KindId("database"), type="musa.nodes.Database", host=vm, countries=EU,
                data=(DataSet(name="customers", classification=DataClass.PERSONAL),),
            ),
            Component(
                id=vm, name="vm", kind=KindId("compute"), role=Role.HOST, type="tosca.nodes.Compute", countries=EU,
                resources=Resources(cores=2, memory=3815, storage=19),
            ),
            Component(
                id=web, name="web", kind=KindId("web-application"), type="musa.nodes.WebApplication", host=vm, countries=EU,
                exposed=True, ports=(Port(number=8080, protocol="http"),), slos=(availability,),
            ),
        ),
        connections=(Connection(source=web, target=orders),),
    )  # fmt: skip


def test_every_part_knows_its_place() -> None:
    cpim, _ = read(TEXT, file="models/shop/shop.yaml")
    assert cpim is not None
    lines = TEXT.splitlines()
    for component in cpim.components:
        at = component.at
        assert lines[at.line - 1][at.column - 1 :].startswith(f"{component.name}:")
    at = cpim.connections[0].at
    assert lines[at.line - 1][at.column - 1 :].startswith("orders")


def test_the_order_in_the_file_means_nothing() -> None:
    head, templates, rest = TEXT.partition("    orders:\n")[0], "    orders:\n", TEXT.partition("    orders:\n")[2]
    database, machine = rest.partition("    vm:\n")[0], "    vm:\n" + rest.partition("    vm:\n")[2].partition("  policies:")[0]
    policies = "  policies:" + rest.partition("  policies:")[2]
    start, web = head.partition("    web:\n")[0], "    web:\n" + head.partition("    web:\n")[2]
    turned, _ = read(start + machine + templates + database + web + policies, file="models/shop/shop.yaml")
    straight, _ = read(TEXT, file="models/shop/shop.yaml")
    assert turned == straight


def test_the_name_of_the_application_is_its_folders() -> None:
    cpim, _ = read(TEXT, file="models/Our Shop/service.yaml")
    assert cpim is not None
    other, _ = read(TEXT, file="shop.yaml")
    assert cpim == replace(other, name="our-shop") if other else False


def test_tosca_is_told_from_other_files_without_reading_them() -> None:
    assert looks_like_tosca(TEXT)
    assert looks_like_tosca("# of the shop\n---\n'tosca_definitions_version' : x\n")
    assert not looks_like_tosca("camel model Shop { }")
    assert not looks_like_tosca("note: tosca_definitions_version")


def test_a_span_of_the_model_is_that_of_its_topology() -> None:
    cpim, _ = read(TEXT, file="models/shop/shop.yaml")
    assert cpim is not None
    assert cpim.at == Span("models/shop/shop.yaml", 4, 1, 17)
