"""A misspelt name never takes a safety belt away: what musa.yaml protects must exist before anything is deployed or watched."""

from pathlib import Path

import pytest

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.pipeline import run
from musa_pipeline.stages.policies import policies_of
from musa_pipeline.stages.protected import check_protected
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.command import lay_out, musa

MODEL = """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    vm: {type: tosca.nodes.Compute}
    NAME: {type: tosca.nodes.WebServer, requirements: [{host: vm}]}
"""
SETTINGS = "runtime:\n  store: embedded\n  protected: [NAMES]\n"


def repository(folder: Path, protected: str) -> Path:
    return lay_out(
        folder,
        musa_yaml=SETTINGS.replace("NAMES", protected),
        models__shop__shop_yaml=MODEL.replace("NAME", "web"),
        models__bank__bank_yaml=MODEL.replace("NAME", "ledger"),
    )


def problem(severity: Severity) -> Problem:
    return Problem(
        code="D012",
        at=Span("musa.yaml", 3, 15, 3),
        text="'runtime.protected' has 'wep', which is neither a component nor a machine of shop",
        help="did you mean 'web'?",
        severity=severity,
    )


def ran(folder: Path) -> Work:
    work = Work(find(str(folder / "models/shop")))
    for _ in run(work):
        pass
    return work


def test_a_run_warns_again_each_time_and_what_comes_after_it_refuses(tmp_path: Path) -> None:
    folder = repository(tmp_path, "wep")
    for _ in range(2):  # the second has nothing to do
        assert [each for each in ran(folder).problems if each.code == "D012"] == [problem(Severity.WARNING)]
    work = ran(folder)
    policies_of(work)  # what musa assure asks for
    assert problem(Severity.ERROR) in list(work.problems)


def test_deploy_goes_no_further(tmp_path: Path) -> None:
    done = musa("deploy", "shop", "--on", "hosts", cwd=repository(tmp_path, "wep"))
    assert done.returncode == 2
    assert "musa.yaml:3:15: error[D012]: 'runtime.protected' has 'wep'" in done.stderr


@pytest.mark.parametrize("name", ["web", "MACHINE", "ledger"])
def test_components_machines_and_those_of_other_models_may_be_protected(tmp_path: Path, name: str) -> None:
    folder = repository(tmp_path, "web")
    for _ in run(Work(find(str(folder / "models/bank")))):
        pass
    from musa_pipeline.stages import values
    from musa_pipeline.stages.known import machines_of

    machine = min(machines_of(values.plan(ran(folder))))
    repository(tmp_path, machine if name == "MACHINE" else name)
    work = ran(folder)
    check_protected(work)
    assert [str(each) for each in work.problems if each.code == "D012"] == []
