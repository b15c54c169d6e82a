"""The composition model (MACM) of a chosen deployment, as Cypher text."""

from musa_pipeline.formats.macm import Chosen, write_macm
from musa_pipeline.stages import values
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.words import count

_PLAIN_LEAVES = ("what the schema of VSecLab has no words for: agents, SLAs, roles, zones, data, ports and levels of the model",)


def write(subject: Subject) -> Exported:
    """Return the model with providers, machines, agents and SLAs, and all that the model says."""
    return Exported(data=_text(subject, plain=False).encode(), left=_left(subject))


def write_plain(subject: Subject) -> Exported:
    """Return the part of it that the published schema has words for: other tools take no offence at it."""
    return Exported(data=_text(subject, plain=True).encode(), left=(*_PLAIN_LEAVES, *_left(subject)))


def _text(subject: Subject, *, plain: bool) -> str:
    work = subject.work
    assert work  # noqa: S101  the table says that the model is needed
    documents = {each.component: (f"{work.place.sla}/{each.document}", f"sha256:{each.digest}") for each in subject.whole.members}
    chosen = Chosen(selection=values.selection(work), macm=values.macm(work), documents=documents)
    return write_macm(values.cpim(work), catalogs=subject.catalogs, chosen=chosen, plain=plain)


def _left(subject: Subject) -> tuple[str, ...]:
    controls = {each.control for sla in (subject.whole, *subject.parts) for each in sla.terms}
    promised = (f"which of {count(len(controls), 'control')} each SLA promises: the documents that it names say it",)
    return ("why a provider was chosen, and prices", *(promised if controls else ()))
