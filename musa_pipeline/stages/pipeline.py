"""The order of the stages, as data, and the one loop that runs them: skip what would be the same, write what is new."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.files import digest, remove, write_all
from musa_pipeline.workspace.memory import Made


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: its name, its module, the earlier stages whose files it reads, what people call its result."""

    name: str
    after: tuple[str, ...]

    @property
    def module(self) -> ModuleType:
        """The module with READS, run and said; imported when the stage runs, not before."""
        return import_module(f"musa_pipeline.stages.{self.name}")


STAGES = (
    Stage("read", ()),
    Stage("risk", ("read",)),
    Stage("slat", ("read", "risk")),
    Stage("select", ("read", "risk", "slat")),
    Stage("compose", ("read", "risk", "slat", "select")),
    Stage("plan", ("read", "risk", "slat", "select", "compose")),
)
NAMES = tuple(each.name for each in STAGES)


@dataclass(frozen=True, slots=True)
class Done:
    """What one stage did: `fresh` when nothing had to be done; `changed` files were written. `said` tells its result in a line."""

    stage: str
    fresh: bool
    changed: tuple[str, ...]
    files: tuple[str, ...]
    said: str


def run(work: Work, last: str = NAMES[-1], *, began: Callable[[str], None] = lambda _name: None) -> Iterator[Done]:
    """Run the stages up to `last` in order, and tell of each when it is done.

    Raises FilesWrong with every problem found; files of a stage are written only when the stage ended well.
    """
    for stage in STAGES[: NAMES.index(last) + 1]:
        began(stage.name)
        yield _fresh(work, stage) if work.memory.fresh(stage.name, work.inputs) else _make(work, stage)


def _fresh(work: Work, stage: Stage) -> Done:
    work.stop_if_wrong()  # looking at what changed may already find what is wrong
    made = work.memory.stages[stage.name]
    work.problems.extend(made.problems)
    return Done(stage.name, True, (), tuple(made.outputs), made.said)


def _make(work: Work, stage: Stage) -> Done:
    module = stage.module
    known = set(work.problems)
    files: dict[str, bytes] = module.run(work)
    before = work.memory.stages.get(stage.name, Made())
    changed = write_all(work.place.out, files)
    gone = {*(before.outputs.keys() - files.keys()), *left_behind(work, files)}
    remove(work.place.out, sorted(gone))
    inputs = {name: work.inputs.token(name) for name in module.READS} | dict(work.inputs.seen)
    for each in stage.after:
        inputs |= {f"out:{name}": was for name, was in work.memory.stages[each].outputs.items()}
    said = str(module.said(work))
    told = [each for each in work.problems if each not in known]
    work.memory.keep(stage.name, Made(inputs, {name: digest(data) for name, data in files.items()}, said, told))
    return Done(stage.name, False, (*changed, *sorted(gone)), tuple(files), said)


def left_behind(work: Work, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield derived files of components that are no more, in the folders that hold one file a component and nothing else."""
    for folder in sorted({name.rsplit("/", 1)[0] for name in files}):
        if folder in (f"{work.place.sla}/slat", f"{work.place.sla}/sla"):
            for path in sorted((work.place.out / folder).glob("*.xml")):
                if (name := f"{folder}/{path.name}") not in files:
                    yield name


def derive(work: Work) -> Iterator[dict[str, bytes]]:
    """Yield the files of every stage in order and write none: what the committed ones should be."""
    for stage in STAGES:
        yield stage.module.run(work)
