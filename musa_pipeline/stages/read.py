"""First stage: the model, the answers and the settings, with everything that is wrong in them, in one go."""

from musa_pipeline.formats.values import write_value
from musa_pipeline.stages import values
from musa_pipeline.stages.model import read_model
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work

__all__ = ["READS", "read_model", "run", "said"]

READS = (
    "given",
    "code",
    "catalogs/kinds",
    "catalogs/controls",
    "catalogs/metrics",
    "catalogs/agents",
    "catalogs/tosca",
    "catalogs/threats",
)


def run(work: Work) -> dict[str, bytes]:
    """Read everything that people wrote; stop with all problems of all files."""
    _ = work.settings
    model = read_model(work)
    if model is None or not model.components:
        work.stop_if_wrong()
        work.problems.report("M001", work.model_at, "there is nothing in this model that could be deployed")
        work.stop_if_wrong()
        return {}
    work.set("cpim", model)
    _ = values.answers(work), values.decisions(work)
    work.stop_if_wrong()
    return {f"{work.place.sla}/cpim.json": write_value(model, "cpim")}


def said(work: Work) -> str:
    """One line on the result."""
    model = values.cpim(work)
    data = [each for component in model.components for each in component.data]
    personal = sum(each.classification in ("personal", "special") for each in data)
    found = f"{count(len(model.components), 'component')}, {count(len(model.connections), 'link')}"
    if data:
        found += f", {count(len(data), 'data set')}" + (f" ({personal} personal)" if personal else "")
    return found
