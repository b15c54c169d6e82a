"""XMI of each generation becomes what its text would."""

from dataclasses import replace

from musa_pipeline.domain.cpim import Component, Connection, Port, Resources, Role, Script
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.formats.camel import looks_like_camel_xmi
from tests.formats.camel.camel_catalogs import SMALL as TEXT
from tests.formats.camel.camel_catalogs import read
from tests.formats.camel.camel_xmi import SMALL, draft, old, read_xmi, services, young


def test_a_model_says_the_same_as_xmi_and_as_text() -> None:
    text, _ = read(TEXT)
    found, problems = read_xmi(SMALL)
    assert text
    assert problems == []
    assert found == replace(text, language="CAMEL 2015.9 XMI")
    assert len(found.components) == 3


def test_components_stand_where_their_element_begins() -> None:
    found, _ = read_xmi(SMALL)
    assert found
    assert {str(each.id): str(each.at) for each in found.components} == {
        "machine": "app.xmi:15:5",
        "person-store": "app.xmi:11:5",
        "portal": "app.xmi:4:5",
    }
    assert str(found.connections[0].at) == "app.xmi:18:5"


def test_machines_of_2014_say_themselves_what_they_must_have() -> None:
    found, problems = read_xmi(
        draft("""<organisationModels>
        <provider name="Cloud" public="true"/>
        <locations name="there" city="Goettingen" country="Germany" countryCode="DE"/>
        </organisationModels>
        <deploymentModels>
        <externalComponents xsi:type="deployment:VM" name="ML" provider="//@organisationModels.0/@provider"
            location="//@organisationModels.0/@locations.0" minRam="2048" maxRam="4096" minCores="2" minStorage="20" os="ubuntu"
            privateSshKey="" imageId="ubuntu-14">
          <providedHosts name="MLHost" owner="//@deploymentModels.0/@externalComponents.0"/>
        </externalComponents>
        <internalComponents name="WebServer">
          <resources name="Run" installCommand="make install" startCommand="./run" stopCommand=""/>
          <requiredHost name="Host"/>
        </internalComponents>
        <hostings name="h" providedHost="//@deploymentModels.0/@externalComponents.0/@providedHosts.0"
            requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost"/>
        </deploymentModels>
        <scalabilityModels>
        <policies xsi:type="scalability:HorizontalScalabilityPolicy" id="Few" minInstances="2" maxInstances="4"
            component="//@deploymentModels.0/@internalComponents.0"/>
        </scalabilityModels>
        <requirements xsi:type="camel:RequirementGroup" id="all" requirements="Few" requirementOperator="OR"/>""")
    )
    assert found
    assert found.language == "CAMEL 2014 XMI"
    machine = Component(
        id=ComponentId("ml"),
        name="ML",
        kind=KindId("compute"),
        role=Role.HOST,
        type="vm",
        resources=Resources(cores=2, memory=2048, storage=20, os="ubuntu"),
        countries=frozenset({"DE"}),
        image="ubuntu-14",
    )
    web = found.components[1]
    assert found.components[0] == machine
    assert (web.host, web.instances) == (ComponentId("ml"), 2)
    assert web.scripts == (Script(operation="create", run="make install"), Script(operation="start", run="./run"))
    assert [each.split(":")[3].strip() for each in problems if "error" in each or "K06" in each] == []


def test_a_younger_model_has_software_and_requirement_sets() -> None:
    found, problems = read_xmi(
        young("""<application name="Shop" version="1.0"/>
        <deploymentModels xsi:type="deployment:DeploymentTypeModel" name="Services"
            globalRequirementSet="//@deploymentModels.0/@requirementSets.0">
          <softwareComponents name="Portal" requirementSet="//@deploymentModels.0/@requirementSets.1" longLived="true">
            <providedCommunications name="Http" portNumber="8080"/>
            <configurations xsi:type="deployment:ScriptConfiguration" name="Run" startCommand="./portal" stopCommand=""/>
            <requiredCommunications name="StoreReq" isMandatory="true"/>
          </softwareComponents>
          <softwareComponents name="PersonStore"><providedCommunications name="Sql" portNumber="5432"/></softwareComponents>
          <communications name="c" providedCommunication="//@deploymentModels.0/@softwareComponents.1/@providedCommunications.0"
            requiredCommunication="//@deploymentModels.0/@softwareComponents.0/@requiredCommunications.0"/>
          <requirementSets name="All" locationRequirement="//@requirementModels.0/@requirements.1"/>
          <requirementSets name="Web" resourceRequirement="//@requirementModels.0/@requirements.0"
            horizontalScaleRequirement="//@requirementModels.0/@requirements.2"/>
        </deploymentModels>
        <requirementModels name="Needs">
          <requirements xsi:type="requirement:ResourceRequirement" name="Medium">
            <subFeatures name="cpu" annotations="_cpu">
              <attributes name="cores" annotations="hasCores" minInclusive="true" maxInclusive="true">
                <minValue xsi:type="type:IntValue" value="2"/><maxValue xsi:type="type:IntValue" value="4"/>
              </attributes>
            </subFeatures>
            <subFeatures name="ram">
              <attributes name="ram" unit="//@unitModels.0/@units.0" minInclusive="true">
                <minValue xsi:type="type:IntValue" value="4"/>
              </attributes>
            </subFeatures>
          </requirements>
          <requirements xsi:type="requirement:LocationRequirement" name="There" locations="//@locationModels.0/@regions.0"/>
          <requirements xsi:type="requirement:HorizontalScaleRequirement" name="Few" minInstances="2" maxInstances="6"/>
        </requirementModels>
        <locationModels name="Places"><regions name="European Union" id="EU"/></locationModels>
        <unitModels name="Units"><units xsi:type="unit:SingleUnit" name="GigaBytes"/></unitModels>
        <metadataModels name="M"><metadataElements xsi:type="mms:MmsConcept" id="_cpu" name="CPU">
          <property id="hasCores" name="hasNumberofCores"/></metadataElements></metadataModels>""")
    )
    assert problems == []
    assert found
    assert found.language == "CAMEL 2 or 3 XMI"
    store, portal = found.components
    assert (portal.resources, portal.instances) == (Resources(cores=2, memory=4096), 2)
    assert portal.countries == store.countries == frozenset({"EU"})
    assert found.connections == (Connection(source=portal.id, target=store.id, port=Port(number=5432)),)


def test_values_that_xmi_leaves_out_are_the_usual_ones() -> None:
    condition = """
      <metricModels name="m">
        <conditions xsi:type="metric:MetricCondition" name="c" threshold="99.0" metricContext="//@metricModels.0/@contexts.0"/>
        <contexts xsi:type="metric:RawMetricContext" name="x" component="//@deploymentModels.0/@internalComponents.0"
          metric="//@metricModels.0/@metrics.0"/>
        <metrics xsi:type="metric:RawMetric" name="AvailabilityMetric" property="//@metricModels.0/@properties.0"
          unit="//@unitModels.0/@units.0"/>
        <properties name="p"/>
      </metricModels>
      <unitModels name="u"><units xsi:type="unit:Dimensionless" name="share" unit="PERCENTAGE"/></unitModels>
      <requirementModels name="r">
        <requirements xsi:type="requirement:ServiceLevelObjective" name="Up" customServiceLevel="//@metricModels.0/@conditions.0"/>
      </requirementModels>"""
    found, problems = read_xmi(
        old(f'<deploymentModels name="d"><internalComponents name="Portal"/></deploymentModels>{condition}')
    )
    assert problems == []
    assert found
    assert [(str(each.metric), each.operator.value, each.bound) for each in found.components[0].slos] == [
        ("availability", "gt", 99.0)
    ]


def test_references_lead_by_position_by_key_and_by_id() -> None:
    for said in (
        "//@vms.0/@providedHosts.0",
        "//@vms[name='Machine']/@providedHosts.0",
        "#//@vms.0/@providedHosts.0",
        "#_m",
        "_m",
        "app.xmi#_m",
        "/0/@vms.0/@providedHosts",
    ):
        path = said.replace("//@", "//@deploymentModels.0/@").replace("/0/@", "/0/@deploymentModels/@")
        found, problems = read_xmi(
            services(
                f"""<internalComponents name="Portal"><requiredHost name="h"/></internalComponents>
                <vms name="Machine"><providedHosts xmi:id="_m" name="h"/></vms>
                <hostings name="x" requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost" providedHost="{path}"/>"""
            )
        )
        assert problems == [], said
        assert found
        assert [each.host for each in found.components] == [None, ComponentId("machine")], said


def test_what_is_referred_to_may_stand_in_files_beside() -> None:
    files = {
        "places.xmi": old('<locationModels name="Places"><countries id="FI" name="Finland"/></locationModels>'),
        "machines.xmi": services("""<vms name="Machine" vmRequirementSet="//@deploymentModels.0/@vmRequirementSets.0"/>
            <vmRequirementSets name="Needs"><locationRequirement href="wanted.xmi#_there"/></vmRequirementSets>"""),
        "wanted.xmi": old("""<requirementModels name="Wanted">
            <requirements xsi:type="requirement:LocationRequirement" xmi:id="_there" name="There">
              <locations xsi:type="location:Country" href="places.xmi#//@locationModels.0/@countries.0"/>
            </requirements></requirementModels>"""),
    }
    asked = []

    def fetch(name: str, importer: str) -> tuple[str, str] | None:
        asked.append((name, importer))
        return (f"beside/{name}", files[name]) if name in files else None

    found, problems = read_xmi(
        old(
            '<deploymentModels href="machines.xmi#//@deploymentModels.0"/><requirementModels href="wanted.xmi#//@requirementModels.0"/>'
        ),
        fetch=fetch,
    )
    assert problems == []
    assert found
    assert [(each.name, str(each.at), each.resources) for each in found.components] == [
        ("Machine", "beside/machines.xmi:3:1", Resources())
    ]
    assert asked[0] == ("machines.xmi", "app.xmi")
    assert ("wanted.xmi", "beside/machines.xmi") in asked


def test_instances_may_all_refer_to_one_type_in_another_file() -> None:
    types = old('<providerModels name="p"><rootFeature name="VM"><attributes name="Type"/></rootFeature></providerModels>')
    instance = (
        '<vmInstances name="v{}" type="//@deploymentModels.0/@vms.0">'
        '<vmType href="types.xmi#//@providerModels.0/@rootFeature/@attributes.0"/></vmInstances>'
    )
    said = services('<vms name="V"/>' + instance.format(1) + instance.format(2))
    found, problems = read_xmi(said, fetch=lambda name, _: (name, types))
    assert problems == []
    assert found
    assert [each.name for each in found.components] == ["V"]


def test_a_sub_model_alone_and_several_roots_are_read() -> None:
    alone = SMALL[SMALL.index("<deploymentModels") : SMALL.index("</deploymentModels>")] + "</deploymentModels>"
    root = alone.replace(
        "<deploymentModels", '<deployment:DeploymentModel xmlns:deployment="http://www.paasage.eu/2015/06/camel/deployment"', 1
    )
    root = root.replace("</deploymentModels>", "</deployment:DeploymentModel>").replace("//@deploymentModels.0/", "//")
    found, _ = read_xmi(root)
    assert found
    assert [each.name for each in found.components] == ["Machine", "PersonStore", "Portal"]
    assert [each.host for each in found.components] == [None, ComponentId("machine"), ComponentId("machine")]
    whole = SMALL[SMALL.index("<camel") :]
    several = (
        '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:camel="http://www.paasage.eu/2015/06/camel">' + whole + "</xmi:XMI>"
    )
    assert read_xmi(several)[0] == read_xmi(SMALL)[0]


def test_elements_of_one_name_are_told_apart_by_where_they_are() -> None:
    found, problems = read_xmi(
        services("""<internalComponents name="Portal"><requiredHost name="Host"/></internalComponents>
        <internalComponents name="PersonStore"><requiredHost name="Host"/></internalComponents>
        <vms name="Machine"><providedHosts name="Host"/></vms><vms name="Other"><providedHosts name="Host"/></vms>
        <hostings name="h" requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost"
            providedHost="//@deploymentModels.0/@vms.1/@providedHosts.0"/>
        <hostings name="h" requiredHost="//@deploymentModels.0/@internalComponents.1/@requiredHost"
            providedHost="//@deploymentModels.0/@vms.0/@providedHosts.0"/>""")
    )
    assert problems == []
    assert found
    assert {each.name: str(each.host) for each in found.components if each.host} == {"Portal": "other", "PersonStore": "machine"}


def test_encodings_are_read_by_mark_and_by_declaration() -> None:
    expected = read_xmi(SMALL)[0]
    bare = SMALL[SMALL.index("<camel") :].replace("Portal", "Pörtal")
    said = f'<?xml version="1.0" encoding="ENCODING"?>{bare}'
    for name in ("UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"):
        found, problems = read_xmi(said.replace("ENCODING", name).encode(name))
        assert problems == [], name
        assert found
        assert {each.name for each in found.components} == {"Machine", "PersonStore", "Pörtal"}, name
    found, problems = read_xmi(said.replace("ENCODING", "ASCII").encode("cp1252"))
    assert found
    assert [each[:60] for each in problems] == ["app.xmi:3:32: warning[K060]: a letter that is not ASCII; the"]
    assert expected == read_xmi("\ufeff" + SMALL)[0] == read_xmi(SMALL.replace("\n", "\r\n"))[0]


def test_xmi_is_told_by_its_root() -> None:
    assert looks_like_camel_xmi(SMALL)
    assert looks_like_camel_xmi(SMALL.encode("utf-16"))
    assert looks_like_camel_xmi("<!-- ours -->\n" + young(""))
    for other in ("camel model X {}", "<html/>", "tosca_definitions_version: x", '<a:B xmlns:a="http://example.com"/>', "", "<"):
        assert not looks_like_camel_xmi(other), other
        assert not looks_like_camel_xmi(other.encode()), other
