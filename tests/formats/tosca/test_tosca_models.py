"""Our own TOSCA models, with the catalogs as they are shipped, have nothing wrong in them, nor have their answers."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.answers import read_answers
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.formats.tosca import looks_like_tosca, read_tosca
from tests.formats.tosca.test_tosca_fuzz import sound
from tests.support import ROOT, lacking

MODELS = sorted(each for each in (ROOT / "models").glob("*/*.yaml") if looks_like_tosca(each.read_text()))


@pytest.fixture(scope="module")
def catalogs() -> Catalogs:
    problems = Problems()
    files = sorted(each for each in (ROOT / "catalogs").glob("*/*") if each.suffix in {".yaml", ".json"})
    texts = {each.relative_to(ROOT).as_posix(): each.read_text() for each in files if each.parent.name != "schemas"}
    found = read_catalogs(texts, problems)
    assert [str(each) for each in problems if each.severity == "error"] == []
    return found


@pytest.mark.parametrize("path", MODELS, ids=lambda each: each.stem)
def test_a_shipped_model_and_its_answers_have_nothing_wrong_in_them(path: Path, catalogs: Catalogs) -> None:
    problems = Problems()

    def fetch(name: str, importer: str) -> tuple[str, str] | None:
        types = ROOT / "catalogs/tosca" / name
        return (f"catalogs/tosca/{name}", types.read_text()) if types.is_file() else None

    cpim = read_tosca(
        path.read_text(), path.relative_to(ROOT).as_posix(), fetch=fetch, catalogs=catalogs, problems=problems
    )  # fmt: skip
    assert cpim is not None
    sound(cpim)
    answers = path.parent / "answers.yaml"
    read_answers(answers.read_text(), "answers.yaml", cpim=cpim, catalogs=catalogs, problems=problems)
    assert [str(each) for each in problems if each.code != "T073"] == []
    for component in cpim.components:
        for script in component.scripts:
            assert (path.parent / script.run).is_file()


def test_every_type_of_ours_says_a_kind_that_the_catalog_has(catalogs: Catalogs) -> None:
    types = (ROOT / "catalogs/tosca/musa.yaml").read_text()
    said = [line.partition("default: ")[2].rstrip("} ") for line in types.splitlines() if "kind: {type: string, default:" in line]
    assert len(said) == 21
    assert set(said) <= set(catalogs.kind)


@pytest.mark.parametrize("path", MODELS, ids=lambda each: each.stem)
def test_another_parser_accepts_our_models_and_types(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not importlib.util.find_spec("toscaparser"):
        lacking("tosca-parser is not installed")
    from toscaparser.tosca_template import ToscaTemplate

    shutil.copytree(path.parent, tmp_path, dirs_exist_ok=True)
    shutil.copy(ROOT / "catalogs/tosca/musa.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    accepted = ToscaTemplate(str(tmp_path / path.name))
    assert len(accepted.nodetemplates) == {"shop": 3, "flight-scheduling": 14}[path.stem]
