"""What is wrong in XMI is told with line and column, once, and what can be read beside it is."""

import re
import time

import pytest

from musa_pipeline.domain.problems import SECRET_CODES, Problems
from musa_pipeline.formats.camel import read_camel_xmi
from musa_pipeline.text.fetch import Missing
from tests.formats.camel.camel_catalogs import CATALOGS
from tests.formats.camel.camel_xmi import OLD, SMALL, old, read_xmi, services, young

END = "</camel:CamelModel>"


def test_what_is_not_xml_is_told_where_it_ends_to_be() -> None:
    for said, finding in {
        "": "app.xmi:1:1: error[K060]: not XML: no element found -> export the model anew",
        "camel model": "app.xmi:1:1: error[K060]: not XML: syntax error -> export the model anew",
        f'{OLD}>\n  <vms name="a>\n{END}': "app.xmi:3:1: error[K060]: not XML: not well-formed (invalid token) -> export the model anew",
        b'<?xml version="1.0" encoding="cp037"?><a/>': (
            "app.xmi:1:1: error[K060]: the encoding 'cp037' is not known -> write the file in UTF-8"
        ),
        b"\xff\xfe<\0a": "app.xmi:1:1: error[K060]: not text in utf-16 -> write the file in UTF-8",
    }.items():
        assert read_xmi(said) == (None, [finding])


def test_no_entity_is_put_in_and_no_doctype_read() -> None:
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    for doctype in (f'<!DOCTYPE x [<!ENTITY e0 "x">{bomb}]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'):
        found, problems = read_xmi(f'<?xml version="1.0"?>\n{doctype}{OLD} name="&e9;"/>')
        assert found is None
        assert [each.split(":")[3] + each[-43:] for each in problems] == [
            " error[K061]name other files -> remove it; XMI has none"
        ]
    found, problems = read_xmi(f'{OLD} name="&e9;"/>')
    assert (found, [each[:48] for each in problems]) == (None, ["app.xmi:1:1: error[K060]: not XML: undefined ent"])


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        (OLD + ">" + "<vms>" * 100_000, "K063", "elements are nested deeper than 100"),
        (OLD + ">" + "<a/>" * 300_000 + END, "K063", "more than 200,000 elements"),
        (f'{OLD} name="{"x" * 50_000_000}"/>', "K063", "more than 20,000,000 characters"),
        ("<html><body/></html>", "K062", "'html' is no camel model"),
        ('<camel:User xmlns:camel="http://www.paasage.eu/camel"/>', "K062", "'User' is no camel model"),
    ],
    ids=["depth", "count", "length", "html", "part"],
)
def test_what_cannot_be_a_model_is_one_finding_in_seconds(said: str, code: str, text: str) -> None:
    began = time.monotonic()
    problems = Problems()
    assert read_camel_xmi(said, "app.xmi", catalogs=CATALOGS, problems=problems) is None
    assert [(each.code, each.text) for each in problems] == [(code, text)]
    assert time.monotonic() - began < 20


def test_a_camel_model_of_another_namespace_is_read_as_what_it_looks_like() -> None:
    for said, language in (
        (SMALL, "CAMEL 2015.9 XMI"),
        (young('<deploymentModels><softwareComponents name="A"/></deploymentModels>'), "CAMEL 2 or 3 XMI"),
    ):
        odd = re.sub(r"http://www\.(?:paasage\.eu/2015/06|camel-dsl\.org)", "http://example.com", said)
        found, problems = read_xmi(odd)
        assert found
        assert found.components
        assert found.language == language
        assert ["K062" in each for each in problems] == [True]


def test_what_is_not_known_is_told_once_with_how_often() -> None:
    found, problems = read_xmi(
        services("""<internalComponents name="Portal" tier="web"><slot name="a"/></internalComponents>
          <internalComponents name="PersonStore" tier="data"/><vm name="Machine"/>
          <requirementSets xsi:type="deployment:RequirementSet" name="x"/>
        </deploymentModels><requirementModels name="r">
          <requirements xsi:type="requirement:PriceRequirement" name="cheap"/>
          <requirements xsi:type="requirement:PriceRequirement" name="free"/>""").replace(
            "</deploymentModels>\n</camel", "</requirementModels>\n</camel"
        )
    )
    assert found
    assert [each.name for each in found.components] == ["PersonStore", "Portal"]
    assert problems == [
        "app.xmi:3:35: warning[K064]: InternalComponent has no feature 'tier' that is known (2 times); it is left out",
        "app.xmi:3:46: warning[K064]: InternalComponent has no feature 'slot' that is known; it is left out",
        "app.xmi:4:63: warning[K064]: DeploymentModel has no feature 'vm' that is known; it is left out -> did you mean 'vms'?",
        (
            "app.xmi:5:11: warning[K064]: DeploymentModel has no feature 'requirementSets' that is known; it is left out"
            " -> did you mean 'vmRequirementSets'?"
        ),
        (
            "app.xmi:7:25: warning[K064]: class 'PriceRequirement' is not known (2 times); it is read as what stands around it expects"
            " -> did you mean 'ProviderRequirement'?"
        ),
    ]


def test_a_thousand_unknown_features_are_a_hundred_findings() -> None:
    _, problems = read_xmi(services("".join(f"<z{number}/>" for number in range(1000))))
    told = [each for each in problems if "K064" in each]
    assert len(told) == 101
    assert "900 more features are not known; they are left out -> is this a camel model?" in told[-1]


def test_references_to_nowhere_and_to_the_wrong_thing_are_told_at_their_attribute() -> None:
    found, problems = read_xmi(
        services("""<internalComponents name="Portal"><requiredHost name="Host"/></internalComponents>
        <vms name="Machine" vmRequirementSet="//@deploymentModels.0/@internalComponents.0"/>
        <hostings name="h" requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost"
            providedHost="//@deploymentModels.0/@vms.7/@providedHosts.0"/>
        <communications name="c" requiredCommunication="#nix" providedCommunication="/9"/>
        <hostings name="empty" requiredHost="//@deploymentModels.0/@internalComponents.0/@requiredHost"/>
        <vmInstances name="m" type="//@deploymentModels.0/@vms.3"/>""")
    )
    assert found
    assert [each.name for each in found.components] == ["Machine", "Portal"]
    anew = " -> export the model anew, or mend the reference"
    assert problems == [
        (
            "app.xmi:4:29: error[K066]: 'Portal' is an internal component, where a requirement set is expected"
            " -> lead it to what it is meant for"
        ),
        f"app.xmi:6:13: error[K065]: '//@deploymentModels.0/@vms.7/@providedHosts.0' leads to nothing in this model{anew}",
        f"app.xmi:7:34: error[K065]: '#nix' leads to nothing in this model{anew}",
        f"app.xmi:7:63: error[K065]: '/9' leads to nothing in this model{anew}",
        "app.xmi:8:9: warning[K069]: a hosting without 'providedHost'; it is left out -> say its providedHost",
        f"app.xmi:9:31: warning[K065]: '//@deploymentModels.0/@vms.3' leads to nothing in this model{anew}",
    ]


def test_what_contains_itself_is_told_and_the_rest_is_read() -> None:
    for inner in (
        '<deploymentModels href="#/"/>',
        (
            '<deploymentModels name="d"><internalComponents name="Portal"><requiredHost href="#//@deploymentModels.0"/>'
            "</internalComponents></deploymentModels>"
        ),
        (
            '<deploymentModels name="d"><vms href="#//@deploymentModels.0/@vms.1"/><vms href="#//@deploymentModels.0/@vms.0"/>'
            "</deploymentModels>"
        ),
        '<deploymentModels name="d"><vms xmi:id="a" name="A"/><vms href="#a"/></deploymentModels>',
    ):
        found, problems = read_xmi(old(inner))
        assert found
        assert any("K065" in each or "K068" in each for each in problems), inner


def test_files_that_are_not_here_are_told_once_with_the_reason() -> None:
    said = services("""<vms name="A" vmRequirementSet="far.xmi#_a"/><vms name="B" vmRequirementSet="far.xmi#_b"/>
        <vms name="C"><vmRequirementSet href="cdo://repo1/models#l1"/></vms>
        <vms name="D"><vmRequirementSet href="https://example.com/x.xmi#_a"/></vms>
        <vms name="E"><vmRequirementSet href="https://me:hunter22@example.com/x.xmi#_a"/></vms>""")

    def fetch(name: str, importer: str) -> Missing | None:
        return Missing("is on the network and is not fetched", "save it beside the model") if "http" in name else None

    found, problems = read_xmi(said, fetch=fetch)
    assert found
    assert [each.name for each in found.components] == list("ABCDE")
    assert problems == [
        "app.xmi:3:15: warning[K067]: 'far.xmi', which 2 references lead into, is not here -> put it beside the model",
        "app.xmi:4:41: warning[K067]: 'cdo://repo1/models' is not here -> export the model with all that it refers to",
        "app.xmi:5:41: warning[K067]: 'https://example.com/x.xmi' is on the network and is not fetched -> save it beside the model",
        "app.xmi:6:41: warning[K050]: a credential is written into the model -> keep it in a vault; it is not read, and is shown nowhere",
        "app.xmi:6:41: warning[K067]: another file is on the network and is not fetched -> save it beside the model",
    ]


def test_files_that_refer_to_each_other_are_read_once() -> None:
    asked = []

    def fetch(name: str, importer: str) -> tuple[str, str] | None:
        asked.append(name)
        number = int(name.removesuffix(".xmi"))
        return name, services(f'<vms name="V{number}"/><vms href="{(number + 1) % 7}.xmi#//@deploymentModels.0/@vms.1"/>')

    found, problems = read_xmi(services('<vms name="A"/><vms href="0.xmi#//@deploymentModels.0/@vms.1"/>'), fetch=fetch)
    assert found
    assert sorted(set(asked)) == [f"{number}.xmi" for number in range(7)]
    assert problems[0].startswith("app.xmi:3:21: error[K065]: '0.xmi#//@deploymentModels.0/@vms.1' leads to nothing")
    assert all("K065" in each for each in problems)
    asked.clear()

    def endless(name: str, importer: str) -> tuple[str, str] | None:
        asked.append(name)
        number = int(name.removesuffix(".xmi"))
        return name, services(f'<vms name="V"/><vms href="{number + 1}.xmi#//@deploymentModels.0/@vms.1"/>')

    read_xmi(services('<vms href="0.xmi#//@deploymentModels.0/@vms.1"/>'), fetch=endless)
    assert len(asked) < 60


def test_values_of_another_kind_are_told() -> None:
    _, problems = read_xmi(
        services("""<internalComponents><providedCommunications name="p" portNumber="http"/></internalComponents>
        <internalComponents name="Portal"><providedCommunications xsi:type="deployment:VM" name="q"/></internalComponents>
        </deploymentModels><requirementModels name="r">
        <requirements xsi:type="requirement:QuantitativeHardwareRequirement" name="q" minCores="two" maxCores="4"/>
        """).replace("\n</deploymentModels>\n</camel", "\n</requirementModels>\n</camel")
    )
    assert problems == [
        "app.xmi:3:54: error[K069]: 'http' is not a whole number",
        "app.xmi:6:87: error[K069]: 'two' is not a number",
        "app.xmi:3:1: warning[K069]: an internal component without a name -> give it a name: findings and plans speak of it by that",
        (
            "app.xmi:4:67: warning[K066]: a vm stands where a provided communication is expected, and is read as that"
            " -> take the xsi:type away"
        ),
    ]


def test_a_number_beyond_all_numbers_asks_for_nothing() -> None:
    found, _ = read_xmi(SMALL.replace('minRAM="', 'minRAM="1e999" cpu="'))
    assert found
    assert {each.resources.memory for each in found.components} == {0}


def test_credentials_are_told_and_never_shown() -> None:
    said = old("""<organisationModels name="o">
      <users name="me" email="me@example.com"><paasageCredentials password="hunter2222"/>
        <cloudCredentials name="c" username="me" password="hunter2222" privateSSHKey="hunter2222"/></users>
      </organisationModels>
      <deploymentModels name="d"><internalComponents name="Portal">
        <configurations name="c" downloadCommand="git clone https://me:hunter2222@example.com/x.git" startCommand="./x"/>
      </internalComponents>
      <vms name="V" password="hunter2222"/></deploymentModels>""")
    problems = Problems()
    found = read_camel_xmi(said, "app.xmi", catalogs=CATALOGS, problems=problems)
    assert found
    assert [(str(each.at), each.code) for each in problems if each.code in SECRET_CODES] == [
        ("app.xmi:7:34", "K050"),
        ("app.xmi:3:67", "K050"),
        ("app.xmi:4:50", "K050"),
        ("app.xmi:4:72", "K050"),
        ("app.xmi:9:21", "K050"),
    ]
    assert "hunter" not in repr(list(problems))
    assert "hunter" not in repr(found)


def test_a_model_of_thousands_of_components_takes_linear_time() -> None:
    def took(count: int) -> float:
        components = "".join(
            f'<internalComponents name="C{n}"><providedCommunications name="P" portNumber="80"/><requiredHost name="H"/>'
            "</internalComponents>"
            for n in range(count)
        )
        hostings = "".join(
            f'<hostings name="h{n}" requiredHost="//@deploymentModels.0/@internalComponents.{n}/@requiredHost"'
            ' providedHost="//@deploymentModels.0/@vms.0/@providedHosts.0"/>'
            for n in range(count)
        )
        said = services(f'{components}<vms name="V"><providedHosts name="H"/></vms>{hostings}')
        began = time.process_time()
        found, _ = read_xmi(said)
        assert found
        assert len(found.components) == count + 1
        return time.process_time() - began

    took(10)
    assert took(8000) < 12 * took(1500) + 1
