"""Answers that were put beside the wrong model are told once, with the model they fit."""

import shutil
from pathlib import Path

import pytest

from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.stages import pipeline
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.support import ROOT


def repository(folder: Path, *models: str) -> Path:
    (folder / "musa.yaml").touch()
    for each in models:
        shutil.copytree(ROOT / "models" / each, folder / "models" / each)
    shutil.copy(ROOT / "models/smart-mobility/answers.yaml", folder / "models/shop/answers.yaml")
    return folder / "models/shop"


@pytest.mark.parametrize(
    ("others", "way_out"),
    [
        (("smart-mobility",), "they fit 'smart-mobility': put the file beside that model"),
        ((), "name components that `musa model` shows"),
    ],
)
def test_answers_of_another_model_are_one_finding(tmp_path: Path, others: tuple[str, ...], way_out: str) -> None:
    work = Work(find(str(repository(tmp_path, "shop", *others))))
    with pytest.raises(FilesWrong) as wrong:
        list(pipeline.run(work, "read"))
    (told,) = wrong.value.problems
    first = (tmp_path / "models/shop/answers.yaml").read_text().splitlines().index("  tsm-engine:") + 1
    assert (told.code, told.at.line, told.help) == ("Q017", first, way_out)


def test_a_broken_model_beside_it_is_no_finding_about_the_answers(tmp_path: Path) -> None:
    folder = repository(tmp_path, "shop")
    (tmp_path / "models/broken").mkdir()
    (tmp_path / "models/broken/broken.yaml").write_text("tosca_definitions_version: [\n")
    (tmp_path / "models/empty").mkdir()
    with pytest.raises(FilesWrong) as wrong:
        list(pipeline.run(Work(find(str(folder))), "read"))
    assert [each.code for each in wrong.value.problems] == ["Q017"]
