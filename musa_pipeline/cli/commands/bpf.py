"""`musa bpf list | check | build`: the programs that agents can load into a kernel."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import Commands
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, OutsideFailed

if TYPE_CHECKING:
    from musa_pipeline.domain.problems import Problems


@click.group(cls=Commands)
def bpf() -> None:
    """List, check and build the eBPF programs in bpf/.

    The shipped pairs, and those of the repository's own bpf/ folder, which win over them.
    """


@bpf.command("list")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How programs are printed.")
@click.pass_obj
def list_(outlet: Outlet, format_: str) -> int:
    """List the programs: what each may do, its place in the chain, its parameters and what it measures."""
    from musa_pipeline.cli.render.bpf import programs, programs_json
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.stages.programs import read_programs

    problems = Problems()
    found = tuple(program for _, program in read_programs(problems))
    _show(outlet, problems)
    outlet.out(programs_json(found) if format_ == "json" else programs(found))
    return 0


@bpf.command()
@click.pass_obj
def check(outlet: Outlet) -> int:
    """Check every pair: the YAML, whether the C source compiles, whether this kernel's verifier takes it. Needs root.

    Each program is loaded with its parameters at their bounds, run on a packet of each kind, and let go again; nothing is attached.
    """
    from musa_pipeline.cli.render.bpf import admitted
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.runners.bpf import why_not_here
    from musa_pipeline.stages.programs import build_programs
    from musa_pipeline.workspace.programs import built_folder

    problems = Problems()
    built = build_programs(problems, logs=built_folder())
    _show(outlet, problems)
    outlet.out(admitted(built))
    if why := why_not_here():
        raise OutsideFailed(f"no program was tried in this kernel: {why}", "run it as root on Linux with libbpf1 installed")
    return 0


@bpf.command()
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), help="Where objects and facts go; default: .musa/bpf."
)
@click.pass_obj
def build(outlet: Outlet, out: Path | None) -> int:
    """Compile every program with clang and write objects and facts, which agents load; as root they are tried in this kernel first."""
    from musa_pipeline.cli.render.bpf import admitted
    from musa_pipeline.runners.bpf import why_not_here
    from musa_pipeline.stages.programs import make_library
    from musa_pipeline.workspace.programs import built_folder

    folder = out or built_folder()
    built = make_library(folder)
    outlet.out(admitted(built))
    if why := why_not_here():
        outlet.err(f"not tried in this kernel: {why}")
    outlet.out(f"written   {folder} ({len(built)} programs)")
    return 0


def _show(outlet: Outlet, problems: "Problems") -> None:
    """Show what was found; raises FilesWrong if any of it is an error."""
    from musa_pipeline.cli.render.problems import render_problems

    if problems.errors:
        raise FilesWrong(problems)
    if len(problems):
        outlet.err(render_problems(problems, everything=outlet.verbose))
