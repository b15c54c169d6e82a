"""What a composition model says becomes components, machines, zones and connections, whatever generation of the notation says it."""

import re

import pytest

from musa_pipeline.domain.cpim import Connection, DataClass, Port, Role, Trust
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.formats.macm import looks_like_macm, write_macm
from tests.formats.macm.macm_bench import GROUND, model, read, service
from tests.formats.tosca.tosca_bench import CATALOGS

LIBRARY_2020 = """
    CREATE
      (CSC:any {component_id:'1', name:'CSC', type:'User', application:'City Library'}),
      (Cloud:CSP:service {component_id:'2', name:'Cloud', type:'CSP'}),
      (Search:SaaS:service {component_id:'3', name:'Search page', type:'SERVICE.Web'}),
      (Loans:SaaS:service {component_id:'4', name:'Loans', type:'SERVICE.Storage'}),
      (K8s:CaaS:service {component_id:'5', name:'Kubernetes', type:'SERVICE.Web'}),
      (Box:PaaS:service {component_id:'6', name:'Box', type:'Service.VM'}),
      (VM1:IaaS:service {component_id:'7', name:'VM1', type:'VM', parameters: '{"ip":"192.0.2.1"}'}),
      (Net:Network:service {component_id:'8', name:'DMZ', type:'Network', access:'public'}), /* a comment: of 2020 */
      (Cloud)-[:provides]->(VM1), (VM1)-[:hosts]->(K8s), (K8s)-[:hosts]->(Box), (Box)-[:hosts]->(Search),
      (VM1)-[:hosts]->(Loans), (Net)-[:connects]->(VM1),
      (CSC)-[:uses{protocol:'http'}]->(Search), (Search)-[:uses{protocol:'mysql'}]->(Loans)
"""
HOME_2026 = """
// two generations later
CREATE (me:Party:Human {id: 1, name: 'Owner', asset_type: 'Party.Human'}),
  (wan:Network:WAN {id: 2, name: 'WAN', asset_type: 'Network.WAN'}), (wifi:Network:LAN {id: 3, name: 'Home', asset_type: 'Network.WiFi'}),
  (lamp:HW:IoT {id: 4, name: 'Lamp', asset_type: 'HW.IoT.Device'}), (phone:HW:UE {id: 5, name: 'Phone', asset_type: 'HW.UE'}),
  (phone_os:SystemLayer:OS {id: 6, name: 'Phone OS', asset_type: 'SystemLayer.OS'}),
  (app:Service:App {id: 7, name: 'Lamp app', asset_type: 'Service.App'}),
  (cloud:CSP {id: 8, name: 'Cloud', asset_type: 'CSP'}), (mail:Service:Server {id: 9, name: 'Mail', asset_type: 'Service.API'}),
  (store:Service:Server {id: 10, name: 'Store', asset_type: 'Service.DB'}),
  (machine:HW:Server {id: 11, name: 'Rack', asset_type: 'HW.Server'}), (xen:SystemLayer:HyperVisor {id: 12, name: 'Xen', asset_type: 'SystemLayer.HyperVisor'}),
  (vm:Virtual:VM {id: 13, name: 'VM', asset_type: 'Virtual.VM'}), (os:SystemLayer:OS {id: 14, name: 'OS', asset_type: 'SystemLayer.OS'}),
  (api:Service:Server {id: 15, name: 'Lamp API', asset_type: 'Service.API'}),
  (wifi)-[:connects]->(lamp), (wifi)-[:connects]->(phone), (wan)-[:connects]->(wifi), (wan)-[:connects]->(cloud), (wan)-[:connects]->(machine),
  (cloud)-[:provides]->(mail), (cloud)-[:provides]->(store),
  (phone)-[:hosts]->(phone_os), (phone_os)-[:hosts]->(app), (machine)-[:hosts]->(xen), (xen)-[:hosts]->(vm), (vm)-[:hosts]->(os), (os)-[:hosts]->(api),
  (me)-[:interacts]->(app), (app)-[:uses {application_protocol: 'HTTP', presentation_protocol: 'TLS 1.3'}]->(api),
  (api)-[:uses {application_protocol: ['MQTT', 'HTTPS']}]->(mail), (api)-[:uses]->(store);
"""


def test_a_model_of_2020_is_read_by_what_its_words_mean_today() -> None:
    found, problems = read(LIBRARY_2020)
    assert found is not None and found.name == "City Library"
    assert {each.id: (each.kind, each.role, each.host, each.exposed) for each in found.components} == {
        "search": ("web-application", Role.COMPONENT, "k8s", True),
        "loans": ("database", Role.COMPONENT, "vm1", None),
        "k8s": ("container-runtime", Role.COMPONENT, "vm1", None),
        "vm1": ("compute", Role.HOST, None, None),
    }
    assert found.connections == (
        Connection(source=ComponentId("search"), target=ComponentId("loans"), port=Port(protocol="mysql")),
    )
    assert [(each.name, each.trust) for each in found.zones] == [("DMZ", Trust.EDGE)]
    assert {each.zone for each in found.components} == {"DMZ"}
    said = "; 6 of 8 nodes have labels of other generations and are taken by their type"
    assert f"a.macm:1:1: note[H002]: read as MACM of 2020 (labels such as SaaS, IaaS and any){said}" in problems


def test_a_model_of_2026_is_read_through_its_layers() -> None:
    found, problems = read(HOME_2026)
    assert found is not None
    assert [each for each in problems if "note[" not in each] == []
    assert {each.id: (each.kind, each.role, each.host, each.exposed, each.zone) for each in found.components} == {
        "lamp": ("iot-device", Role.EXTERNAL, None, None, "Home"),
        "app": ("mobile-client", Role.EXTERNAL, None, None, "Home"),
        "mail": ("external-service", Role.EXTERNAL, None, None, ""),
        "store": ("database", Role.COMPONENT, None, None, ""),
        "vm": ("compute", Role.HOST, None, None, ""),
        "api": ("api", Role.COMPONENT, "vm", True, ""),
    }
    assert {(each.source, each.target): each.port for each in found.connections} == {
        ("app", "api"): Port(protocol="http", secure=True),
        ("api", "mail"): Port(protocol="mqtt", secure=False),
        ("api", "store"): Port(),
    }
    notes = [re.sub(r" -> .*", "", each).partition(": ")[2] for each in problems]
    assert "note[H028]: 'Rack' only carries machines: no component of its own" in notes
    assert "note[H030]: 'Lamp app' runs on 'Phone', a device of its user: it is used, not deployed" in notes


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("CREATE (a:IaaS:service {name: 'a'})-[:grants]->(:SLA {name: 's'})", "MACM of MUSA (2017"),
        (LIBRARY_2020, "MACM of 2020"),
        (GROUND, "MACM of 2025"),
        (HOME_2026, "MACM of 2026"),
        ("CREATE (a:Component {name: 'a', type: 'Service.Web'})", "labelled graph with types of its own"),
        (GROUND + service(4, "a", more=", musa_role: 'component'"), "MACM of 2025 (asset types in 'type', numbers in 'component_id') with the"),
    ],
)  # fmt: skip
def test_the_dialect_is_named(text: str, dialect: str) -> None:
    assert any(f"note[H002]: read as {dialect}" in each for each in read(text)[1])


def test_agents_and_slas_of_the_first_generation_are_taken_over() -> None:
    found = model(GROUND + service(4, "web") + "CREATE (:Agent {component_id: '5', name: 'ha'})-[:protects]->(web)-[:grants]->(:SLA {component_id: '6', name: 's', document: 'sla/web.xml'})")  # fmt: skip
    assert [(each.agent, each.protects) for each in found.agents] == [("ha", ("web",))]
    assert [each.sla for each in found.components if each.id == "web"] == ["sla/web.xml"]


def test_a_use_of_a_machine_is_one_of_what_runs_there_if_that_is_one() -> None:
    text = GROUND + service(4, "db", "DB") + "CREATE (web:Service {component_id: '5', name: 'web', type: 'Service'}), (csp)-[:provides]->(web), (web)-[:uses]->(vm)"  # fmt: skip
    assert [(each.source, each.target) for each in model(text).connections] == [("web", "db")]
    assert model(text + "\n" + service(6, "other")).connections == ()


def test_a_merge_finds_what_is_there_and_a_match_too() -> None:
    text = "MERGE (a:Service {name: 'a'}); MERGE (b:Service {name: 'b'}); MATCH (x:Service {name: 'a'}), (y {name: 'b'}) CREATE (x)-[:uses]->(y); MERGE (:Service {name: 'b'})"
    found = model(text)
    assert [each.id for each in found.components] == ["a", "b"]
    assert [(each.source, each.target) for each in found.connections] == [("a", "b")]


def test_signs_and_names_come_back_as_they_were() -> None:
    name = 'it\'s \\ "quoted" \u202e \U0001f680 `tick`'
    found = model(f"CREATE (`a-b`:Service {{name: {quoted_twice(name)}}})")
    assert [(each.id, each.name) for each in found.components] == [("a-b", name)]
    again = write_macm(found, catalogs=CATALOGS)
    assert all(each.isprintable() for each in again.splitlines())
    assert [(each.id, each.name) for each in model(again).components] == [("a-b", name)]


def quoted_twice(name: str) -> str:
    """Return a literal between double quotes."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_what_is_of_the_extension_can_be_left_out() -> None:
    found = model(GROUND + service(4, "web", more=", musa_role: 'component', musa_data: ['personal Names'], musa_zone: 'in'")
                  + "CREATE (n:Network:LAN {component_id: '5', name: 'in', type: 'Network.LAN', musa_trust: 'restricted'})-[:connects]->(vm)")  # fmt: skip
    assert [(each.name, each.classification) for each in found.components[1].data] == [("Names", DataClass.PERSONAL)]
    assert [(each.name, each.trust) for each in found.zones] == [("in", Trust.RESTRICTED)]
    assert "musa_" in write_macm(found, catalogs=CATALOGS)
    assert "musa_" not in write_macm(found, catalogs=CATALOGS, plain=True)


def test_a_text_says_that_it_is_a_composition_model() -> None:
    assert looks_like_macm("/* a\n b */ // c\n merge (a)") and not looks_like_macm("camel model X {}")
