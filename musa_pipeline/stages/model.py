"""A model as its language says it: TOSCA, CAMEL, OTM or MACM, told apart by what the file holds."""

import re
from typing import Final

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.source import Span
from musa_pipeline.stages.inputs import inputs_of
from musa_pipeline.stages.source import Source, source
from musa_pipeline.stages.work import Work

_CAMEL: Final = re.compile(r"\s*(?:camel\s+model\b|import\s|//|/\*)")
_MACM: Final = re.compile(r"^[ \t]*(?:CREATE|MERGE)\s*\(", re.MULTILINE | re.IGNORECASE)
_HEAD: Final = 10_000
_BEFORE_XML: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def read_model(work: Work) -> Cpim | None:
    """Return the model as its language says it; None, after an error, if it cannot be read. All findings are in `work.problems`.

    Raises UsageWrong if the last run was given values that this one does not know.
    """
    if work.asks_again:
        raise UsageWrong(
            f"the last run of {work.place.application} was given inputs or folders of types that this command does not know",
            f"run `musa run {work.place.application}` with them again, for something changed since",
        )
    found = source(work)
    return _in_its_language(work, found) if found else None


def _in_its_language(work: Work, found: Source) -> Cpim | None:
    """Choose the reader by what the file holds; by its name only where that says nothing."""
    if found.data.lstrip(_BEFORE_XML)[:1] == b"<":
        from musa_pipeline.formats.camel.xmi.read import looks_like_camel_xmi, read_camel_xmi

        if looks_like_camel_xmi(found.data) or found.file.lower().endswith(".xmi"):
            return read_camel_xmi(found.data, found.file, fetch=found.fetch, catalogs=work.catalogs, problems=work.problems)
        text = "this is XML, and not of CAMEL; models are read as TOSCA (YAML), CAMEL (text or XMI) or OTM (YAML or JSON)"
        work.problems.report("M002", Span(found.file), text, help="export the model as TOSCA in YAML, or as CAMEL")
        return None
    text_ = found.text(work.problems)
    if text_ is None:
        return None
    if found.file.endswith(".camel") or _is_camel(text_):
        from musa_pipeline.formats.camel import read_camel

        return read_camel(text_, found.file, fetch=found.fetch, catalogs=work.catalogs, problems=work.problems)
    if found.file.lower().endswith(".otm") or _is_otm(text_):
        from musa_pipeline.formats.otm import read_otm

        return read_otm(text_, found.file, catalogs=work.catalogs, problems=work.problems)
    if found.file.lower().endswith(".macm") or _is_macm(text_):
        from musa_pipeline.formats.macm import read_macm

        return read_macm(text_, found.file, catalogs=work.catalogs, problems=work.problems)
    from musa_pipeline.formats.tosca import read_tosca

    return read_tosca(
        text_,
        found.file,
        fetch=found.fetch,
        catalogs=work.catalogs,
        problems=work.problems,
        inputs=inputs_of(work),
        also=found.also,
        name=work.place.application if found.root else "",
        root=found.root,
    )


def _is_camel(text: str) -> bool:
    if not _CAMEL.match(text):
        return False
    from musa_pipeline.formats.camel import looks_like_camel

    return looks_like_camel(text)


def _is_macm(text: str) -> bool:
    if not _MACM.search(text, 0, _HEAD):
        return False
    from musa_pipeline.formats.macm import looks_like_macm

    return looks_like_macm(text)


def _is_otm(text: str) -> bool:
    if "otmVersion" not in text[:_HEAD]:
        return False
    from musa_pipeline.formats.otm import looks_like_otm

    return looks_like_otm(text)
