"""Rules of Prometheus for what is promised."""

from musa_pipeline.formats.prometheus import write_rules
from musa_pipeline.stages.export import Exported, Subject


def write(subject: Subject) -> Exported:
    """Return the rule file; controls have no figures, so no rule can speak of them."""
    text = write_rules(subject.label, (subject.whole, *subject.parts), subject.catalogs.metric)
    return Exported(data=text.encode(), left=subject.controls_left)
