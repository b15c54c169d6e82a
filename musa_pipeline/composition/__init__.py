"""From the composition graph and the templates to what can be promised, with proofs."""

from musa_pipeline.composition.agree import agree
from musa_pipeline.composition.build import build, duties
from musa_pipeline.composition.compose import compose
from musa_pipeline.composition.prove import prove
from musa_pipeline.composition.require import require
from musa_pipeline.composition.whole import compose_all

__all__ = ["agree", "build", "compose", "compose_all", "duties", "prove", "require"]
