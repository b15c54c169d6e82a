"""An application as an OSCAL system security plan."""

from musa_pipeline.formats.oscal.ssp import write_ssp
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system


def write(subject: Subject) -> Exported:
    """Return the plan; alerts and weights of service levels have no word in it, their bounds are properties."""
    return Exported(data=write_ssp(system(subject)).encode())
