"""`musa export` and `musa report`: what is written where, what is told, and what happens to documents that do not fit together."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.stages.export import LANGUAGES, export, of_document
from tests.command import musa
from tests.support import ROOT

SLA = ROOT / "sla/shop"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """The shop's SLA with its members, to be spoilt."""
    shutil.copytree(SLA, tmp_path / "shop")
    return tmp_path / "shop/sla.xml"


def test_a_document_is_written_in_every_language_that_needs_no_model(documents: Path) -> None:
    subject = of_document(documents, "sla.xml", Problems())
    read: dict[str, Callable[[bytes], object]] = {
        "yaml": lambda data: list(yaml.safe_load_all(data)),
        "json": json.loads,
        "html": str,
        "md": str,
    }
    for name, language in LANGUAGES.items():
        if not language.model:
            assert read[language.ending](export(subject, name).data), name


def test_what_needs_the_model_says_so(documents: Path) -> None:
    subject = of_document(documents, "sla.xml", Problems())
    for name, language in LANGUAGES.items():
        if language.model:
            with pytest.raises(UsageWrong, match="needs more than an SLA document says"):
                export(subject, name)


def test_a_member_that_is_not_there_is_left_out_and_told(documents: Path) -> None:
    (documents.parent / "sla/web.xml").unlink()
    problems = Problems()
    subject = of_document(documents, "sla.xml", problems)
    assert [str(each.component) for each in subject.parts] == ["orders"]
    told = [each for each in problems if each.code == "X018"]
    assert [each.severity for each in told] == [Severity.WARNING]
    assert "'web' is not there, and is left out: 'sla/web.xml'" in told[0].text


def test_a_member_that_is_another_document_stops_it(documents: Path) -> None:
    member = documents.parent / "sla/web.xml"
    member.write_bytes(member.read_bytes() + b"<!-- -->")
    with pytest.raises(FilesWrong) as stopped:
        of_document(documents, "sla.xml", Problems())
    assert [each.code for each in stopped.value.problems if each.severity is Severity.ERROR] == ["A009"]


@pytest.mark.parametrize("where", ["../../etc/passwd", "/etc/passwd"])
def test_a_member_outside_of_the_folder_is_not_read(documents: Path, where: str) -> None:
    documents.write_text(documents.read_text().replace("sla/web.xml", where))
    with pytest.raises(FilesWrong) as stopped:
        of_document(documents, "sla.xml", Problems())
    assert [each.code for each in stopped.value.problems if each.severity is Severity.ERROR] == ["X018"]


def test_a_template_promises_nothing(documents: Path) -> None:
    with pytest.raises(UsageWrong, match="is a template"):
        of_document(documents.parent / "slat/web.xml", "slat/web.xml", Problems())


def test_a_file_that_is_another_is_kept_and_the_same_one_is_no_matter(documents: Path, tmp_path: Path) -> None:
    target = tmp_path / "rules.yaml"
    first = musa("export", documents, "--to", "prometheus", "-o", target)
    assert (first.returncode, first.stdout) == (0, f"written  {target}\n")
    assert re.fullmatch(r"not said in prometheus: \d+ controls that are promised without a figure\n", first.stderr)
    assert musa("export", documents, "--to", "prometheus", "-o", target).returncode == 0
    assert musa("export", documents, "--to", "prometheus", "-o", tmp_path).stdout == f"written  {tmp_path}/shop.prometheus.yaml\n"
    assert (tmp_path / "shop.prometheus.yaml").read_bytes() == target.read_bytes()
    target.write_text("mine")
    kept = musa("export", documents, "--to", "prometheus", "-o", target)
    assert (kept.returncode, target.read_text()) == (2, "mine")
    assert "is there already, and is another document" in kept.stderr
    musa("export", documents, "--to", "prometheus", "-o", f"{tmp_path}/new/")
    musa("export", documents, "--to", "html", "-o", f"{tmp_path}/new/")
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["shop.html", "shop.prometheus.yaml"]


def test_a_report_lies_beside_the_sla_and_is_the_same_again(tmp_path: Path) -> None:
    first, second = (musa("report", "models/shop", "-o", tmp_path) for _ in range(2))
    path = tmp_path / "sla/shop/report.html"
    assert [each.returncode for each in (first, second)] == [0, 0]
    assert [each.stdout.split() for each in (first, second)] == [["written", str(path)], ["unchanged", str(path)]]
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_a_report_writes_over_nothing_else_unless_it_is_told_to(tmp_path: Path) -> None:
    mine = tmp_path / "shop.yaml"
    mine.write_text("mine")
    kept = musa("report", "models/shop", "-o", tmp_path, "--to", mine)
    assert (kept.returncode, mine.read_text()) == (2, "mine")
    assert musa("report", "models/shop", "-o", tmp_path, "--to", mine, "--force").returncode == 0
    assert mine.read_text().startswith("<!DOCTYPE html>")
