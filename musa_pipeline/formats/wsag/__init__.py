"""Security SLAs as documents: WS-Agreement (GFD.107) with the SPECS security extension, and our own notes in its `Context`."""

from collections.abc import Iterable

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Duty

__all__ = ["write_sla", "write_slat"]


def write_slat(slat: Slat, catalogs: Catalogs) -> bytes:
    """Return the `wsag:Template` of one component."""
    from musa_pipeline.formats.wsag import write  # lxml is loaded only by those who need it

    return write.template(slat, catalogs)


def write_sla(sla: Sla, catalogs: Catalogs, *, template: str = "", duties: Iterable[Duty] = ()) -> bytes:
    """Return the `wsag:AgreementOffer` of a component or of the application.

    `template` is the id of the template it answers; `duties` are what the customer must do for it to hold.
    """
    from musa_pipeline.formats.wsag import write

    return write.offer(sla, catalogs, template, tuple(duties))
