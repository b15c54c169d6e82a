"""The examination by composition as an OSCAL assessment plan."""

from musa_pipeline.formats.oscal.assessing import write_assessment_plan
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system


def write(subject: Subject) -> Exported:
    """Return the plan to which the results refer."""
    return Exported(data=write_assessment_plan(system(subject)).encode())
