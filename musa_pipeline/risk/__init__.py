"""From the model, the threat catalog and the answers to a risk profile."""

from musa_pipeline.risk.assess import assess
from musa_pipeline.risk.required import requires

__all__ = ["assess", "requires"]
