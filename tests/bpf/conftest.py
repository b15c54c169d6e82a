"""The library of programs, built once for all tests of a worker; and whether this machine can run them at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from musa_pipeline.kernel.facts import Library
from musa_pipeline.kernel.libbpf import missing
from musa_pipeline.stages.programs import make_library
from tests.bpf.nets import Wire, wire
from tests.support import ROOT, lacking, need, need_root


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    need_root()
    need("clang", "ip", "bpftool")
    if why := missing():
        lacking(why)
    folder = tmp_path_factory.mktemp("programs")
    make_library(folder, ROOT)
    return Library(folder)


@pytest.fixture
def net(library: Library) -> Iterator[Wire]:
    with wire() as made:
        yield made


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "eth0.json"
