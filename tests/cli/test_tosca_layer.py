"""The example of our own TOSCA types, as the documentation has it, goes through `musa model` as it stands."""

import json
from pathlib import Path

from tests.command import lay_out, musa
from tests.support import ROOT

PAGE = (ROOT / "docs/formats/tosca.md").read_text()
EXAMPLE = PAGE.partition("```yaml\n")[2].partition("```")[0]


def test_the_example_of_the_documentation_is_read_as_it_says(tmp_path: Path) -> None:
    lay_out(tmp_path, models__site__site_yaml=EXAMPLE)
    ran = musa("model", "models/site", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    cpim = json.loads((tmp_path / "sla/site/cpim.json").read_text())
    components = {each["id"]: each for each in cpim["components"]}
    assert {name: each.get("zone") for name, each in components.items()} == {
        "machine": "front",
        "payments": None,
        "people": "vault",
        "portal": "front",
    }
    assert [(each["name"], each.get("trust")) for each in cpim["zones"]] == [("front", "edge"), ("vault", "restricted")]
    assert [(each["control"], each.get("capability")) for each in components["portal"]["wanted"]] == [
        ("AC-2", "sign-in"),
        ("IA-2", "sign-in"),
    ]
    assert [each["control"] for each in components["people"]["wanted"]] == ["SC-28"]
    assert [(each["name"], each["classification"]) for each in components["people"]["data"]] == [("customers", "personal")]
    assert components["payments"]["role"] == "external"
    assert [each["metric"] for each in components["portal"]["slos"]] == ["availability"]
    assert [(each["agent"], each["protects"]) for each in cpim["agents"]] == [("ha", ["portal"])]
    assert components["machine"]["countries"] == ["EU"]


def test_a_secret_of_a_model_is_told_and_never_written(tmp_path: Path) -> None:
    secret = "tiger" + "-42-lily"
    text = (
        "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml]\ntopology_template:\n"
        f"  inputs: {{db_password: {{type: string, default: {secret}}}}}\n  node_templates:\n"
        f"    a: {{type: musa.nodes.Api, properties: {{image: {{concat: ['https://me:{secret}@hub/', {{get_attribute: [SELF, x]}}]}}}}}}\n"
    )
    lay_out(tmp_path, models__site__site_yaml=text)
    ran = musa("model", "models/site", cwd=tmp_path)
    assert "T031" in ran.stdout + ran.stderr
    written = "".join(each.read_text() for each in tmp_path.rglob("*") if each.is_file() and "models" not in each.parts)
    assert secret not in ran.stdout + ran.stderr + written
