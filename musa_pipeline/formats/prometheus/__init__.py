"""Promises as rules of Prometheus: recording rules for what is kept, alerts before and when a bound breaks."""

from musa_pipeline.formats.prometheus.write import write_rules

__all__ = ["write_rules"]
