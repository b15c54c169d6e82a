"""Programs from the pairs in `bpf/` to a library of objects and facts, which agents load: read, compile, try in the kernel, write."""

from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.bpf import BpfProgram
from musa_pipeline.domain.errors import FilesWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.bpf import read_program, write_facts
from musa_pipeline.runners.bpf import Admitted, admit, compile_program, digest_of, why_not_here
from musa_pipeline.workspace.files import write_all
from musa_pipeline.workspace.programs import Pair, program_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A program with its object and facts; not admitted where the machine cannot try it."""

    program: BpfProgram
    code: bytes
    facts: str
    admitted: Admitted | None


def read_programs(problems: Problems, root: Path | None = None) -> tuple[tuple[Pair, BpfProgram], ...]:
    """Return the programs of all pairs; those that are wrong are reported and left out."""
    pairs = program_pairs(problems, root)
    return tuple((each, program) for each in pairs if (program := read_program(each.text, each.shown, problems)))


def build_programs(problems: Problems, root: Path | None = None, logs: Path | None = None) -> tuple[Built, ...]:
    """Return all programs, compiled and, if this machine can, admitted by its kernel; what is wrong is reported and left out."""
    here = not why_not_here()
    found = []
    for pair, program in read_programs(problems, root):
        code = compile_program(pair.source, pair.shown_source, problems)
        if code is None:
            continue
        facts = write_facts(program, digest_of(code))
        admitted = admit(program, facts, code, problems, logs) if here else None
        if admitted or not here:
            found.append(Built(program=program, code=code, facts=facts, admitted=admitted))
    return tuple(found)


def write_library(built: tuple[Built, ...], folder: Path) -> tuple[str, ...]:
    """Write the objects and facts into a folder of their own, and take out what belongs to no program; return the names written."""
    files: dict[str, bytes] = {}
    for each in built:
        files |= {f"{each.program.id}.o": each.code, f"{each.program.id}.json": each.facts.encode()}
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if path.suffix in (".o", ".json", ".log") and path.name not in files:
            path.unlink()
    write_all(folder, files)
    return tuple(sorted(files))


def make_library(folder: Path, root: Path | None = None) -> tuple[Built, ...]:
    """Build all programs into a folder, for a deployment to take along. Raises FilesWrong, and OutsideFailed without clang."""
    problems = Problems()
    built = build_programs(problems, root, folder)
    if problems.errors:
        raise FilesWrong(problems)
    write_library(built, folder)
    return built
