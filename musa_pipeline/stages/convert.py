"""Beside the road: a model from one language to another; what is lost on the way is found by reading what was written."""

from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.difference import Difference, differences
from musa_pipeline.domain.problems import Problems
from musa_pipeline.stages.read import read_model
from musa_pipeline.stages.work import Work

LANGUAGES: Final = {"tosca": "yaml", "camel": "camel", "otm": "otm", "macm": "macm"}
"""What can be written, with the ending of its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The model in the other language, and what that says differently from the first."""

    text: str
    lost: tuple[Difference, ...]


def convert(work: Work, language: str) -> Converted:
    """Return the model of a file in another language, or in its own anew. Stops with all findings if it cannot be read."""
    model = read_model(work)
    work.stop_if_wrong()
    if model is None or not model.components:
        work.problems.report("M001", work.model_at, "there is nothing in this model that could be written")
        work.stop_if_wrong()
    assert model is not None  # noqa: S101  the line above stopped
    text = _write(work, model, language)
    problems = Problems()
    again = _read(work, text, language, f"{model.name}.{LANGUAGES[language]}", problems)
    if again is None or problems.errors:
        first = next((each for each in problems if each.severity == "error"), None)
        why = f": {first.text}" if first else ""
        work.problems.report(
            "M008", work.model_at, f"this model cannot be said in {language.upper()}{why}", help="rename what is named"
        )
        work.stop_if_wrong()
    assert again is not None  # noqa: S101  as above
    return Converted(text=text, lost=differences(model, again))


def _write(work: Work, model: Cpim, language: str) -> str:
    if language == "otm":
        from musa_pipeline.formats.otm import write_otm

        return write_otm(model, catalogs=work.catalogs)
    if language == "macm":
        from musa_pipeline.formats.macm import write_macm

        return write_macm(model, catalogs=work.catalogs)
    if language == "camel":
        from musa_pipeline.formats.camel.write import write_camel

        return write_camel(model)
    from musa_pipeline.formats.tosca.write import write_tosca

    return write_tosca(model)


def _read(work: Work, text: str, language: str, file: str, problems: Problems) -> Cpim | None:
    if language == "otm":
        from musa_pipeline.formats.otm import read_otm

        return read_otm(text, file, catalogs=work.catalogs, problems=problems)
    if language == "macm":
        from musa_pipeline.formats.macm import read_macm

        return read_macm(text, file, catalogs=work.catalogs, problems=problems)
    fetch = work.inputs.fetch()
    if language == "camel":
        from musa_pipeline.formats.camel import read_camel

        return read_camel(text, file, fetch=fetch, catalogs=work.catalogs, problems=problems)
    from musa_pipeline.formats.tosca import read_tosca

    return read_tosca(text, file, fetch=fetch, catalogs=work.catalogs, problems=problems)
