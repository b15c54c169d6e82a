"""Values of secrets go nowhere: not where a function takes them, not into findings of any form, not into what is derived."""

from pathlib import Path

from tests.command import lay_out, musa, tree

MODEL = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [musa.yaml]
topology_template:
  inputs:
    db_password: {type: string, default: ZQ1}
    pin_secret: {type: string, default: ZQ2, constraints: [{valid_values: [ZQ3]}]}
  node_templates:
    web:
      type: musa.nodes.Api
      properties: {image: {concat: [reg/x, {get_input: db_password}]}}
      capabilities: {endpoint: {properties: {port: {get_input: db_password}, protocol: {get_property: [db, root_password]}}}}
      requirements: [{uses: db}, {host: vm}]
    db: {type: tosca.nodes.DBMS, properties: {root_password: ZQ4, port: {get_input: pin_secret}}, requirements: [{host: vm}]}
    vm: {type: tosca.nodes.Compute}
"""


def test_a_function_that_takes_a_secret_is_unknown_and_never_shown(tmp_path: Path) -> None:
    for command in (
        ("run", "app.yaml"),
        ("model", "check", "--format", "json", "app.yaml"),
        ("model", "check", "--format", "sarif", "app.yaml"),
        ("model", "check", "--format", "junit", "app.yaml"),
        ("model", "convert", "--to", "camel", "app.yaml"),
        ("run", "app.yaml", "--input", "db_password=ZQ5", "--input", "pin_secret=ZQ3"),
    ):
        lay_out(tmp_path, app_yaml=MODEL, musa_yaml="")
        done = musa("-v", *command, cwd=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        assert "ZQ" not in done.stdout + done.stderr, done.stdout + done.stderr
        (tmp_path / "app.yaml").unlink()
        assert not [name for name, content in tree(tmp_path).items() if b"ZQ" in content]
        assert not [each for each in (tmp_path / ".musa").rglob("*") if each.is_file() and b"ZQ" in each.read_bytes()]
