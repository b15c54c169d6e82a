"""A dashboard of Grafana for what is promised."""

from musa_pipeline.formats.grafana import write_dashboard
from musa_pipeline.stages.export import Exported, Subject


def write(subject: Subject) -> Exported:
    """Return the dashboard; controls have no figures, so no panel can show them."""
    text = write_dashboard(subject.label, (subject.whole, *subject.parts), subject.catalogs.metric)
    return Exported(data=text.encode(), left=subject.controls_left)
