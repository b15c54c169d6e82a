"""The control catalogs as facts in JSON, made by `musa catalog import` and read straight into values."""

from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source, Span

NONE = ControlCatalog(id="", title="", revision="", version="", source=Source(document=""), controls=())


def read_controls(text: str, file: str, problems: Problems) -> ControlCatalog | None:
    """Return one revision of the standard. Code: C013 not such a file."""
    import msgspec  # twenty milliseconds that a run without catalogs need not pay

    try:
        return msgspec.json.decode(text, type=ControlCatalog)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        problems.report(
            "C013",
            Span(file),
            f"not a control catalog: {error}",
            help="make it again from the OSCAL file by 'musa catalog import'",
        )
        return None
