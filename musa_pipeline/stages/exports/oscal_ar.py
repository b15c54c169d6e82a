"""What composition found, as OSCAL assessment results."""

from musa_pipeline.formats.oscal.results import write_results
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system


def write(subject: Subject) -> Exported:
    """Return the results."""
    return Exported(data=write_results(system(subject)).encode())
