"""The controls that an application must have, as an OSCAL profile."""

from musa_pipeline.formats.oscal.tailored import write_profile
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system


def write(subject: Subject) -> Exported:
    """Return the profile; it says all that there is to say."""
    return Exported(data=write_profile(system(subject)).encode())
