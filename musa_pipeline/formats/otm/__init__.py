"""Open Threat Model (OTM) 0.1 and 0.2, the exchange format of threat modelling tools, to the model and from it."""

from musa_pipeline.formats.otm.read import looks_like_otm, read_otm
from musa_pipeline.formats.otm.write import write_otm

__all__ = ["looks_like_otm", "read_otm", "write_otm"]
