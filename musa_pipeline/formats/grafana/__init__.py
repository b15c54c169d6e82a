"""A dashboard of Grafana for what is promised: states over time, and a panel for every service level."""

from musa_pipeline.formats.grafana.write import write_dashboard

__all__ = ["write_dashboard"]
