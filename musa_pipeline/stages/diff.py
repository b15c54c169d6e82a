"""Beside the road: what a change does. Each model is derived in memory as it is at one revision and at another; nothing is written."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from musa_pipeline.domain.comparing import compare
from musa_pipeline.domain.comparison import Change, Derived, Standing, standing
from musa_pipeline.domain.errors import FilesWrong, MusaError, OutsideFailed, UsageWrong
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import Problem, Severity, near
from musa_pipeline.domain.source import Span
from musa_pipeline.stages import values
from musa_pipeline.stages.applications import inside, no_model
from musa_pipeline.stages.pipeline import STAGES, derive
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.git import Revision, is_revision, laid_out, parting, revision
from musa_pipeline.workspace.given import NOTHING, Given
from musa_pipeline.workspace.places import Place, find, repository, shipped

WORK_TREE = "the working tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is compared: two revisions (None: the working tree), and which models, by names or paths from the repository's root."""

    before: Revision
    after: Revision | None
    models: tuple[str, ...] = ()
    given: Given = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A model that cannot be derived as it was at a side: its findings, placed as Git names files (`main:models/shop/shop.yaml`)."""

    problems: tuple[Problem, ...]
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One model. `before` and `after`: how it stands at each side, None where it is not there; or why that cannot be told."""

    application: str
    file: str
    before: Standing | Unread | None
    after: Standing | Unread | None
    changes: tuple[Change, ...] = ()

    @property
    def differs(self) -> bool:
        """Tell whether anything is other than before."""
        mended = isinstance(self.before, Unread) and not isinstance(self.after, Unread)
        return bool(self.changes) or mended or (self.before is None) is not (self.after is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides by name, the commits they are ('' for the working tree), and every model of either."""

    before: str
    after: str
    commits: tuple[str, str]
    models: tuple[Compared, ...]


def asked(words: tuple[str, ...], given: Given) -> Asked:
    """Return what some words ask for: a revision or `A..B` or `A...B`, perhaps a second revision, and models.

    Raises UsageWrong for a word that is neither, or could be both; OutsideFailed if Git cannot be asked.
    """
    root = repository()
    first, rest = words[0], words[1:]
    if "..." in first:
        one, _, other = first.partition("...")
        before = parting(root, one or "HEAD", other or "HEAD")
        return Asked(before=before, after=revision(root, other) if other else None, models=rest, given=given)
    if ".." in first:
        one, _, other = first.partition("..")
        before = revision(root, one or "HEAD")
        return Asked(before=before, after=revision(root, other or "HEAD"), models=rest, given=given)
    before = revision(root, first)
    if rest and _is_second(root, rest[0]):
        return Asked(before=before, after=revision(root, rest[0]), models=rest[1:], given=given)
    return Asked(before=before, after=None, models=rest, given=given)


def _is_second(root: Path, word: str) -> bool:
    is_model_here = Path(word).exists() or (root / "models" / word).exists()
    is_one = is_revision(root, word)
    if is_model_here and is_one:
        raise UsageWrong(f"{word!r} is a revision and a model here", f"write REV..{word}, or ./{word} for the path")
    return is_one


def diff(of: Asked) -> Comparison:
    """Compare every model of either side, in the order of their names.

    Raises UsageWrong for words that name no model at either side, OutsideFailed if a revision cannot be read.
    """
    root = repository()
    after: AbstractContextManager[Path] = laid_out(root, of.after) if of.after else nullcontext(root)
    with laid_out(root, of.before) as old, after as new:
        own = root == shipped()
        sides = (
            _Side(of.before.name, old, of.given, whole=own),
            _Side(of.after.name if of.after else "", new, of.given, whole=own),
        )
        pairs = list(_pairs(*sides, _from_root(root, of.models)))
        models = tuple(_compared(*sides, one, other) for one, other in pairs)
    names = (of.before.name, of.after.name if of.after else WORK_TREE)
    return Comparison(
        before=names[0], after=names[1], commits=(of.before.commit, of.after.commit if of.after else ""), models=models
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """A model that was found at a side: its file from the root, and its place; or what keeps a folder from being one."""

    application: str
    file: str
    found: Place | Problem


class _Side:
    """One state of the repository: the folder in which it lies, and the name of its revision, '' for the working tree."""

    def __init__(self, name: str, root: Path, given: Given, *, whole: bool) -> None:
        self.name, self.root, self.given, self.whole = name, root, given, whole
        self._first: Work | None = None

    def models(self, words: Iterable[str]) -> dict[str, list[_Model]]:
        """Return the models that some words name here, by application; without words all of them."""
        found: dict[str, list[_Model]] = defaultdict(list)
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

    def _model(self, found: Place | Problem) -> _Model:
        if isinstance(found, Place):
            place = replace(found, whole=self.whole)
            return _Model(application=place.application, file=place.shown(place.model), found=place)
        file = os.path.relpath(found.at.file, self.root)
        problem = replace(found, at=Span(file), text=found.text.replace(found.at.file, file))
        return _Model(application=slug(Path(found.at.file).name), file=file, found=self._named(problem))

    def opened(self, model: _Model | None) -> Work | Unread | None:
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


def _compared(before: _Side, after: _Side, one: _Model | None, other: _Model | None) -> Compared:
    model = other or one
    assert model  # noqa: S101  a pair has at least one
    name, file = model.application, model.file
    old, new = before.opened(one), after.opened(other)
    now = after.derived(new)
    if isinstance(old, Work) and isinstance(new, Work) and isinstance(now, Derived) and _same_catalogs(old, new):
        old.take_catalogs_of(new)
        if _reads_the_same(old, new):
            return Compared(application=name, file=file, before=standing(now), after=standing(now))
    was = before.derived(old)
    changes = () if isinstance(was, Unread) or isinstance(now, Unread) else compare(was, now)
    return Compared(application=name, file=file, before=_stands(was), after=_stands(now), changes=changes)


def _stands(of: Derived | Unread | None) -> Standing | Unread | None:
    return standing(of) if isinstance(of, Derived) else of


def _same_catalogs(old: Work, new: Work) -> bool:
    return old.inputs.catalogs() == new.inputs.catalogs()


def _reads_the_same(old: Work, new: Work) -> bool:
    """Tell whether all that was read for one state of a model, or looked for in vain, is as it was in the other: so is what follows."""
    seen = dict(new.inputs.seen)
    if old.place.shown(old.place.model) != new.place.shown(new.place.model):
        return False
    if any(name.startswith("listing:") or Path(name).is_relative_to(new.place.root) for name in seen):
        return False
    return all(old.inputs.token(name) == was for name, was in seen.items())


def _pairs(before: _Side, after: _Side, words: list[str]) -> Iterator[tuple[_Model | None, _Model | None]]:
    """Yield each model as it is at both sides: by its name, or by its file where several have one name."""
    old, new = before.models(words), after.models(words)
    for word in words:
        if not any((side.root / word).exists() for side in (before, after)):
            named = word.removeprefix("models/")
            known = near(named, before.models(()).keys() | after.models(()).keys())
            later = repr(after.name) if after.name else f"in {WORK_TREE}"
            raise UsageWrong(
                f"there is no model {named!r}, neither at {before.name!r} nor {'at ' if after.name else ''}{later}",
                known or "name a model, or a folder of models; a revision is named before them",
            )
    for application in sorted(old.keys() | new.keys()):
        ours, theirs = old.get(application, []), new.get(application, [])
        if len(ours) <= 1 and len(theirs) <= 1:
            yield next(iter(ours), None), next(iter(theirs), None)
            continue
        was, now = ({each.file: each for each in some} for some in (ours, theirs))
        yield from ((was.get(file), now.get(file)) for file in sorted(was.keys() | now.keys()))


def _from_root(root: Path, words: Iterable[str]) -> list[str]:
    """Return words as paths from the repository's root: a path as it is written here, else the name of a model."""
    found = []
    for word in words:
        path = Path(os.path.abspath(word))  # noqa: PTH100  links stay
        named = not path.exists() and "/" not in word and not Path(word).suffix
        if not named and not path.is_relative_to(root):
            raise UsageWrong(f"{word!r} is outside the repository {root}", "name a model of the repository")
        found.append(f"models/{word}" if named else path.relative_to(root).as_posix())
    return found
