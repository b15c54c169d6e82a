"""Beside the road: what a change does. Each model is derived in memory as it is at one revision and at another; nothing is written."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.comparing import compare
from musa_pipeline.domain.comparison import Change, Derived, Standing, standing
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.problems import near
from musa_pipeline.stages.diff_side import Model, Side, Unread
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.git import Revision, is_revision, laid_out, parting, revision
from musa_pipeline.workspace.given import NOTHING, Given
from musa_pipeline.workspace.places import repository, shipped

WORK_TREE = "the working tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is compared: two revisions (None: the working tree), and which models, by names or paths from the repository's root."""

    before: Revision
    after: Revision | None
    models: tuple[str, ...] = ()
    given: Given = NOTHING


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
            Side(of.before.name, old, of.given, whole=own),
            Side(of.after.name if of.after else "", new, of.given, whole=own),
        )
        pairs = list(_pairs(*sides, _from_root(root, of.models)))
        models = tuple(_compared(*sides, one, other) for one, other in pairs)
    names = (of.before.name, of.after.name if of.after else WORK_TREE)
    return Comparison(
        before=names[0], after=names[1], commits=(of.before.commit, of.after.commit if of.after else ""), models=models
    )


def _compared(before: Side, after: Side, one: Model | None, other: Model | None) -> Compared:
    model = other or one
    assert model  # noqa: S101  a pair has at least one
    name, file = model.application, model.file
    old, new = before.opened(one), after.opened(other)
    now = after.derived(new)
    if isinstance(now, Derived) and _is_the_same(before, old, new):
        return Compared(application=name, file=file, before=standing(now), after=standing(now))
    was = before.derived(old)
    changes = () if isinstance(was, Unread) or isinstance(now, Unread) else compare(was, now)
    return Compared(application=name, file=file, before=_stands(was), after=_stands(now), changes=changes)


def _stands(of: Derived | Unread | None) -> Standing | Unread | None:
    return standing(of) if isinstance(of, Derived) else of


def _is_the_same(before: Side, old: Work | Unread | None, new: Work | Unread | None) -> bool:
    """Tell whether all that was read for one state of a model, or looked for in vain, is as it was in the other: so is what follows."""
    if not isinstance(old, Work) or not isinstance(new, Work) or not before.shares(old, new):
        return False
    seen = dict(new.inputs.seen)
    if old.place.shown(old.place.model) != new.place.shown(new.place.model):
        return False
    if any(name.startswith("listing:") or Path(name).is_relative_to(new.place.root) for name in seen):
        return False
    return all(old.inputs.token(name) == was for name, was in seen.items())


def _pairs(before: Side, after: Side, words: list[str]) -> Iterator[tuple[Model | None, Model | None]]:
    """Yield each model as it is at both sides: by its name, or by its file where several have one name."""
    old, new = before.models(words), after.models(words)
    for word in words:
        if not (before.models((word,)) or after.models((word,))):
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
