"""Our layer, version 1."""

from musa_pipeline.domain.cpim import (
    Component,
    Connection,
    Cpim,
    DataClass,
    DataSet,
    Port,
    Role,
    Wanted,
    WantedAgent,
)
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from tests.formats.camel.camel_catalogs import read, small


def model(layer: str) -> Cpim:
    found, problems = read(small(layer=layer))
    assert problems == []
    assert found
    return found


def component(layer: str, name: str) -> Component:
    return next(each for each in model(layer).components if each.id == name)


def test_a_component_is_described() -> None:
    found = component(
        """component Services.Portal {
             kind: api exposed
             speaks: Http(https)
             data: location(personal), timetable(public)
             implements: [IA-5, SC_23]
             requires: [AC-17(1)]
             image: "docker.io/library/nginx:1"
           }""",
        "portal",
    )
    assert found.kind == "api"
    assert found.exposed is True
    assert found.ports == (Port(number=8080, protocol="https", secure=True),)
    assert found.data == (
        DataSet(name="location", classification=DataClass.PERSONAL),
        DataSet(name="timetable", classification=DataClass.PUBLIC),
    )
    assert [each.control for each in found.implements] == ["IA-5", "SC-23"]
    assert found.wanted == (Wanted(control=ControlId("AC-17(1)")),)
    assert str(found.wanted[0].at) == "app.camel:40:25"
    assert found.image == "docker.io/library/nginx:1"


def test_whether_a_protocol_is_secure_is_known_said_or_unknown() -> None:
    for written, port in {
        "https": Port(number=8080, protocol="https", secure=True),
        "http": Port(number=8080, protocol="http", secure=False),
        "postgresql": Port(number=8080, protocol="postgresql"),
        "postgresql secure": Port(number=8080, protocol="postgresql", secure=True),
        "https plain": Port(number=8080, protocol="https", secure=False),
    }.items():
        assert component(f"component Portal {{ speaks: Http({written}) internal }}", "portal").ports == (port,)


def test_an_external_component_is_used_and_not_deployed() -> None:
    layer = """
      external component Weather { listens: 443(https) data: weather(public) countries: [FI, uk] }
      uses Portal -> Weather"""
    assert component(layer, "weather") == Component(
        id=ComponentId("weather"),
        name="Weather",
        kind=KindId("external-service"),
        role=Role.EXTERNAL,
        type="external component",
        ports=(Port(number=443, protocol="https", secure=True),),
        data=(DataSet(name="weather", classification=DataClass.PUBLIC),),
        countries=frozenset({"FI", "GB"}),
    )
    assert model(layer).connections[1] == Connection(
        source=ComponentId("portal"), target=ComponentId("weather"), port=Port(number=443, protocol="https", secure=True)
    )


def test_a_use_may_say_its_protocol() -> None:
    layer = "external component Mail { kind: external-service }\n uses Portal -> Mail by smtp secure uses PersonStore -> Mail"
    assert [each.port for each in model(layer).connections] == [
        Port(),
        Port(protocol="smtp", secure=True),
        Port(number=5432),
    ]


def test_a_capability_asks_all_its_components_for_its_controls() -> None:
    found = model("capability Privacy { controls: [SC-28, AC-6] of: Portal, Services.PersonStore }").components
    assert {each.id: [wish.control for wish in each.wanted] for each in found} == {
        "machine": [],
        "person-store": ["AC-6", "SC-28"],
        "portal": ["AC-6", "SC-28"],
    }


def test_agents_are_asked_for() -> None:
    assert model("agent Guard { protects: Portal, PersonStore role: ha }").agents == (
        WantedAgent(agent=AgentId("ha"), protects=(ComponentId("person-store"), ComponentId("portal"))),
    )


def test_a_service_level_is_a_bound_with_alert_and_weight() -> None:
    found = component("service level Up { availability of Portal >= 99 % alert 99.5 % weight high }", "portal")
    assert found.slos == (
        Slo(
            metric=MetricId("availability"),
            operator=Operator.GE,
            bound=99,
            unit="%",
            alert=99.5,
            weight=Weight.HIGH,
            because="Up",
        ),
    )


def test_a_metric_is_named_by_id_or_by_reference_and_units_are_converted() -> None:
    for metric in ("m13-scanning-frequency-basic-scan", "M13"):
        assert component(f"service level Scan {{ {metric} of Portal <= 1 d }}", "portal").slos[0].bound == 24
    assert component("service level Hard { resilience-to-attacks of Portal = yes }", "portal").slos[0].bound is True


def test_components_stay_apart_or_together() -> None:
    found = model("apart [Portal, PersonStore] together [Machine, Portal]")
    assert found.apart == (frozenset({"portal", "person-store"}),)
    assert found.together == (frozenset({"machine", "portal"}),)


def test_a_withdrawn_control_is_taken_for_what_took_its_place() -> None:
    found, problems = read(small(layer="capability Scan { controls: [RA-5(1)] of: Portal }"))
    assert found
    assert [wish.control for each in found.components for wish in each.wanted] == ["RA-5"]
    assert problems == ["app.camel:35:30: warning[K021]: control 'RA-5(1)' is withdrawn; taken for RA-5 -> write RA-5"]


def test_the_layer_may_stand_anywhere_and_its_order_means_nothing() -> None:
    lines = ["component Portal { kind: api }", "agent Guard { role: ha protects: Portal }", "uses Portal -> PersonStore"]
    assert model("\n".join(lines)) == model("\n".join(reversed(lines)))


def test_capabilities_of_a_security_model_are_required_and_provided_by_name() -> None:
    more = """
      security model Controls {
        security capability Safe { controls [SC_8, SC_28] }
        domain D { name: 'd' }
        security control SC_8 { specification: 'x' domain: D sub-domain: D }
        security control SC_28 { specification: 'x' domain: D sub-domain: D }
      }"""
    layer = """
      component Portal { kind: api required capabilities: [Controls.Safe] zone: inside roles: [nginx] sla: 'portal.xml' }
      component PersonStore { kind: database provided capabilities: [Login] }
      capability Login { controls: [IA-5] }
      zone inside { trust: internal of: PersonStore }"""
    found, problems = read(small(more=more, layer=layer))
    assert problems == []
    assert found
    store, portal = found.components[1:]
    assert [(each.control, each.capability) for each in portal.wanted] == [("SC-28", "Safe"), ("SC-8", "Safe")]
    assert [(each.control, each.capability) for each in store.implements] == [("IA-5", "Login")]
    assert (portal.zone, store.zone, portal.roles, portal.sla) == ("inside", "inside", ("nginx",), "portal.xml")
    assert [each.name for each in found.zones] == ["inside"]


def test_a_capability_that_is_none_is_told() -> None:
    _, problems = read(small(layer="component Portal { required capabilities: [Saef] } capability Safe { controls: [SC-8] }"))
    assert problems[0] == ("app.camel:35:44: error[K010]: 'Saef' means nothing in this model -> did you mean 'Safe'?")
