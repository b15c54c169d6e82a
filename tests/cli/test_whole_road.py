"""The whole road as its users walk it: again, elsewhere, interrupted, and with other people's models."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.wsag import validate
from musa_pipeline.workspace.catalogs import schema_files
from tests.command import lay_out, musa, tree
from tests.support import ROOT, shared

MODELS = ("shop", "smart-mobility", "flight-scheduling")


@pytest.mark.parametrize("name", MODELS)
def test_the_same_input_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    for out in ("one", "two"):
        done = musa("run", name, "-o", tmp_path / out, PYTHONHASHSEED=str(len(out) + ord(out[0])))
        assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_second_run_does_nothing_and_says_so(tmp_path: Path) -> None:
    assert musa("run", "shop", "-o", tmp_path).returncode == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again = musa("run", "shop", "-o", tmp_path)
    assert again.returncode == 0
    assert "nothing changed, nothing to do" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_only_the_stages_whose_inputs_changed_run_again(tmp_path: Path) -> None:
    for file in ("shop.yaml", "answers.yaml"):
        lay_out(
            tmp_path,
            **{f"models__shop__{file.replace('.yaml', '_yaml')}": (ROOT / "models/shop" / file).read_text()},
            musa_yaml="",
        )

    def fresh() -> dict[str, bool]:
        done = musa("run", "shop", "--format", "json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return {each["name"]: each["fresh"] for each in json.loads(done.stdout)["stages"]}

    assert not any(fresh().values())
    assert all(fresh().values())
    (tmp_path / "sla/shop/selection.json").unlink()
    assert fresh() == {"read": True, "risk": True, "slat": True, "select": False, "compose": True, "plan": True}
    lay_out(tmp_path, musa_yaml="selection: {evidence: E4}\n")
    assert not fresh()["select"]


def test_what_is_derived_from_a_component_goes_with_it(tmp_path: Path) -> None:
    model = (ROOT / "models/shop/shop.yaml").read_text()
    lay_out(tmp_path, models__shop__shop_yaml=model, musa_yaml="")
    assert musa("run", "shop", cwd=tmp_path).returncode == 0
    assert (tmp_path / "sla/shop/slat/orders.xml").exists()
    lay_out(tmp_path, models__shop__shop_yaml=model.replace("orders", "sales"))
    assert musa("run", "shop", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "sla/shop/slat").iterdir()) == ["sales.xml", "web.xml"]


def test_a_run_killed_at_any_moment_leaves_every_file_whole(tmp_path: Path) -> None:
    model = (ROOT / "models/shop/shop.yaml").read_text()
    other = model.replace("orders", "sales")
    whole: dict[str, set[bytes]] = {}
    for text in (model, other):
        place = tmp_path / f"whole{len(whole)}"
        lay_out(place, models__shop__shop_yaml=text, musa_yaml="")
        assert musa("run", "shop", cwd=place).returncode == 0
        for name, data in tree(place).items():
            whole.setdefault(name, set()).add(data)
    place = lay_out(tmp_path / "killed", models__shop__shop_yaml=model, musa_yaml="")
    assert musa("run", "shop", cwd=place).returncode == 0
    chance = random.Random(7)
    for attempt in range(8):
        lay_out(place, models__shop__shop_yaml=other if attempt % 2 == 0 else model)
        process = subprocess.Popen(
            [sys.executable, "-m", "musa_pipeline", "run", "shop"], cwd=place, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.2, 1.4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for name, data in tree(place).items():
            if not name.endswith(".new"):
                assert data in whole[name], name
    lay_out(place, models__shop__shop_yaml=model)
    assert musa("run", "shop", cwd=place).returncode == 0
    assert tree(place) == tree(tmp_path / "whole0")


@pytest.mark.parametrize("name", MODELS)
def test_everything_written_is_valid(name: str, tmp_path: Path) -> None:
    assert musa("run", name, "-o", tmp_path).returncode == 0
    schemas = schema_files()
    kinds = {"cpim", "risk", "selection", "gaps", "residual", "macm", "plan"}
    documents = list(tmp_path.rglob("*.xml"))
    assert len(documents) >= 3
    for path in documents:
        problems = Problems()
        assert validate(path.read_bytes(), schemas, problems, path.name), list(problems)
    artefacts = [path for path in tmp_path.rglob("*.json") if ".musa" not in path.parts and "roles" not in path.parts]
    assert {path.stem for path in artefacts} == kinds
    for path in artefacts:
        jsonschema.validate(json.loads(path.read_text()), json.loads(schemas[f"{path.stem}.schema.json"]))


FOREIGN = (
    "tosca/openstack__tosca-parser/samples/tests/data/tosca_elk.yaml",
    "tosca/xlab-si__xopera-examples/cloud/platform-connection/aws-azure-connection/aws-azure/service.yaml",
    "tosca/SODALITE-EU__iac-management/use-cases/snow-uc/snow-demo/service.yaml",
    "tosca/di-unipi-socc__TosKer/data/examples/sockshop-app/sockshop/sockshop.yaml",
    "tosca/oasis-open__tosca-community-contributions/examples/1.3/tutorial/requirements-and-capabilities.yaml",
    "tosca/indigo-dc__tosca-types/examples/mesos_cluster_aws.yaml",
    "tosca/micado-scale__tosca/ADT/outlandish.yaml",
    "camel/camel2015/Scalarm.camel",
)


@pytest.mark.parametrize("name", FOREIGN)
def test_other_peoples_models_go_down_the_whole_road(name: str, tmp_path: Path) -> None:
    done = musa("run", shared() / name, "-o", tmp_path)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr[-2000:]
    (plan,) = tmp_path.glob("playbooks/plans/*/plan.json")
    assert json.loads(plan.read_text())["steps"]
    for path in tmp_path.rglob("*.xml"):
        problems = Problems()
        assert validate(path.read_bytes(), schema_files(), problems, path.name), list(problems)


def test_the_wheel_works_in_an_empty_folder(tmp_path: Path) -> None:
    wheel = tmp_path / "dist"
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", wheel, ROOT], check=True, capture_output=True
    )
    (built,) = wheel.iterdir()
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", site, built],
        check=True,
        capture_output=True,
    )
    here = tmp_path / "mine"
    here.mkdir()
    program = [
        sys.executable,
        "-P",
        "-c",
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from musa_pipeline.cli.main import main; main()",
        site,
    ]
    for arguments in (["init"], ["run", "shop"], ["catalog", "check"], ["explain", "T004"]):
        done = subprocess.run(
            [*program, *arguments], cwd=here, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""}, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (here / "sla/shop/sla.xml").exists()
    assert (here / "playbooks/plans/shop/roles/component/tasks/main.yml").exists()
    shutil.rmtree(site)
