"""The application composition model (MACM) as Cypher text, without a database, to the model and from it."""

from musa_pipeline.formats.macm.read import looks_like_macm, read_macm
from musa_pipeline.formats.macm.write import Chosen, write_macm

__all__ = ["Chosen", "looks_like_macm", "read_macm", "write_macm"]
