"""Beside the road: to which other model of the repository a file fits that was put beside the wrong one."""

from itertools import islice

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.ids import slug
from musa_pipeline.stages.model import read_model
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.given import NOTHING
from musa_pipeline.workspace.places import find

_MOST = 20
"""Models that are read to answer it: it is only asked when something is wrong."""


def whose(work: Work, names: frozenset[str]) -> str:
    """Return the application under `models/` that has most of these components, and more than half; '' if none has."""
    folders = sorted(each for each in (work.place.root / "models").glob("*/") if each != work.place.folder)
    best, fits = len(names) / 2, ""
    for folder in islice(folders, _MOST):
        model = _read(work, str(folder))
        known = {name for each in model.components for name in (each.id, each.name)} if model else set()
        shared = sum(name in known or slug(name) in known for name in names)
        if shared > best:
            best, fits = shared, folder.name
    return fits


def _read(work: Work, folder: str) -> Cpim | None:
    try:
        other = Work(find(folder), NOTHING)
        other.take_catalogs_of(work)
        return read_model(other)
    except MusaError:  # what is wrong there is not what was asked
        return None
