"""The application composition model (MACM) as Cypher text, without a database, to the model and from it."""

from musa_pipeline.formats.macm.read import looks_like_macm, read_macm

__all__ = ["looks_like_macm", "read_macm"]
