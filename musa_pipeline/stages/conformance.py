"""Beside the road: what tosca-parser, the conformance validator, says about a model that our own reader has read."""

from collections.abc import Iterable, Iterator

from musa_pipeline.domain.problems import Problem, Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca import looks_like_tosca
from musa_pipeline.formats.tosca.conformance import Merged, Unfit, findings_of, merged, normative
from musa_pipeline.runners.conformance import Validator, installed
from musa_pipeline.stages.source import source
from musa_pipeline.stages.work import Work


def conformance(work: Work, known: Iterable[Problem], validator: Validator, *, strict: bool = False) -> Iterator[Problem]:
    """Yield what the validator finds; `known` is what our reader found. Notes N006 and N008 say why it was not asked."""
    found = source(work)
    text = found.text(Problems()) if found else None
    if found is None or text is None or not looks_like_tosca(text):
        return
    if not installed():
        way_out = "pip install 'musa-pipeline[tosca]', or --no-validator"
        yield _note("N008", Span(found.file), "tosca-parser is not installed; conformance was not checked", way_out)
        return
    match merged(text, found.file, found.fetch, found.also):
        case Merged() as asked:
            yield from findings_of(validator.judge(asked.template, normative()), asked, known, strict=strict)
        case Unfit(at, because):
            yield _note("N006", at, f"tosca-parser was not asked: {because}")


def _note(code: str, at: Span, text: str, way_out: str = "") -> Problem:
    return Problem(code=code, at=at, text=text, help=way_out, severity=Severity.NOTE)
