"""`decisions.yaml`: accepted and transferred risks, and waivers of missing controls, as people write them."""

from musa_pipeline.formats.decisions.read import read_decisions

__all__ = ["read_decisions"]
