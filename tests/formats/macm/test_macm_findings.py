"""Whatever is wrong in a composition model is told with place and way out, and the rest of it is read."""

import re

import pytest

from musa_pipeline.formats.macm.patterns import PATTERNS
from tests.formats.macm.macm_bench import GROUND, codes, model, read, service, wrong
from tests.support import ROOT

SOUND = GROUND + service(4, "web") + service(5, "db", "DB") + "CREATE (web)-[:uses {application_protocol: 'HTTP'}]->(db);\n"


def test_a_sound_model_has_no_findings() -> None:
    assert wrong(SOUND) == []


def test_there_are_27_patterns() -> None:
    assert len(PATTERNS) == 27


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE (a:CSP {name: 1)", "1:23: error[H003]: expected '}', found ')' -> what is read: docs/formats/macm.md"),
        ("CREATE (a:CSP {name: 'x})", "1:22: error[H003]: \"'\" is opened here and never closed -> close it"),
        ("CREATE (a:CSP {n: date()})", "1:19: error[H003]: expected a text in quotes, a number, true, false or a list, found 'date'"),
        ("CREATE (a:CSP), (b:CSP),\n;", "1:24: warning[H003]: a comma with nothing after it -> take it away"),
        ("MATCH (n) DETACH DELETE n; CREATE (a:CSP)", "1:11: warning[H004]: 'DETACH' is not read"),
        ("CREATE (a:CSP), (a:HW)", "1:18: error[H005]: node 'a' is created twice -> the first is at line 1"),
        (SOUND + "CREATE (wbe)-[:uses]->(db)", "9:9: error[H006]: a relation leads to 'wbe', which the file does not create -> did you mean 'web'?"),
        (SOUND + "CREATE (os)-[:host]->(:Service:App {component_id: '9', name: 'x', type: 'Service.App'})",
         "9:15: warning[H011]: 'host' is no relation of composition models -> did you mean 'hosts'?"),
        (SOUND + "CREATE (vm)-[:hosts]->(web)",
         "9:15: warning[H012]: 'VM' hosts 'web': Virtual hosts Service is no pattern of the schema -> Virtual may host SystemLayer"),
        (SOUND + "CREATE (vm)-[:hosts]->(web)", "9:15: warning[H013]: 'web' is hosted or provided by more than one: 'OS', 'VM'"),
        (GROUND + service(4, "web", "Webb"), "6:61: warning[H009]: asset type 'Service.Webb' of 'web' is not in the catalogue -> did you mean 'Service.Web'?"),
        (GROUND + service(3, "web"), "6:29: warning[H008]: '3' is the number of 'OS' and of 'web'"),
        (GROUND.replace(":VM {", " {"), "3:4: warning[H010]: 'VM' has the labels 'Virtual', but 'Virtual.VM' goes with 'Virtual:VM'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_is(text: str, expected: str) -> None:
    assert any(f"a.macm:{expected}" in each for each in wrong(text)), wrong(text)


def _node(number: int, asset: str, name: str) -> str:
    primary, _, secondary = asset.partition(".")
    return f"({name}:{primary}:{secondary} {{component_id: '{number}', name: '{name}', type: '{asset}'}})"


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("HW.Server", "SystemLayer.ContainerRuntime", "H019"),
        ("SystemLayer.OS", "SystemLayer.Firmware", "H020"),
        ("SystemLayer.ContainerRuntime", "Virtual.VM", "H021"),
        ("Virtual.Container", "SystemLayer.HyperVisor", "H022"),
        ("SystemLayer.HyperVisor", "Service.App", "H023"),
    ],
)
def test_what_hosts_what_follows_the_layers(source: str, target: str, code: str) -> None:
    provided = f"CREATE (p:CSP {{component_id: '1', name: 'p', type: 'CSP'}})-[:provides]->{_node(2, source, 'a')}"
    assert codes(f"{provided}, (a)-[:hosts]->{_node(3, target, 'b')}") == [code]
    assert codes(f"{provided}") == []


@pytest.mark.parametrize(
    ("asset", "code"), [("SystemLayer.OS", "H014"), ("Virtual.VM", "H015"), ("Service.App", "H016"), ("HW.Server", "")]
)
def test_what_must_stand_somewhere_does(asset: str, code: str) -> None:
    assert codes(f"CREATE {_node(1, asset, 'a')}") == ([code] if code else [])


def test_a_use_without_a_path_and_a_part_that_hangs_on_nothing_are_told() -> None:
    other = GROUND.replace("CREATE ", ", ").replace("'1'", "'11'").replace("'2'", "'12'").replace("'3'", "'13'")
    other = re.sub(r"\b(csp|vm|os)\b", r"\1b", other)
    apart = GROUND + other + service(4, "web") + service(5, "db").replace("(os)", "(osb)")
    assert codes(apart) == ["H017"]
    assert codes(f"{apart} CREATE (web)-[:uses]->(db)") == ["H018"]
    wan = "(n:Network:WAN {component_id: '9', name: 'n', type: 'Network.WAN'})"
    assert codes(f"{apart} CREATE (web)-[:uses]->(db), {wan}, (n)-[:connects]->(csp), (n)-[:connects]->(cspb)") == []


def test_protocols_belong_to_their_relation_and_layer() -> None:
    assert codes(SOUND + "CREATE (vm)-[:hosts {session_protocol: 'RPC'}]->(:SystemLayer:OS {component_id: '9', name: 'o', type: 'SystemLayer.OS'})") == ["H024"]  # fmt: skip
    assert codes(SOUND.replace("application_protocol: 'HTTP'", "transport_protocol: ['TCP', 'UDP']")) == ["H024"]
    assert codes(SOUND.replace("'HTTP'", "['HTTP', 'HTTPS']")) == []


def test_a_circle_of_hosts_is_cut_where_it_closes() -> None:
    text = "CREATE (a:Service {name: 'a'})-[:hosts]->(b:Service {name: 'b'})-[:hosts]->(a)"
    assert "a.macm:1:68: warning[H025]: 'a' hosts 'b' hosts 'a': a circle; this relation is left out" in "\n".join(wrong(text))
    assert [(each.id, each.host) for each in model(text).components] == [("a", None), ("b", "a")]


def test_a_property_of_ours_that_says_nothing_sound_is_told() -> None:
    more = ", musa_role: 'component', musa_exposde: 'yes', musa_ports: ['443'], musa_wanted: ['XX-1'], musa_zone: 'dmz', musa_host: 'nobody'"
    found = [each.partition(": ")[2] for each in wrong(GROUND + service(4, "web", more=more))]
    assert found == [
        "warning[H027]: 'musa_exposde' of 'web' is 'yes' -> did you mean 'musa_exposed'?",
        "warning[H027]: 'musa_ports' of 'web' is '443' -> write JSON: {\"number\": 443, \"protocol\": \"https\"}",
        "warning[H027]: 'musa_wanted' of 'web' is 'XX-1' -> write ids of NIST SP 800-53, such as SC-5",
        "warning[H027]: 'musa_zone' of 'web' is 'dmz' -> a zone is a Network with musa_trust",
        "warning[H027]: 'musa_host' of 'web' is 'nobody' -> name a component of the file",
    ]


def test_a_text_without_a_node_is_refused() -> None:
    assert read("// nothing\n")[1] == [
        "a.macm:1:1: error[H001]: no node is created here -> begin with CREATE (web:Service:Server {name: 'Web'})"
    ]


def test_deep_lists_texts_that_nobody_closes_and_ten_thousand_hosts_end() -> None:
    assert codes("CREATE (a:CSP {n: " + "[" * 5000 + "})")[0] == "H003"
    for text in ("'" + "\\'" * 300_000, "/*" * 500_000, "\n" * 500_000 + "x"):
        assert codes("CREATE (a:CSP {n: " + text)[0] == "H003"
    chain = "-[:hosts]->".join(f"(s{n}:Service {{name: 's{n}'}})" for n in range(10_000))
    assert len(model(f"CREATE {chain}").components) == 10_000


def test_every_code_is_in_the_documentation_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "musa_pipeline/formats/macm").rglob("*.py"))
    page = (ROOT / "docs/formats/macm.md").read_text("utf-8")
    assert set(re.findall(r"^\| (H\d{3}) \|", page, re.MULTILINE)) == set(re.findall(r'"(H\d{3})"', sources))
