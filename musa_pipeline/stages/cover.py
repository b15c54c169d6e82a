"""Beside the road: the cheapest measures for the risks of a model, under the appetite of the settings or another."""

from dataclasses import replace

from musa_pipeline.domain.cover import Cover
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.risk import Rating
from musa_pipeline.risk.cover import cover
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work


def cover_of(work: Work, appetite: Rating | None = None) -> Cover:
    """Return the cover; risks that people decided to live with want nothing.

    Raises FilesWrong.
    """
    cpim, settings = values.cpim(work), work.settings.risk
    if appetite:
        settings = replace(settings, appetite=appetite)
    found = cover(
        values.profile(work),
        cpim,
        facts_of(cpim, work.catalogs),
        work.catalogs,
        settings,
        values.decisions(work).states,
    )
    work.stop_if_wrong()
    return found
