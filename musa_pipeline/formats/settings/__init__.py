"""`musa.yaml`: what a team decides once, for all its models."""

from musa_pipeline.formats.settings.read import read_settings

__all__ = ["read_settings"]
