"""TOSCA archives (CSAR): which entries may be read, and which of them is the model (TOSCA 1.3, chapter 6; ETSI GS NFV-SOL 004)."""

from musa_pipeline.formats.csar.archive import Archive, read_archive
from musa_pipeline.formats.csar.entry import Entry, find_entry

__all__ = ["Archive", "Entry", "find_entry", "read_archive"]
