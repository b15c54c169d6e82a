"""Real service templates by other people: all are read, none crashes, and what is found in them stays what it is."""

import os.path
from collections import Counter
from pathlib import Path

import pytest

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca import looks_like_tosca, read_tosca
from tests.formats.tosca.test_tosca_fuzz import sound
from tests.formats.tosca.tosca_bench import CATALOGS
from tests.support import shared

FILES = {
    "openstack__tosca-parser/samples/tests/data/tosca_elk.yaml": (14, 5),
    "xlab-si__xopera-examples/cloud/platform-connection/aws-azure-connection/aws-azure/service.yaml": (11, 6),
    "indigo-dc__tosca-types/examples/mesos_cluster_aws.yaml": (6, 0),
    "SODALITE-EU__iac-management/use-cases/snow-uc/snow-demo/service.yaml": (17, 25),
    "micado-scale__tosca/ADT/outlandish.yaml": (4, 0),
    "SeaCloudsEU__SeaCloudsPlatform/planner/core/src/test/resources/softcare/iaas/softcare_dam-iaas.yml": (15, 4),
    "di-unipi-socc__TosKer/data/examples/sockshop-app/sockshop/sockshop.yaml": (20, 14),
    "radon-h2020__radon-particles/servicetemplates/radon.blueprints/ServerlessToDoListAPI/ServiceTemplate.tosca": (7, 10),
    "oasis-open__tosca-community-contributions/examples/1.3/tutorial/requirements-and-capabilities.yaml": (14, 12),
}
"""Each with its components and connections."""


def read_real(path: Path) -> tuple[Cpim | None, Problems]:
    problems = Problems()

    def fetch(name: str, importer: str) -> tuple[str, str] | None:
        file = os.path.normpath(Path(importer).parent / name)
        return (file, Path(file).read_text()) if Path(file).is_file() else None

    return read_tosca(path.read_text(), str(path), fetch=fetch, catalogs=CATALOGS, problems=problems), problems


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_real_model_is_read_whole(name: str) -> None:
    path = shared("tosca") / name
    cpim, problems = read_real(path)
    assert cpim is not None
    sound(cpim)
    assert (len(cpim.components), len(cpim.connections)) == FILES[name]
    if "radon" not in name:  # its types lie in a repository layout that the file does not name
        assert [str(each) for each in problems if each.severity == "error"] == []


def test_every_file_is_read_or_refused_without_a_crash() -> None:
    count: Counter[str] = Counter()
    for path in sorted(shared("tosca").rglob("*")):
        if path.suffix in {".yaml", ".yml", ".tosca"}:
            cpim, problems = read_real(path)
            sound(cpim)
            count["models" if cpim else "type libraries"] += 1
            assert looks_like_tosca(path.read_text())
            if cpim is None:
                assert "T005" in [each.code for each in problems]
    assert count == {"models": len(FILES), "type libraries": 41}


def test_secrets_in_real_models_are_found_and_not_repeated() -> None:
    found = {}
    for name in FILES:
        _, problems = read_real(shared("tosca") / name)
        told = [each for each in problems if each.code == "T031"]
        assert not any("pass123" in each.text + each.help or "s3cret" in each.text + each.help for each in problems)
        if told:
            found[name.partition("__")[0]] = len(told)
    assert found == {"SeaCloudsEU": 4, "di-unipi-socc": 1, "indigo-dc": 4, "micado-scale": 3}


def test_images_and_scripts_of_real_models_are_known() -> None:
    cpim, _ = read_real(shared("tosca") / "di-unipi-socc__TosKer/data/examples/sockshop-app/sockshop/sockshop.yaml")
    assert cpim is not None
    components = {str(each.id): each for each in cpim.components}
    assert components["orders-db"].image == "mongo"
    assert [each.operation for each in components["user"].scripts] == ["create", "start", "stop", "delete"]
    assert components["user"].host == "user-go"
