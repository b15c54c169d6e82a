"""What people call a component on the command line: its id or its name in the model."""

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ComponentId, slug
from musa_pipeline.domain.problems import near
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

_SHOWN = 12


def component_named(work: Work, written: str) -> ComponentId:
    """Return the component of that id, else of that name, else of the id that the name makes.

    Raises UsageWrong if the application has none.
    """
    cpim = values.cpim(work)
    ids = {str(each.id): each.id for each in cpim.components}
    names = {each.name: each.id for each in reversed(cpim.components)} | ids
    found = names.get(written) or ids.get(slug(written))
    if found is None:
        listed = ", ".join(ids.keys() if len(ids) <= _SHOWN else [*list(ids)[:_SHOWN], "…"])
        raise UsageWrong(
            f"{work.place.application} has no component {written!r}", near(written, names) or f"the components are {listed}"
        )
    return found
