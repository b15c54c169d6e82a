"""From the composition graph and the templates to what can be promised, with proofs."""

from musa_pipeline.composition.build import build, duties
from musa_pipeline.composition.compose import compose
from musa_pipeline.composition.require import require

__all__ = ["build", "compose", "duties", "require"]
