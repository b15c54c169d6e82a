"""Composition models of others on our road, and ours for other tools: what people type and what they get."""

from pathlib import Path

from tests.command import lay_out, musa

LENDING = """CREATE
  (reader:Party:Human {component_id: '1', name: 'Reader', type: 'Party.Human', application: 'Lending'}),
  (cloud:CSP {component_id: '2', name: 'Cloud', type: 'CSP'}),
  (vm:Virtual:VM {component_id: '3', name: 'Machine', type: 'Virtual.VM'}),
  (os:SystemLayer:OS {component_id: '4', name: 'System', type: 'SystemLayer.OS'}),
  (desk:Service:Server {component_id: '5', name: 'Desk', type: 'Service.Web'}),
  (loans:Service:Server {component_id: '6', name: 'Loans', type: 'Service.DB'}),
  (cloud)-[:provides]->(vm), (vm)-[:hosts]->(os), (os)-[:hosts]->(desk), (os)-[:hosts]->(loans),
  (desk)-[:uses {application_protocol: 'HTTPS'}]->(loans), (reader)-[:interacts]->(desk);
"""


def test_a_composition_model_goes_the_whole_road_and_is_handed_on_with_what_was_chosen(tmp_path: Path) -> None:
    lay_out(tmp_path, musa_yaml="")
    (tmp_path / "lending.macm").write_text(LENDING)
    ran = musa("run", "lending.macm", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "sla/lending/sla.xml").is_file()
    told = musa("export", "lending.macm", "--to", "macm", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "(sla_desk:SLA " in told.stdout and "-[:protects]->(desk)" in told.stdout and "musa_assumed: true" in told.stdout
    assert "'Provider'" not in told.stdout  # one was chosen
    (tmp_path / "again.macm").write_text(told.stdout)
    checked = musa("model", "check", "again.macm", cwd=tmp_path)
    assert (checked.returncode, "warning" in checked.stderr + checked.stdout) == (0, False)
    plain = musa("export", "lending.macm", "--to", "macm-plain", cwd=tmp_path)
    assert "musa_" not in plain.stdout and "not said in macm-plain" in plain.stderr


def test_nothing_of_a_model_is_lost_in_a_composition_model() -> None:
    done = musa("model", "convert", "flight-scheduling", "--to", "macm")
    assert (done.returncode, "it says the same" in done.stderr) == (0, True), done.stderr
    assert done.stdout.startswith("// Application composition model (MACM) of 'flight-scheduling'.")


def test_mistakes_of_a_composition_model_are_told_with_place_and_way_out_and_nothing_is_written(tmp_path: Path) -> None:
    lay_out(tmp_path, musa_yaml="")
    (tmp_path / "lending.macm").write_text(LENDING.replace("->(loans)", "->(lons)").replace("'Desk'", "'Desk\x1b[31m'"))
    found = musa("run", "lending.macm", cwd=tmp_path)
    assert found.returncode == 2
    assert "lending.macm:8:90: error[H006]: a relation leads to 'lons', which the file does not create" in found.stderr
    assert "did you mean 'loans'?" in found.stderr
    assert "\x1b[31m" not in found.stderr + found.stdout
    assert not (tmp_path / "sla").exists()
