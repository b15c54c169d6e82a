"""Time of this process grows with the model, not with its square."""

import time

import pytest

from musa_pipeline.domain.cpim import Cpim
from tests.formats.tosca.tosca_bench import read

BLOCK = """\
    vm{n}:
      type: tosca.nodes.Compute
      capabilities:
        host: {{properties: {{num_cpus: {{get_input: cpus}}, mem_size: 4 GB}}}}
    server{n}:
      type: tosca.nodes.WebServer
      requirements: [{{host: vm{n}}}]
      interfaces: {{Standard: {{create: scripts/create.sh, start: scripts/start.sh}}}}
    dbms{n}: {{type: tosca.nodes.DBMS, properties: {{port: 3306}}, requirements: [{{host: vm{n}}}]}}
    db{n}: {{type: tosca.nodes.Database, properties: {{name: shop, port: 3306}}, requirements: [{{host: dbms{n}}}]}}
    app{n}:
      type: tosca.nodes.WebApplication
      capabilities: {{app_endpoint: {{properties: {{port: 8080, protocol: https, secure: true}}}}}}
      requirements:
        - host: server{n}
        - database: {{node: db{n}, relationship: tosca.relationships.ConnectsTo}}
"""
HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  inputs: {cpus: {type: integer, default: 2}}\n  node_templates:\n"


def timed(size: int) -> tuple[float, Cpim]:
    text = HEAD + "".join(BLOCK.format(n=number) for number in range(size // 5))
    start = time.process_time()
    cpim, problems = read(text)
    took = time.process_time() - start
    assert cpim is not None
    assert list(problems) == []
    return took, cpim


def test_a_thousand_components_are_read_in_less_than_half_a_second() -> None:
    took, cpim = min((timed(1_000) for _ in range(3)), key=lambda each: each[0])
    assert (len(cpim.components), len(cpim.connections)) == (1_000, 200)
    assert took < 0.5


@pytest.mark.slow
def test_ten_thousand_components_are_read_in_less_than_six_seconds() -> None:
    took, cpim = min((timed(10_000) for _ in range(2)), key=lambda each: each[0])
    assert len(cpim.components) == 10_000
    assert took < 6
