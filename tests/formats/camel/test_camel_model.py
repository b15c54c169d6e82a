"""What CAMEL says becomes the cloud-provider-independent model."""

import re

from musa_pipeline.domain.cpim import Component, Connection, Cpim, Port, Resources, Role, Script
from musa_pipeline.domain.ids import ComponentId, KindId, MetricId
from musa_pipeline.domain.metric import Operator, Slo
from musa_pipeline.formats.camel import looks_like_camel
from tests.formats.camel.camel_catalogs import SMALL, read, small

MEASURED = """
  requirement model Levels { slo Fast { service level: Measures.IsFast } }
  metric model Measures {
    property ResponseTimeProperty { type: MEASURABLE }
    sensor Probe { push }
    raw metric ApplicationResponseTimeMetric { property: Measures.ResponseTimeProperty unit: Units.Seconds }
    raw metric context PortalTime { metric: ApplicationResponseTimeMetric sensor: Probe component: Services.Portal }
    metric condition IsFast { context: PortalTime threshold: 0.5 comparison operator: < = }
  }
  unit model Units { time interval unit {Seconds: SECONDS} }
"""


def model(text: str) -> Cpim:
    found, problems = read(text)
    assert problems == []
    assert found
    return found


def test_components_machines_and_communications_become_one_model() -> None:
    machine = Component(
        id=ComponentId("machine"),
        name="Machine",
        kind=KindId("compute"),
        role=Role.HOST,
        type="vm",
        resources=Resources(cores=2, memory=4096, storage=40, os="Debian 12"),
        countries=frozenset({"DE", "EU"}),
    )
    store = Component(
        id=ComponentId("person-store"),
        name="PersonStore",
        kind=KindId("database"),
        type="internal component",
        host=ComponentId("machine"),
        ports=(Port(number=5432),),
    )
    portal = Component(
        id=ComponentId("portal"),
        name="Portal",
        kind=KindId("web-application"),
        type="internal component",
        host=ComponentId("machine"),
        ports=(Port(number=8080),),
        scripts=(
            Script(operation="create", run="wget https://example.com/portal.tar.gz\ntar xzf portal.tar.gz"),
            Script(operation="start", run="./portal"),
            Script(operation="stop", run="pkill -x portal"),
        ),
    )
    assert model(SMALL) == Cpim(
        name="Small",
        language="CAMEL 2015.9",
        components=(machine, store, portal),
        connections=(Connection(source=portal.id, target=store.id, port=Port(number=5432)),),
    )


def test_every_component_knows_its_place() -> None:
    assert [str(each.at) for each in model(SMALL).components] == ["app.camel:4:5", "app.camel:16:5", "app.camel:5:5"]


def test_line_ends_and_blanks_mean_nothing() -> None:
    on_one_line = " ".join(SMALL.split())
    assert model(on_one_line) == model(SMALL)
    assert model(SMALL.replace("internal component", "internal\n\t component").replace(": ", ":\n  ")) == model(SMALL)


def test_comments_mean_nothing_and_may_hold_quotes_and_braces() -> None:
    commented = SMALL.replace("vm Machine", "// don't } \"\n/* { ' */ vm Machine")
    assert model(commented) == model(SMALL)


def test_references_may_be_short_or_start_at_any_scope() -> None:
    for written in ("Small.Services.Portal.StoreReq", "Services.Portal.StoreReq"):
        assert model(SMALL.replace("Portal.StoreReq", written)) == model(SMALL)


def test_a_keyword_may_be_a_name_when_it_is_marked() -> None:
    names = [each.name for each in model(re.sub(r"\bMachine\b", "^vm", SMALL)).components]
    assert names == ["PersonStore", "Portal", "vm"]


def test_keywords_of_one_sub_model_are_names_in_another() -> None:
    text = SMALL.replace(" PersonStore", " region").replace("from Portal.StoreReq to", "from ^Portal.StoreReq to")
    found, _ = read(text)
    assert found
    assert [each.target for each in found.connections] == ["region"]


def test_an_slo_becomes_a_bound_on_the_component_of_its_context() -> None:
    (portal,) = (each for each in model(small(more=MEASURED)).components if each.id == "portal")
    assert portal.slos == (
        Slo(metric=MetricId("application-response-time"), operator=Operator.LE, bound=500, unit="ms", because="Fast"),
    )
    assert str(portal.slos[0].at) == "app.camel:34:30"


def test_a_metric_is_found_by_its_property_too() -> None:
    text = small(
        more=MEASURED.replace("ApplicationResponseTimeMetric", "T17").replace("ResponseTimeProperty", "ApplicationResponseTime")
    )
    assert [each.slos[0].bound for each in model(text).components if each.slos] == [500]


def test_security_requirements_become_wanted_controls() -> None:
    security = """
      requirement model Safety {
        security requirement Rest { controls [Controls.SC_28, AC_17_1] component: Services.PersonStore }
        security requirement All { controls [AC_6] application: App }
      }
      application App { version: '1' owner: City.Team }
      organisation model City { organisation Team { email: 'a@example.com' } security level: LOW }
      security model Controls {
        domain D { name: 'all of them' }
        security control SC_28 { specification: 'at rest' domain: D sub-domain: D }
        security control AC_17_1 { specification: 'remote access' domain: D sub-domain: D }
        security control AC_6 { specification: 'least privilege' domain: D sub-domain: D }
      }"""
    wanted = {each.id: [str(wish.control) for wish in each.wanted] for each in model(small(more=security)).components}
    assert wanted == {"machine": [], "person-store": ["AC-17(1)", "AC-6", "SC-28"], "portal": ["AC-6"]}


def test_scaling_sets_the_least_number_of_instances_and_the_least_machine() -> None:
    text = small(
        more="""
      requirement model Scale {
        horizontal scale requirement Two { component: Services.Portal instances: 2 .. 5 }
        vertical scale requirement Wide { vm: Services.Machine core: 8.. }
      }"""
    )
    found = {each.id: each for each in model(text).components}
    assert found[ComponentId("portal")].instances == 2
    assert found[ComponentId("portal")].most_instances == 5
    assert found[ComponentId("machine")].resources.cores == 8


def test_the_global_requirement_set_counts_where_a_machine_says_nothing() -> None:
    text = SMALL.replace("vm Machine { requirement set Needs", "vm Machine {").replace(
        "communication PortalToStore { from Portal.StoreReq to PersonStore.Sql }", "global Needs"
    )
    assert model(text).components[0].resources == Resources(cores=2, memory=4096, storage=40, os="Debian 12")


def test_a_component_may_run_on_another() -> None:
    text = SMALL.replace("provided communication Sql { port: 5432 }", "provided host Inside").replace(
        "from Portal.PortalHost to Machine.MachineHost", "from Portal.PortalHost to PersonStore.Inside"
    )
    text = text.replace("communication PortalToStore { from Portal.StoreReq to PersonStore.Sql }", "")
    assert {each.id: each.host for each in model(text).components} == {
        "machine": None,
        "person-store": "machine",
        "portal": "person-store",
    }


def test_places_are_read_by_code_by_name_and_through_what_they_hold() -> None:
    places = """
      country Suomi { name: 'Finland' }
      region Baltics { name: 'The Baltic states' }
      country LV { name: 'Latvia' parent regions [Places.Baltics] }
      country EE { name: 'Estonia' parent regions [Baltics] }
      cloud location Zone { assignable geographical region: Places.Suomi }"""
    text = SMALL.replace("country DE", f"{places}\n    country DE").replace("[Places.DE, Places.Union]", "[Zone, Baltics]")
    assert model(text).components[0].countries == {"FI", "LV", "EE"}


def test_camel_is_told_from_other_text() -> None:
    assert looks_like_camel(SMALL)
    assert looks_like_camel("\ufeff// hello\n/* all\nof it */ import 'x.camel'\ncamel\tmodel X {")
    for other in ("", "tosca_definitions_version: tosca_2_0", "<camel/>", "camel model", "// camel model X {", "camel: model"):
        assert not looks_like_camel(other)


def test_a_component_never_runs_on_itself_because_a_machine_has_its_name() -> None:
    text = SMALL.replace("vm Machine", "vm Portal").replace("Machine.MachineHost", "Portal.MachineHost")
    found, problems = read(text)
    assert found
    assert "error[K015]: 'Portal' and 'Portal' make the same id 'portal' -> rename one of them" in "\n".join(problems)
    assert {each.id: each.host for each in found.components}[ComponentId("portal")] is None


def test_the_nations_of_the_united_kingdom_are_in_it() -> None:
    assert model(SMALL.replace("name: 'Germany'", "name: 'Scotland'").replace("DE", "There_")).components[
        0
    ].countries == frozenset({"GB", "EU"})
