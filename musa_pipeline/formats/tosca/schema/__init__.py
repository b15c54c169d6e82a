"""JSON Schema of TOSCA 1.0 to 1.3 with the normative types and ours, for editors that help while one writes."""

from musa_pipeline.formats.tosca.schema.document import write_schema

__all__ = ["write_schema"]
