"""`musa model convert`: what is written, what is said of it, and that it goes down the whole road again."""

from pathlib import Path

import pytest

from tests.command import lay_out, musa
from tests.support import ROOT, shared

MODELS = sorted(path.parent.name for path in (ROOT / "models").glob("*/README.md"))
OTHER = {"tosca": "yaml", "camel": "camel"}
LOST = {("flight-scheduling", "camel"): [["crew-rules", "name"]], ("shop", "camel"): [["web", "ports"]]}
"""CAMEL has no hyphens in names, and says that HTTP is not encrypted."""


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("language", OTHER)
def test_our_models_say_the_same_in_the_other_language_and_run_there(name: str, language: str, tmp_path: Path) -> None:
    file = tmp_path / f"models/{name}/{name}.{OTHER[language]}"
    file.parent.mkdir(parents=True)
    done = musa("model", "convert", name, "--to", language, "-o", file)
    lost = [line.split()[:2] for line in done.stderr.splitlines() if "→" in line]
    assert lost == LOST.get((name, language), [])
    assert done.returncode == (1 if lost else 0)
    for script in (ROOT / "models" / name / "scripts").glob("*"):
        lay_out(tmp_path, **{f"models__{name}__scripts__{script.name}": script.read_text()})
    ran = musa("run", name, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / f"sla/{name}/sla.xml").is_file()


def test_it_is_printed_unless_a_file_is_named_and_a_file_is_not_written_over(tmp_path: Path) -> None:
    done = musa("model", "convert", "shop", "--to", "camel")
    assert done.stdout.startswith("camel model shop {")
    assert done.stderr == (
        "written in CAMEL; 1 difference\n  web  ports  number 8080, protocol http  → number 8080, protocol http, not secure\n"
    )
    (tmp_path / "shop.camel").write_text("mine")
    assert musa("model", "convert", "shop", "--to", "camel", "-o", tmp_path / "shop.camel").returncode == 2
    assert (tmp_path / "shop.camel").read_text() == "mine"
    assert musa("model", "convert", "shop", "--to", "camel", "-o", tmp_path / "shop.camel", "--force").returncode == 1
    assert musa("model", "convert", "shop", "--to", "tosca").stderr == "written in TOSCA; it says the same\n"


def test_a_model_with_mistakes_is_not_converted(tmp_path: Path) -> None:
    text = "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: {node_templates: {a: {requirements: [{host: b}]}}}\n"
    done = musa("model", "convert", lay_out(tmp_path, app_yaml=text) / "app.yaml", "--to", "tosca")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[T012]" in done.stderr


@pytest.mark.parametrize("language", OTHER)
def test_models_of_others_are_converted_and_what_is_lost_is_told(language: str, tmp_path: Path) -> None:
    model = shared("tosca") / "di-unipi-socc__TosKer/data/examples/sockshop-app/sockshop/sockshop.yaml"
    done = musa("model", "convert", model, "--to", language, "-o", tmp_path / f"x.{OTHER[language]}")
    facts = {line.split()[1] for line in done.stderr.splitlines() if "→" in line}
    assert facts == (set() if language == "tosca" else {"name", "scripts"})
