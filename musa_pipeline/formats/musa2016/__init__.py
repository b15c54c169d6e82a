"""The knowledge base of the MUSA SLA Generator (2016), to entries of our catalogs: facts rewritten, our own words kept."""

from musa_pipeline.formats.musa2016.entries import import_musa

__all__ = ["import_musa"]
