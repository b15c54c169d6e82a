"""From required controls and offerings to the best proven choice of providers and agents."""

from musa_pipeline.selection.select import select

__all__ = ["select"]
