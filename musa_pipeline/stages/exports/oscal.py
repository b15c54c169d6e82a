"""What all exports in OSCAL share: the application as OSCAL is told of it."""

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.formats.oscal.system import System
from musa_pipeline.stages import values
from musa_pipeline.stages.export import Subject


def system(subject: Subject) -> System:
    """Return everything that composition knows; only an application has it.

    Raises UsageWrong if no control is required: neither a profile nor a plan in OSCAL can be empty.
    """
    work = subject.work
    assert work is not None  # noqa: S101  the table of languages says that the model is needed
    found = System(
        cpim=values.cpim(work),
        macm=values.macm(work),
        composition=values.composition(work),
        selection=values.selection(work),
        residual=values.residual(work),
        decisions=values.decisions(work),
        whole=subject.whole,
        catalogs=subject.catalogs,
        at=subject.now,
    )
    if not found.controls:
        raise UsageWrong(
            f"no control is required of {found.name}", f"`musa risk {work.place.application}` shows why; OSCAL has no empty plan"
        )
    return found
