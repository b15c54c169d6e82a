"""The parts of an application as an OSCAL component definition."""

from musa_pipeline.formats.oscal.component_definition import write_component_definition
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system


def write(subject: Subject) -> Exported:
    """Return the definition; what stands on what is told by the plan."""
    return Exported(data=write_component_definition(system(subject)).encode())
