"""Models by other people, CAMEL 2015.9, 2 and 3, are read as they stand; what is in them was counted by hand."""

import time
from pathlib import Path

import pytest

from musa_pipeline.domain.cpim import Cpim, Port, Resources
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel import looks_like_camel, read_camel
from tests.formats.camel.camel_catalogs import CATALOGS, read
from tests.support import shared

OLD = ("AmazonEC2", "Gwdg", "Scalarm")


@pytest.mark.parametrize("name", OLD)
def test_camel_2015_is_read_without_an_error(name: str) -> None:
    text = (shared("camel/camel2015") / f"{name}.camel").read_text("utf-8")
    problems = Problems()
    assert looks_like_camel(text)
    assert read_camel(text, name, catalogs=CATALOGS, problems=problems)
    assert problems.errors == 0


def test_scalarm_has_four_components_on_three_machines() -> None:
    found, problems = read((shared("camel/camel2015") / "Scalarm.camel").read_text("utf-8"))
    assert found
    assert {str(each.id): each.host and str(each.host) for each in found.components if each.type == "internal component"} == {
        "experiment-manager": "core-intensive-ubuntu-germany",
        "information-service": "core-intensive-ubuntu-germany",
        "simulation-manager": "cpu-intensive-ubuntu-germany",
        "storage-manager": "storage-intensive-ubuntu-germany",
    }
    assert len(found.connections) == 6
    assert {code for each in found.components for code in each.countries} == {"DE"}
    assert sorted({each.split("[")[1][:4] for each in problems}) == ["K030", "K041", "K042", "K050", "K053"]


YOUNG = "camel/camel3/jar55"


def young(name: str) -> tuple[Cpim, list[str]]:
    """Return a model of CAMEL 3 with those beside it, and its findings."""
    folder = shared(YOUNG)
    problems = Problems()

    def fetch(name: str, importing: str) -> tuple[str, str] | None:
        path = folder / name
        return (name, path.read_text("utf-8")) if path.is_file() else None

    text = (folder / name).read_text("utf-8")
    assert looks_like_camel(text)
    found = read_camel(text, name, catalogs=CATALOGS, problems=problems, fetch=fetch)
    assert found
    return found, [str(each) for each in problems]


def test_every_text_in_camel_2_and_3_is_read_without_an_error() -> None:
    paths = sorted(Path(shared("camel/camel3")).rglob("*.camel"))
    assert len(paths) > 15
    for path in paths:
        found, problems = read(path.read_text("utf-8"))
        assert found is not None, path
        assert found.language in ("CAMEL 2", "CAMEL 3"), path
        assert not [each for each in problems if "error[" in each], path


def test_crm_is_one_component_on_port_9494() -> None:
    found, problems = young("CRM.camel")
    (component,) = found.components
    assert (component.id, component.type, component.host, component.ports) == (
        "smart-design",
        "software",
        None,
        (Port(number=9494),),
    )
    # `(int 2` is more than two cores; gigabytes are what the model says
    assert component.resources == Resources(cores=3, memory=8192 * 1024, os="ubuntu")
    assert (component.instances, component.most_instances) == (2, 6)
    assert found.connections == ()
    assert sorted({each.split("[")[1][:4] for each in problems}) == ["K030", "K041", "K050", "K052", "K053"]


def test_full_crm_has_four_components_and_three_connections() -> None:
    found, _ = young("CRMFull.camel")
    assert [each.id for each in found.components] == ["global-my-sql", "load-balancer", "tenant-my-sql", "worker"]
    assert [(each.source, each.target, each.port.number) for each in found.connections] == [
        ("load-balancer", "worker", 1444),
        ("worker", "global-my-sql", 1212),
        ("worker", "tenant-my-sql", 1333),
    ]
    assert found.components[3].resources == Resources(memory=8192, storage=200)


def test_people_flow_keeps_what_is_coupled_together() -> None:
    found, _ = young("PeopleFlow.camel")
    assert [each.id for each in found.components] == ["hdfs-component", "hive", "spark-in-memory", "spark-on-demand"]
    assert len(found.connections) == 2
    assert found.together == (frozenset({ComponentId("hdfs-component"), ComponentId("hive")}),)


def test_scalarm_is_the_same_application_in_both_generations() -> None:
    older, _ = read((shared("camel/camel2015") / "Scalarm.camel").read_text("utf-8"))
    younger, _ = young("Scalarm.camel")
    assert older
    of_older = {each.id: each for each in older.components}
    for each in younger.components:
        same = of_older[each.id]
        machine = of_older[same.host] if same.host else same
        if each.id != "information-service":  # the older file has a slip there, which K042 tells: 1130 for 11300
            assert each.ports == same.ports
        assert each.countries == machine.countries == frozenset({"DE"})
        assert [script.operation for script in each.scripts] == [script.operation for script in same.scripts]
        assert each.resources.os == machine.resources.os == "Ubuntu"
    links = {(each.source, each.target) for each in younger.connections}
    assert links == {(each.source, each.target) for each in older.connections}
    assert len(links) == 6
    assert {each.id: (each.resources.cores, each.resources.memory, each.resources.storage) for each in younger.components} == {
        "experiment-manager": (8, 4096, 0),
        "information-service": (8, 4096, 0),
        "simulation-manager": (1, 4096, 0),
        "storage-manager": (0, 0, 1000),
    }


@pytest.mark.parametrize("name", ["serverless__Example.camel", "serverless__ExampleWithOpt.camel"])
def test_a_function_beside_software_in_the_union(name: str) -> None:
    found, _ = young(name)
    normal, function = found.components
    assert normal.resources == Resources(cores=8, memory=4096, os="Ubuntu")
    assert (normal.instances, normal.most_instances) == (2, 6)
    assert function.id == "serverless-comp"
    assert function.kind == "function"
    assert normal.countries == function.countries == frozenset({"EU"})


def test_a_large_vocabulary_is_read_in_about_a_second() -> None:
    began = time.perf_counter()
    found, _ = young("MMS.camel")
    assert found.components == ()
    assert time.perf_counter() - began < 8  # a slow machine's eight times


def test_catalogues_of_controls_and_places_are_understood() -> None:
    for name in ("security.camel", "location.camel", "metric.camel", "unit.camel", "type.camel"):
        found, problems = young(name)
        assert found.components == ()
        assert {each.split("[")[1][:4] for each in problems} <= {"K012", "K047"}, problems
