"""Records of the SLA repository: one YAML file for each act, sealed by the SHA-256 of its own bytes."""

from musa_pipeline.formats.records.read import read_record
from musa_pipeline.formats.records.write import write_record

__all__ = ["read_record", "write_record"]
