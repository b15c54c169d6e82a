"""The gate: what fails is told at its place, what somebody answers for passes until its last day, and nothing is written."""

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from musa_pipeline.cli.main import musa as command
from musa_pipeline.domain.errors import UsageWrong
from tests.command import lay_out, musa, tree
from tests.formats.signature.desk import key_of, pem, private_pem
from tests.support import ROOT

NOW = ("--as-of", "2026-11-22")
TERM = "owner: Jane, reason: later, since: 2026-11-01, expires: 2026-12-15"


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository as `musa init` lays it out, derived and without the memory of the run, as a pipeline checks it out."""
    folder = tmp_path_factory.mktemp("laid") / "shop"
    assert CliRunner().invoke(command, ["init", str(folder)]).exit_code == 0
    assert CliRunner().invoke(command, ["run", str(folder / "models/shop")]).exit_code == 0
    shutil.rmtree(folder / ".musa")
    return folder


@pytest.fixture
def shop(laid_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(laid_out, folder)
    monkeypatch.chdir(folder)
    return folder


def check(*arguments: str) -> Result:
    """Run the command in this process; what it returns is its exit code."""
    return CliRunner().invoke(command, ["--color", "never", "check", *NOW, *arguments], standalone_mode=False)


def found(*arguments: str) -> list[dict[str, Any]]:
    """Return the findings as a program gets them; they obey their schema."""
    document = json.loads(check("--format", "json", *arguments).stdout)
    schema = json.loads((ROOT / "catalogs/schemas/findings.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    return list(document["findings"])


def failing(*arguments: str) -> list[str]:
    return [f"{each['key']}" for each in found(*arguments) if each["severity"] == "error"]


def decide(shop: Path, text: str) -> None:
    (shop / "models/shop/decisions.yaml").write_text(text)


def test_what_is_laid_out_passes_and_not_a_byte_is_written(shop: Path) -> None:
    before = tree(shop)
    done = check()
    assert done.return_value == 0, done.output
    assert done.output.splitlines()[-1].startswith("passed: 1 model checked, ")
    assert tree(shop) == before and not (shop / ".musa").exists()


def test_every_missing_control_is_told_where_the_model_has_its_component(shop: Path) -> None:
    told = {each["key"]: each for each in found("--fail-on", "missing")}
    gaps = [each for each in json.loads((shop / "sla/shop/gaps.json").read_text())["gaps"] if "control" in each]
    assert {key for key in told if "J00" in key} == {f"shop: J001 {each['component']} {each['control']}" for each in gaps}
    first = told[f"shop: J001 {gaps[0]['component']} {gaps[0]['control']}"]
    line = (shop / "models/shop/shop.yaml").read_text().splitlines()[first["line"] - 1]
    assert first["file"] == "models/shop/shop.yaml" and line.strip() == f"{gaps[0]['component']}:"
    assert gaps[0]["reason"] in first["message"] and f"musa explain shop {gaps[0]['component']}" in first["help"]
    assert check("--fail-on", "missing").return_value == 1


def test_a_control_that_the_model_asks_for_is_told_at_the_words_that_ask(shop: Path) -> None:
    model = shop / "models/shop/shop.yaml"
    wanted = "    - wanted: {type: musa.policies.SecurityRequirement, targets: [orders], properties: {controls: [PE-3, SC-8]}}\n"
    model.write_text(model.read_text() + wanted)
    told = [each for each in found("--fail-on", "mandatory") if each["code"] == "J002"]
    assert [each["key"] for each in told] == ["shop: J002 orders SC-8"]
    assert told[0]["line"] == len(model.read_text().splitlines())


def test_decisions_cover_until_their_last_day_and_fail_after_it(shop: Path) -> None:
    (shop / "musa.yaml").write_text("risk: {appetite: low}\n")
    risks = [each for each in failing() if " J003 " in each]
    risk = risks[0].rpartition(" ")[2]
    gap = next(each for each in failing() if " J001 orders " in each).rpartition(" ")[2]
    decide(shop, f"accepted: [{{risk: {risk}, {TERM}}}]\nwaivers: [{{component: orders, control: {gap}, {TERM}}}]\n")
    left = failing()
    assert f"shop: J003 {risk}" not in left and f"shop: J001 orders {gap}" not in left
    soon = [each for each in found() if each["code"] == "L015"]
    assert [each["severity"] for each in soon] == ["warning", "warning"] and "in 23 days, on 2026-12-15" in soon[0]["message"]
    assert not any("L014" in each for each in failing("--as-of", "2026-12-15"))
    early = found("--as-of", "2026-10-30")
    assert [each["message"].rpartition(", on ")[2] for each in early if each["code"] == "L016"] == [
        "2026-11-01: it covers nothing yet"
    ] * 2
    assert f"shop: J003 {risk}" in [each["key"] for each in early]
    late = [each for each in found("--as-of", "2026-12-16") if each["code"] == "L014"]
    assert [each["message"] for each in late] == [
        f"the decision on the risk {risk!r} expired 1 day ago, on 2026-12-15",
        f"the decision on the waiver of {gap} at orders expired 1 day ago, on 2026-12-15",
    ]
    assert {(each["severity"], each["file"], each["line"]) for each in late} == {
        ("error", "models/shop/decisions.yaml", 1),
        ("error", "models/shop/decisions.yaml", 2),
    }
    assert f"shop: J003 {risk}" in failing("--as-of", "2026-12-16")


def test_a_decision_about_nothing_is_told(shop: Path) -> None:
    decide(shop, f"accepted: [{{risk: vm/injection, {TERM}}}]\nwaivers: [{{component: orders, control: PE-3, {TERM}}}]\n")
    assert sorted(each["message"] for each in found() if each["code"] == "L013") == [
        "the risk 'vm/injection' is decided, but the model has no such risk any more",
        "the waiver of PE-3 at orders is decided, but the control is not missing there",
    ]
    assert len(failing("--fail-on", "gone")) == 2 and not failing("--fail-on", "expired")


def test_what_is_proposed_to_be_pasted_is_a_decision_that_lacks_only_who_and_why(shop: Path) -> None:
    told = check("--fail-on", "missing").output
    lines = told.partition("decisions.yaml, with who")[2].splitlines()[1:8]
    text = "\n".join(each.removeprefix("  ") for each in lines) + "\n"
    decide(shop, text)
    assert sorted(each["message"] for each in found()) == ["this waiver has no 'owner'", "this waiver has no 'reason'"]
    decide(shop, text.replace("owner:", "owner: Jane").replace("reason:", "reason: later, with the move"))
    gaps = [each for each in json.loads((shop / "sla/shop/gaps.json").read_text())["gaps"] if "control" in each]
    assert len([each for each in found() if each["code"] == "J001"]) == len(gaps) - 1


def test_documents_that_are_missing_edited_or_left_over_are_told_at_their_first_line_that_differs(shop: Path) -> None:
    edited, old = shop / "sla/shop/gaps.json", shop / "sla/shop/sla/gone.xml"
    lines = edited.read_text().splitlines(keepends=True)
    edited.write_text("".join([*lines[:6], lines[6].replace("\n", " \n"), *lines[7:]]))
    (shop / "playbooks/plans/shop/site.yml").unlink()
    old.write_text("<x/>")
    stale = {(each["code"], each["file"], each["line"]) for each in found() if each["severity"] == "error"}
    assert stale == {
        ("J006", "playbooks/plans/shop/site.yml", 1),
        ("J007", "sla/shop/gaps.json", 7),
        ("J008", "sla/shop/sla/gone.xml", 1),
    }
    shutil.rmtree(shop / "sla")
    shutil.rmtree(shop / "playbooks")
    assert failing() == ["shop: J006 sla/shop"]


def test_a_broken_model_hides_nothing_of_another(shop: Path) -> None:
    lay_out(shop, models__broken__broken_yaml="tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: [\n")
    lay_out(
        shop,
        models__two__a_yaml=(shop / "models/shop/shop.yaml").read_text(),
        models__two__b_yaml=(shop / "models/shop/shop.yaml").read_text(),
    )
    decide(shop, "waivers: [{}]\n")
    (shop / "models/good").mkdir()
    shutil.copy(shop / "models/shop/shop.yaml", shop / "models/good/good.yaml")
    done = check("--fail-on", "missing")
    assert done.return_value == 2
    assert re.findall(r"^(\S+) .*(?:cannot be judged|promised)", done.output, re.MULTILINE) == [
        "broken",
        "good",
        "shop",
        "models/two",
    ]
    assert "error[Y001]" in done.output and "has several models" in done.output
    assert "this waiver has no 'control'" in done.output and "error[J001]" in done.output


def test_a_model_that_became_empty_is_no_way_past_the_gate(shop: Path) -> None:
    (shop / "models/good").mkdir()
    shutil.copy(shop / "models/shop/shop.yaml", shop / "models/good/good.yaml")
    (shop / "models/shop/shop.yaml").write_text("")
    done = check("--fail-on", "expired")
    assert (done.return_value, "there is no model here, but sla/shop/sla.xml" in done.output) == (2, True)
    shutil.rmtree(shop / "sla/shop")
    assert "there is no model here, but answers.yaml" in check("--fail-on", "expired").output


def test_a_report_is_written_over_a_report_and_over_nothing_else(shop: Path) -> None:
    for form in ("json", "sarif", "junit", "github", "gitlab"):
        for _ in range(2):
            check("--report", f"{form}=found")
        before = (shop / "found").read_bytes()
        assert before
    for slip in ("models/shop/shop.yaml", "models/shop/answers.yaml", "musa.yaml", "sla/shop/sla.xml", "sla/shop/residual.json"):
        was = (shop / slip).read_bytes()
        told = check("--report", f"sarif={slip}").exception
        assert isinstance(told, UsageWrong) and "no report of a check" in told.text
        assert (shop / slip).read_bytes() == was


def test_a_baseline_lets_only_what_is_new_fail(shop: Path) -> None:
    assert check("--fail-on", "missing", "--write-baseline", "known.json").return_value == 0
    assert json.loads((shop / "known.json").read_text())["known"] == sorted(
        json.loads((shop / "known.json").read_text())["known"]
    )
    model = shop / "models/shop/shop.yaml"
    model.write_text("# lines move\n\n" + model.read_text())
    new = ("--baseline", "known.json", "--fail-on", "missing", "--fail-on", "new")
    assert {each.split()[1] for each in failing(*new)} == {"J007"}  # places are in the documents, so they are out of date
    assert musa("run", "shop", cwd=shop).returncode == 0
    assert failing(*new) == []
    assert " known" in check(*new).output
    model.write_text(
        model.read_text().replace(
            "    vm:\n", "    more:\n      type: musa.nodes.Database\n      requirements: [{host: vm}]\n    vm:\n"
        )
    )
    assert {each.split()[2] for each in failing(*new) if " J001 " in each} >= {"more"}
    assert not [each for each in failing(*new) if " J001 orders" in each]


def test_a_baseline_that_is_none_and_new_without_one_are_told() -> None:
    assert isinstance(check("--baseline", "nowhere.json").exception, UsageWrong)
    assert str(check("--fail-on", "new", "shop").exception) == "the condition 'new' needs a baseline"


def test_coverage_and_numbers_fail_once_with_the_condition(shop: Path) -> None:
    assert failing("--fail-on", "coverage < 10 %", "--fail-on", "missing > 1000") == []
    told = found("--fail-on", "coverage < 95 %", "--fail-on", "unanswered > 2")
    assert [each["code"] for each in told if each["severity"] == "error"] == ["J012", "J012"]
    assert any("the condition is 'coverage < 95 %'" in each["help"] for each in told)
    assert {
        each["code"]
        for each in found("--fail-on", "risk >= critical", "--fail-on", "residual > low")
        if each["severity"] == "error"
    } == {"J005"}


def test_annotations_of_github_and_code_quality_of_gitlab(shop: Path) -> None:
    lines = check("--format", "github", "--fail-on", "missing").output.splitlines()
    assert all(
        re.match(r"::(error|warning|notice) file=[^:]+,line=\d+,col=\d+,endColumn=\d+,title=musa [A-Z]\d{3}::\S", each)
        for each in lines
    )
    assert lines[0].startswith("::error file=models/shop/shop.yaml,line=")
    issues = json.loads(check("--format", "gitlab").stdout)
    assert len({each["fingerprint"] for each in issues}) == len(issues) > 0
    assert all(each["location"]["lines"]["begin"] > 0 and each["severity"] in ("major", "minor", "info") for each in issues)
    assert not Path(issues[0]["location"]["path"]).is_absolute()


def test_the_jobs_that_are_laid_down_are_yaml_and_what_they_run_works(shop: Path, tmp_path: Path) -> None:
    github = yaml.safe_load((shop / ".github/workflows/musa.yml").read_text())
    gitlab_at = tmp_path / "other"
    assert CliRunner().invoke(command, ["init", str(gitlab_at), "--ci", "gitlab"]).exit_code == 0
    gitlab = yaml.safe_load((gitlab_at / ".gitlab-ci.yml").read_text())
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    commands = [each["run"] for each in github["jobs"]["check"]["steps"] if "run" in each]
    commands += [*gitlab["musa"]["script"], *(each["entry"] for each in hooks)]
    commands += re.findall(r"(?:run: |- )(musa check .+)", (ROOT / "docs/check.md").read_text())
    ours = [each.split()[1:] for each in commands if each.startswith("musa ")]
    assert len(ours) == 6
    for each in ours:
        done = CliRunner().invoke(command, each, standalone_mode=False)
        assert done.return_value == 0, (each, done.output, done.exception)
    assert {path.name for path in shop.glob("*.*")} >= set(gitlab["musa"]["artifacts"]["reports"].values())
    page = (ROOT / "docs/check.md").read_text()
    assert all(yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))


def test_the_day_is_todays_without_the_flag(shop: Path) -> None:
    decide(shop, f"waivers: [{{control: SC-8, {TERM.replace('2026-', '2001-')}}}]\n")
    assert "L014" in CliRunner().invoke(command, ["check"]).output
    assert date.today().year > 2001


def test_two_models_of_one_name_are_told_and_one_named_twice_is_judged_once(shop: Path) -> None:
    shutil.copytree(shop / "models/shop", shop / "models/old/shop")
    done = check()
    assert done.return_value == 2
    assert "error[J013]: this model is called 'shop', as models/old/shop/shop.yaml is" in done.output
    assert check("shop", "models/shop", "models/shop/shop.yaml").output.count("models/shop/shop.yaml  ") == 1


def test_a_file_that_is_no_baseline_is_neither_read_nor_written_over(shop: Path) -> None:
    before = (shop / "musa.yaml").read_bytes()
    assert str(check("--write-baseline", "musa.yaml").exception) == "'musa.yaml' is no baseline of this version"
    assert (shop / "musa.yaml").read_bytes() == before


def test_a_state_is_shown_with_owner_and_last_day_and_no_day_that_passes_changes_a_document(shop: Path) -> None:
    (shop / "musa.yaml").write_text("risk: {appetite: low}\n")
    risk = next(each for each in failing() if " J003 " in each).rpartition(" ")[2]
    decide(shop, f"transferred: [{{risk: {risk}, to: the insurer, {TERM}}}]\n")
    told = CliRunner().invoke(command, ["--color", "never", "risk", "shop", "--residual"], standalone_mode=False)
    assert re.findall(r"transferred until 2026-12-15 by Jane", told.output) == ["transferred until 2026-12-15 by Jane"]
    left = json.loads((shop / "sla/shop/residual.json").read_text())["risks"]
    assert [(each["state"], each["owner"], each["expires"]) for each in left if "owner" in each] == [
        ("transferred", "Jane", "2026-12-15")
    ]
    CliRunner().invoke(command, ["run", "shop"], standalone_mode=False)
    assert not [each for each in failing("--as-of", "2030-01-01") if " J00" in each and "J001" not in each and "J003" not in each]


def test_of_a_link_that_leads_out_nothing_is_shown(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("not for your eyes")
    (shop / "models/shop/decisions.yaml").symlink_to(tmp_path / "theirs")
    done = check()
    assert done.return_value == 2
    assert "error[W007]" in done.output and "eyes" not in done.output


def test_a_service_level_that_nobody_can_measure_is_told(shop: Path) -> None:
    answers = shop / "models/shop/answers.yaml"
    answers.write_text(answers.read_text().replace("  orders:\n", "  orders:\n    slos: {asset-inventory-enabled: yes}\n", 1))
    told = [each for each in found("--fail-on", "unmeasured") if each["severity"] == "error"]
    assert [(each["key"], each["file"]) for each in told] == [
        ("shop: J009 orders asset-inventory-enabled", "models/shop/answers.yaml")
    ]
    assert "asset-inventory-enabled" in answers.read_text().splitlines()[told[0]["line"] - 1]


def test_a_signed_agreement_that_was_changed_fails_and_is_never_known(shop: Path) -> None:
    lay_out(shop, musa_yaml="trust: [desk.pub]\ncheck: {fail_on: unverified}\n")
    (shop / "desk.pem").write_bytes(private_pem("Ed25519"))
    (shop / "desk.pub").write_bytes(pem(key_of("Ed25519").public_key()))
    assert [each["file"] for each in found() if each["severity"] == "error"] == ["sla/shop/sla.xml"]
    assert musa("sign", "shop", "--key", "desk.pem", cwd=shop).returncode == 0
    assert failing() == []
    signed = shop / "sla/shop/signed/sla.xml"
    signed.write_text(signed.read_text().replace("99.5", "99.9", 1).replace("SC-5", "SC-7", 1))
    assert check("--write-baseline", "known.json").return_value == 1
    told = [each for each in found("--baseline", "known.json") if each["severity"] == "error"]
    assert any("changed after it was signed" in each["message"] for each in told)
    assert {each["file"] for each in told} == {"sla/shop/signed/sla.xml"}


def test_a_broken_catalog_is_told_though_the_first_model_is_broken_before_it_is_read(shop: Path) -> None:
    lay_out(shop, catalogs__threats__mine_yaml="id: mine\nnonsense: [\n", models__a__a_yaml="topology_template: [\n")
    (shop / "musa.yaml").unlink()
    (shop / ".git").mkdir()
    assert "catalogs/threats/mine.yaml:" in check("models/a/a.yaml", "shop").output
