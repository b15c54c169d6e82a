"""A report for people, as HTML."""

from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.report import written


def write(subject: Subject) -> Exported:
    """Return the whole report on an application, or what an SLA says by itself."""
    return written(subject, "html")
