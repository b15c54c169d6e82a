"""One side of a comparison: the repository as it is in some folder, its models, and what follows from each, in memory."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from musa_pipeline.domain.comparison import Derived
from musa_pipeline.domain.errors import FilesWrong, MusaError, OutsideFailed, UsageWrong
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.stages import values
from musa_pipeline.stages.applications import inside, no_model
from musa_pipeline.stages.pipeline import STAGES, derive
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.given import Given
from musa_pipeline.workspace.places import Place, find


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A model that cannot be derived as it was at a side: its findings, placed as Git names files (`main:models/shop/shop.yaml`)."""

    problems: tuple[Problem, ...]
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that was found at a side: its file from the root, and its place; or what keeps a folder from being one."""

    application: str
    file: str
    found: Place | Problem


class Side:
    """One state of the repository: the folder in which it lies, and the name of its revision, '' for the working tree."""

    def __init__(self, name: str, root: Path, given: Given, *, whole: bool) -> None:
        self.name, self.root, self.given, self.whole = name, root, given, whole
        self._first: Work | None = None
        self._alike: bool | None = None

    def models(self, words: Iterable[str]) -> dict[str, list[Model]]:
        """Return the models that some words name here, by application; without words all of them."""
        found: dict[str, list[Model]] = defaultdict(list)
        folder = "models" if (self.root / "models").is_dir() else ""
        for word in list(words) or [folder]:
            for model in map(self._model, self._found(self.root / word)):
                if model.file not in [each.file for each in found[model.application]]:
                    found[model.application].append(model)
        return found

    def _found(self, path: Path) -> Iterable[Place | Problem]:
        if path.is_dir():
            return inside(path, None)
        if not path.exists():
            return ()
        try:
            return [find(os.fspath(path))]
        except UsageWrong as wrong:
            return [no_model(os.fspath(path), wrong)]

    def _model(self, found: Place | Problem) -> Model:
        if isinstance(found, Place):
            place = replace(found, whole=self.whole)
            return Model(application=place.application, file=place.shown(place.model), found=place)
        file = os.path.relpath(found.at.file, self.root)
        problem = replace(found, at=Span(file), text=found.text.replace(found.at.file, file))
        return Model(application=slug(Path(found.at.file).name), file=file, found=self._named(problem))

    def opened(self, model: Model | None) -> Work | Unread | None:
        """Open the work on a model; catalogs are read once."""
        if model is None:
            return None
        if isinstance(model.found, Problem):
            return Unread(problems=(model.found,))
        try:
            work = Work(model.found, self.given)
        except UsageWrong as wrong:
            problem = Problem(code="M003", at=Span(model.file), text=wrong.text, help=wrong.way_out)
            return Unread(problems=(self._named(problem),))
        if self._first:
            work.take_catalogs_of(self._first)
        return work

    def shares(self, work: Work, other: Work) -> bool:
        """Tell whether the catalogs of this side are those of the other, told by a work of each; if so, they are not read twice."""
        if self._alike is None:
            self._alike = work.inputs.catalogs() == other.inputs.catalogs()
        if self._alike and self._first is None:
            work.take_catalogs_of(other)
            self._first = work
        return self._alike

    def derived(self, work: Work | Unread | None) -> Derived | Unread | None:
        """Derive a model as far as its promises; what could not even be opened stays what it is."""
        if not isinstance(work, Work):
            return work
        try:
            for stage, _ in zip(STAGES, derive(work), strict=False):
                if stage.name == "compose":
                    break
            work.stop_if_wrong()
        except FilesWrong as wrong:
            work.problems.extend(wrong.problems)
        except OutsideFailed as failed:
            problem = Problem(code="J014", at=work.model_at, text=failed.text, help=failed.way_out)
            return Unread(problems=(self._named(problem),), outside=True)
        except MusaError as wrong:  # what stops a reader altogether is told of this side, for the next model goes on
            work.problems.report("M003", work.model_at, str(wrong), help=getattr(wrong, "way_out", ""))
        if work.problems.errors:
            return Unread(problems=tuple(self._named(each) for each in work.problems if each.severity is Severity.ERROR))
        if self._first is None:
            self._first = work
        return _bundle(work)

    def _named(self, problem: Problem) -> Problem:
        at = problem.at
        if not self.name or not at:
            return problem
        return replace(problem, at=Span(f"{self.name}:{at.file}", at.line, at.column, at.length))


def _bundle(work: Work) -> Derived:
    titles: dict[str, str] = {each.id: each.title for each in work.catalogs.controls.controls}
    titles |= {each.id: each.title for each in work.catalogs.threats}
    return Derived(
        cpim=values.cpim(work),
        profile=values.profile(work),
        residual=values.residual(work),
        selection=values.selection(work),
        composition=values.composition(work),
        slas=values.slas(work),
        decisions=values.decisions(work),
        titles=titles,
    )
