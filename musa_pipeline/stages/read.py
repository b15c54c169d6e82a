"""First stage: the model, the answers and the settings, with everything that is wrong in them, in one go."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import near
from musa_pipeline.formats.values import write_value
from musa_pipeline.stages import values
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work

READS = (
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
    model = _read_model(work)
    if model is None:
        work.stop_if_wrong()
        work.problems.report("M001", work.model_at, "there is nothing in this model that could be deployed")
        work.stop_if_wrong()
        return {}
    work.set("cpim", model)
    _ = values.answers(work)
    work.stop_if_wrong()
    return {f"{work.place.sla}/cpim.json": write_value(model, "cpim")}


def _read_model(work: Work) -> Cpim | None:
    text = work.inputs.text(work.place.model)
    if text is None:
        return None
    file = work.place.shown(work.place.model)
    if work.place.model.suffix == ".camel" or text.lstrip()[:20].startswith("camel model"):
        from musa_pipeline.formats.camel import read_camel

        return read_camel(text, file, catalogs=work.catalogs, problems=work.problems)
    if text.lstrip().startswith("<"):
        work.problems.report(
            "M002",
            work.model_at,
            "this is XML; models are read as TOSCA (YAML) or CAMEL (text)",
            help=near(work.place.model.suffix, [".camel"]),
        )
        return None
    from musa_pipeline.formats.tosca import read_tosca

    return read_tosca(text, file, fetch=work.inputs.fetch(), catalogs=work.catalogs, problems=work.problems)


def said(work: Work) -> str:
    """One line on the result."""
    model = values.cpim(work)
    data = [each for component in model.components for each in component.data]
    personal = sum(each.classification in ("personal", "special") for each in data)
    found = f"{count(len(model.components), 'component')}, {count(len(model.connections), 'link')}"
    if data:
        found += f", {count(len(data), 'data set')}" + (f" ({personal} personal)" if personal else "")
    return found
