"""Promises in OpenSLO v1."""

from musa_pipeline.formats.openslo import write_openslo
from musa_pipeline.stages.export import Exported, Subject


def write(subject: Subject) -> Exported:
    """Return the documents; whatever OpenSLO has no words for stands in annotations, so nothing is left."""
    text = write_openslo(subject.label, (subject.whole, *subject.parts), subject.catalogs.metric)
    return Exported(data=text.encode())
