"""What an Open Threat Model says becomes components, zones, hosts, connections, data and claims."""

import json
import re

from musa_pipeline.domain.cpim import Connection, DataClass, Port, Role, Trust
from musa_pipeline.formats.otm import looks_like_otm
from tests.formats.otm.otm_bench import model, read
from tests.support import ROOT

FLIGHTS = """
components:
  - {id: browser, name: Web client, type: web-client, parent: {trustZone: net}}
  - {id: front, name: Front, type: web-service, parent: {component: box}}
  - {id: box, name: Machine, type: ec2, parent: {component: around}}
  - {id: around, name: Subnet 1, type: subnet, parent: {trustZone: in}}
  - id: seats
    name: Seats
    type: CD-POSTGRESQL
    parent: {trustZone: in}
    assets: {stored: [names]}
    threats:
      - {threat: t, state: mitigated, mitigations: [{mitigation: m, state: implemented}, {mitigation: n, state: required}]}
dataflows:
  - {id: a, name: Browse, source: browser, destination: front, tags: [https]}
  - {id: b, name: Rows, source: seats, destination: front, assets: [names]}
assets:
  - {id: names, name: Passenger names, risk: {confidentiality: 80, integrity: 50, availability: 50}}
threats: [{id: t, name: Rows are read, risk: {likelihood: 50, impact: 90}}]
mitigations:
  - {id: m, name: SC-28 Protection of Information at Rest, riskReduction: 50}
  - {id: n, name: Be careful, riskReduction: 10}
"""


def test_a_threat_model_of_others_becomes_a_model() -> None:
    found = model(FLIGHTS)
    parts = {each.id: each for each in found.components}
    assert {each: (one.kind, one.role, one.host, one.zone) for each, one in parts.items()} == {
        "box": ("compute", Role.HOST, None, "Private"),
        "browser": ("external-service", Role.EXTERNAL, None, "Internet"),
        "front": ("web-application", Role.COMPONENT, "box", "Private"),
        "seats": ("database", Role.COMPONENT, None, "Private"),
    }
    assert {each.name: each.trust for each in found.zones} == {"Internet": Trust.PUBLIC, "Private": Trust.INTERNAL}
    assert found.connections == (
        Connection(source=parts["browser"].id, target=parts["front"].id, port=Port(protocol="https", secure=True)),
        Connection(source=parts["front"].id, target=parts["seats"].id),
    )
    assert (parts["front"].exposed, parts["seats"].exposed) == (True, None)
    assert parts["front"].ports == (Port(protocol="https", secure=True),)
    assert [(each.name, each.classification) for each in parts["seats"].data] == [("Passenger names", DataClass.PERSONAL)]
    assert [each.control for each in parts["seats"].implements] == ["SC-28"]


def test_what_was_concluded_is_told_with_its_place() -> None:
    _, problems = read("otmVersion: 0.2.0\nproject: {id: app, name: App}\n" + FLIGHTS)
    notes = [re.sub(r" -> .*", "", each).partition(": ")[2] for each in problems if "note[" in each]
    assert "note[U015]: data flow 'Rows' leaves 'Seats', which only answers: 'Front' uses it" in notes
    assert "note[U018]: asset 'Passenger names' is taken as 'personal' data because of 'passenger' in its name" in notes
    assert "note[U019]: 'Subnet 1' is drawn around others and does nothing itself: no component" in notes


def test_where_all_zones_are_rated_alike_their_words_count() -> None:
    zones = "\n".join(
        f"  - {{id: z{n}, name: {name}, risk: {{trustRating: 10}}}}"
        for n, name in enumerate(("Public Cloud", "Private Secured Cloud", "Internet Boundary"))
    )
    parts = "".join(f"\n  - {{id: c{n}, name: C, type: api, parent: {{trustZone: z{n}}}}}" for n in range(3))
    found = model(f"components:{parts}\n", f"trustZones:\n{zones}\n")
    assert [each.trust for each in found.zones] == [Trust.PUBLIC, Trust.INTERNAL, Trust.EDGE]
    assert [each.exposed for each in found.components] == [None, None, True]


def test_json_with_tabs_and_escapes_is_read_at_its_places() -> None:
    text = '{\n\t"project": {"id": "a", "name": "\\ud83d\\ude80 a\\/b"},\n\t"otmVersion": "0.1.0",\n\t"components": [\n\t\t{"id": "x"}]\n}'
    assert looks_like_otm(text)
    found, problems = read(text)
    assert found is not None and found.name == "\U0001f680 a/b"
    assert problems[0] == "a.otm:5:10: warning[U004]: component 'x' has no name; it is called 'x' -> add its name"


def test_components_of_one_name_have_ids_of_their_own_in_any_order() -> None:
    one, other = (f"{n * 8}-0000-0000-0000-000000000000" for n in "12")
    text = "components: [%s]\n"
    entries = [f"{{id: {each}, name: Web Server, type: web-server, parent: {{trustZone: in}}}}" for each in (one, other)]
    there, back = model(text % ", ".join(entries)), model(text % ", ".join(reversed(entries)))
    assert [each.id for each in there.components] == [each.id for each in back.components] == ["web-server", "web-server-2"]


def test_ten_thousand_components_in_each_other_are_read() -> None:
    parts = [{"id": f"c{n}", "name": f"c{n}", "type": "software", "parent": {"component": f"c{n + 1}"}} for n in range(10_000)]
    parts[-1]["parent"] = {"trustZone": "in"}
    found, problems = read(json.dumps({"otmVersion": "0.2.0", "project": {"id": "a", "name": "a"}, "components": parts,
        "trustZones": [{"id": "in", "name": "In", "risk": {"trustRating": 70}}]}))  # fmt: skip
    assert found is not None and problems == []
    assert {each.zone for each in found.components} == {"In"}


def test_every_code_is_in_the_documentation_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "musa_pipeline/formats/otm").rglob("*.py"))
    page = (ROOT / "docs/formats/otm.md").read_text("utf-8")
    assert set(re.findall(r"^\| (X\d{3}) \|", page, re.MULTILINE)) == set(re.findall(r'"(X\d{3})"', sources))


def test_ratings_on_a_scale_of_ten_do_not_make_all_zones_public() -> None:
    zones = [("Internet", 1), ("Public Cloud", 3), ("Private Secured", 10)]
    written = "".join(
        f"  - {{id: z{n}, name: {name}, risk: {{trustRating: {rated}}}}}\n" for n, (name, rated) in enumerate(zones)
    )
    parts = "".join(f"\n  - {{id: c{n}, name: C, type: api, parent: {{trustZone: z{n}}}}}" for n in range(3))
    found = model(f"components:{parts}\n", f"trustZones:\n{written}")
    assert {each.name: each.trust for each in found.zones} == {
        "Internet": Trust.PUBLIC,
        "Private Secured": Trust.INTERNAL,
        "Public Cloud": Trust.EDGE,
    }
