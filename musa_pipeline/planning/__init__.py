"""From a choice to a plan: machines, what runs on them, and the steps that make it so, in order."""

from musa_pipeline.planning.plan import plan

__all__ = ["plan"]
