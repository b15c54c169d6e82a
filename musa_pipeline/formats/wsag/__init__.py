"""Security SLAs as documents: WS-Agreement (GFD.107) with the SPECS security extension, and our own notes in its `Context`."""

from collections.abc import Iterable, Mapping

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Duty
from musa_pipeline.domain.problems import Problems

__all__ = ["read_agreement", "validate", "write_sla", "write_slat"]


def write_slat(slat: Slat, catalogs: Catalogs) -> bytes:
    """Return the `wsag:Template` of one component."""
    from musa_pipeline.formats.wsag import write

    return write.template(slat, catalogs)


def write_sla(sla: Sla, catalogs: Catalogs, *, template: str = "", duties: Iterable[Duty] = ()) -> bytes:
    """Return the `wsag:AgreementOffer` of a component or of the application.

    `template` is the id of the template it answers; `duties` are what the customer must do for it to hold.
    """
    from musa_pipeline.formats.wsag import write

    return write.offer(sla, catalogs, template, tuple(duties))


def read_agreement(data: bytes, file: str, problems: Problems) -> Slat | Sla | None:
    """Return what a document asks for (`Slat`) or promises (`Sla`); None when it cannot be used, and then `problems` say why."""
    from musa_pipeline.formats.wsag import read

    return read.read_document(data, file, problems)


def validate(data: bytes, schemas: Mapping[str, str], problems: Problems, file: str) -> bool:
    """Tell whether a document is valid against the schemas of `catalogs/schemas` (texts by file name); findings have their line."""
    from musa_pipeline.formats.wsag import schema

    return schema.validate(data, schemas, problems, file)
