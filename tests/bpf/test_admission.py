"""What is admitted to the library: sources that compile, pairs that say the same, programs that the kernel's verifier takes."""

import json
from pathlib import Path

import pytest

from musa_pipeline.domain.problems import Problem, Problems
from musa_pipeline.formats.bpf import write_facts
from musa_pipeline.kernel.facts import Library, read_facts
from musa_pipeline.kernel.libbpf import KernelRefused
from musa_pipeline.kernel.program import Program
from musa_pipeline.kernel.structures import try_packet
from musa_pipeline.runners.bpf import PACKETS, compile_program, digest_of
from musa_pipeline.stages.programs import build_programs, read_programs, write_library
from tests.command import musa
from tests.support import ROOT

YAML = """\
id: mine
title: A program of a test
scope: monitor
hook: xdp
entry: musa_mine
order: 50
cost: low
needs: {btf: true}
parameters:
  step: {type: int, range: [1, 9], default: 3, help: how much is added for a packet}
maps:
  seen: {key: none, value: {packets: {unit: packets, emits: test.packets}}}
"""
CODE = """\
#include "chain.h"
struct { number(type, 2); number(max_entries, 1); kind(key, __u32); kind(value, __u64); } seen SEC(".maps");
const volatile __u32 step = 1;
SEC("xdp") int musa_mine(struct xdp_md *context)
{
	__u32 first = 0;
	__u64 *count = map_find(&seen, &first);

	if (count)
		*count += step;
	return go_on(context);
}
char LICENSE[] SEC("license") = "Apache-2.0";
"""


def project(folder: Path, said: str = YAML, code: str = CODE) -> Path:
    (folder / "bpf").mkdir(parents=True)
    (folder / "bpf/include").symlink_to(ROOT / "bpf/include")
    (folder / "musa.yaml").touch()
    (folder / "bpf/mine.yaml").write_text(said)
    (folder / "bpf/mine.bpf.c").write_text(code)
    return folder


def found(folder: Path) -> list[Problem]:
    problems = Problems()
    build_programs(problems, folder, folder / ".musa/bpf")
    return list(problems)


def test_a_pair_of_ones_own_is_built_beside_the_shipped_ones_and_its_constant_is_set(library: Library, tmp_path: Path) -> None:
    problems = Problems()
    built = build_programs(problems, project(tmp_path))
    assert [each.program.id for each in built] == ["interface-counters", "mine", "source-counters", "source-drop"]
    assert not list(problems)
    (mine,) = (each for each in built if each.program.id == "mine")
    assert mine.admitted and mine.admitted.instructions > 0
    for parameters, expected in (({}, 12), ({"step": 7}, 28)):
        with Program(read_facts(mine.facts), mine.code, parameters) as loaded:
            for _ in range(4):
                assert try_packet(loaded.descriptor, PACKETS["a UDP datagram"])[0] == 2
            assert list(loaded.maps["seen"].rows()) == [(bytes(4), {"packets": expected})]


def test_what_the_verifier_refuses_is_refused_with_its_log(library: Library, tmp_path: Path) -> None:
    bold = CODE.replace("return go_on(context);", "return *((__u8 *)(long)context->data + 99);")
    (problem,) = found(project(tmp_path, code=bold))
    log = tmp_path / ".musa/bpf/mine.log"
    assert problem.code == "B010"
    assert str(problem.at) == "bpf/mine.yaml:1:1"
    assert problem.text.startswith("the kernel refuses program 'mine': ")
    assert "invalid access to packet" in log.read_text()
    assert str(log) in problem.help
    done = musa("bpf", "build", cwd=tmp_path)
    assert done.returncode == 2
    assert "error[B010]: the kernel refuses program 'mine'" in done.stderr
    assert sorted(path.name for path in (tmp_path / ".musa/bpf").iterdir()) == ["mine.log"]


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("seen: {", "sein: {", "the object of 'mine' has no map 'sein'"),
        (
            "key: none",
            "key: address",
            "map 'seen' of 'mine' is (key, value, per processor) (4, 8, False), the facts say (16, 8, False)",
        ),
        (
            "key: none",
            "key: none, per_cpu: true",
            "map 'seen' of 'mine' is (key, value, per processor) (4, 8, False), the facts say (4, 8, True)",
        ),
        ("musa_mine", "musa_other", "the object of 'mine' has no program 'musa_other'"),
        ("step: {", "stride: {", "the object of 'mine' has no constant 'stride'"),
    ],
)
def test_halves_that_say_different_things_are_told(library: Library, tmp_path: Path, old: str, new: str, text: str) -> None:
    (problem,) = found(project(tmp_path, said=YAML.replace(old, new)))
    assert (problem.code, problem.text) == ("B012", text)


def test_numbers_in_another_order_than_in_c_are_told(library: Library, tmp_path: Path) -> None:
    text = (ROOT / "bpf/source-counters.yaml").read_text()
    lines = text.splitlines(keepends=True)
    lines[-3], lines[-2] = lines[-2], lines[-3]
    (tmp_path / "bpf").mkdir()
    (tmp_path / "bpf/include").symlink_to(ROOT / "bpf/include")
    (tmp_path / "bpf/source-counters.yaml").write_text("".join(lines))
    (tmp_path / "bpf/source-counters.bpf.c").write_text((ROOT / "bpf/source-counters.bpf.c").read_text())
    (problem,) = found(tmp_path)
    assert problem.code == "B012"
    assert problem.text.startswith("values of map 'by_source' of 'source-counters' are (('packets', 0, 8), ('octets', 8, 8)")


def test_a_program_that_cannot_stand_in_a_chain_or_lets_nothing_pass_is_told(library: Library, tmp_path: Path) -> None:
    alone = CODE.replace('"chain.h"', '"kernel.h"').replace("go_on(context)", "context ? XDP_PASS : XDP_PASS")
    (problem,) = found(project(tmp_path / "a", code=alone))
    assert (problem.code, problem.text) == ("B012", "the object of 'mine' has no map 'next'")
    wall = CODE.replace("go_on(context)", "tail_call(context, &next, 0), XDP_DROP")
    (problem,) = found(project(tmp_path / "b", code=wall))
    assert problem.text == "program 'mine', just loaded, does not let a TCP opening pass: verdict 1"


def test_what_clang_refuses_is_told_at_its_place(library: Library, tmp_path: Path) -> None:
    (problem,) = found(project(tmp_path, code=CODE.replace("*count += step", "*count += steps")))
    assert (problem.code, str(problem.at)) == ("B009", "bpf/mine.bpf.c:10:13")
    assert problem.text == "clang: use of undeclared identifier 'steps'; did you mean 'step'?"


def test_the_same_source_gives_the_same_octets_wherever_it_lies(library: Library, tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "another/deeper"):
        folder = project(tmp_path / name)
        code = compile_program(folder / "bpf/mine.bpf.c", "bpf/mine.bpf.c", Problems())
        assert code and str(tmp_path).encode() not in code
        digests.add(digest_of(code))
    assert len(digests) == 1


def test_fields_are_found_in_the_running_kernel_by_name(library: Library) -> None:
    for each in library.programs():
        _, code = library.open(each)
        assert b"xdp_md\0" in code and b"0:1\0" in code  # a relocation: the second field of a struct xdp_md


def test_an_object_that_is_not_the_admitted_one_is_not_opened(library: Library, tmp_path: Path) -> None:
    for path in library.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    mine = Library(tmp_path)
    facts, code = mine.open("source-drop")
    assert mine.open("source-drop", facts.digest) == (facts, code)
    with pytest.raises(KernelRefused, match="is not the one that is asked for"):
        mine.open("source-drop", "0" * 64)
    (tmp_path / "source-drop.o").write_bytes(code + b"\0")
    with pytest.raises(KernelRefused, match="is not the one that was admitted"):
        mine.open("source-drop")
    for name in ("nothing", "../source-drop", ""):
        with pytest.raises(KernelRefused, match="there is no program"):
            mine.open(name)


@pytest.mark.parametrize("code", [b"", b"\0" * 100, b"\x7fELF" + bytes(60), "half"])
def test_octets_that_are_no_object_are_refused(library: Library, code: bytes | str) -> None:
    facts, whole = library.open("source-drop")
    with pytest.raises(KernelRefused, match=r"cannot be opened|refuses|has no"):
        Program(facts, whole[: len(whole) // 2] if isinstance(code, str) else code)


@pytest.mark.parametrize("given", [{"top": 255}, {"top": 65537}, {"top": 4096.0}, {"top": True}, {"top": "4096"}, {"tops": 4096}])
def test_parameters_out_of_bounds_are_refused(library: Library, given: dict[str, int]) -> None:
    facts, _ = library.open("source-counters")
    with pytest.raises(KernelRefused, match="source-counters"):
        facts.settled(given)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"id": 1}', "[" * 100_000, '{"parameters": [{}]}'])
def test_facts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(KernelRefused, match="no facts of a program"):
        read_facts(text)


def test_facts_come_back_as_the_platform_wrote_them(library: Library) -> None:
    problems = Problems()
    for _, program in read_programs(problems, ROOT):
        text = write_facts(program, "0" * 64)
        facts = read_facts(text)
        assert json.loads(text)["digest"] == facts.digest
        assert [(each.name, each.sizes) for each in facts.parameters] == [(each.name, each.sizes) for each in program.parameters]
        assert [(each.name, each.value_size) for each in facts.maps] == [(each.name, each.value_size) for each in program.maps]
    assert not list(problems)


def test_a_library_holds_what_was_built_and_no_more(library: Library, tmp_path: Path) -> None:
    built = build_programs(Problems(), ROOT)
    (tmp_path / "gone.o").touch()
    (tmp_path / "gone.json").touch()
    (tmp_path / "notes.txt").touch()
    assert len(write_library(built, tmp_path)) == 6
    assert Library(tmp_path).programs() == ("interface-counters", "source-counters", "source-drop")
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{each}.{end}" for each in Library(tmp_path).programs() for end in ("o", "json")
    } | {"notes.txt"}


def test_the_command_lists_checks_and_builds(library: Library, tmp_path: Path) -> None:
    project(tmp_path)
    listed = musa("bpf", "list", cwd=tmp_path)
    assert listed.returncode == 0
    assert listed.stdout.startswith("source-drop  Drop what blocked sources send, until each block is over\n  enforce ")
    assert "mine  A program of a test\n" in listed.stdout
    assert [each["id"] for each in json.loads(musa("bpf", "list", "--format", "json", cwd=tmp_path).stdout)][1] == "mine"
    checked = musa("bpf", "check", cwd=tmp_path)
    assert (checked.returncode, checked.stdout.count("admitted: ")) == (0, 4), checked.stderr
    built = musa("bpf", "build", "-o", "out", cwd=tmp_path)
    assert (built.returncode, built.stdout.splitlines()[-1]) == (0, "written   out (4 programs)")
    assert len(list((tmp_path / "out").iterdir())) == 8
    (tmp_path / "bpf/mine.bpf.c").unlink()
    assert "error[B011]: half of a pair: there is no 'mine.bpf.c' beside it" in musa("bpf", "list", cwd=tmp_path).stderr


def test_without_clang_the_way_out_is_said(tmp_path: Path) -> None:
    done = musa("bpf", "build", cwd=tmp_path, PATH="")
    assert done.returncode == 3
    assert "clang, which is not installed\n  apt-get install clang" in done.stderr


@pytest.mark.parametrize(("key", "value"), [("size", 3), ("offset", 8), ("offset", 999), ("offset", -1)])
def test_facts_with_numbers_that_cannot_be_are_refused(library: Library, key: str, value: int) -> None:
    raw = json.loads((library.folder / "source-counters.json").read_text())
    raw["maps"][0]["fields"][0][key] = value
    with pytest.raises(KernelRefused, match="cannot be"):
        Program(read_facts(json.dumps(raw)), library.open("source-counters")[1])
