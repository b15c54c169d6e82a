"""Promises as OpenSLO v1 objects: services, indicators, objectives, alerts; what it has no words for stands in annotations."""

from musa_pipeline.formats.openslo.write import write_openslo

__all__ = ["write_openslo"]
