"""What is left to do, as an OSCAL plan of action and milestones."""

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.formats.oscal.poam import write_poam
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system


def write(subject: Subject) -> Exported:
    """Return the plan. Raises UsageWrong if nothing is left to do: OSCAL has no plan without an item."""
    text = write_poam(system(subject))
    if text is None:
        said = f"nothing is left to do for {subject.whole.application}: every control is promised, and no risk is above the bar"
        raise UsageWrong(
            said, "OSCAL has no plan of action without an item; the assessment results (oscal-ar) say that all is well"
        )
    return Exported(data=text.encode())
