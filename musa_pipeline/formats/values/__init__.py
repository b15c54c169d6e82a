"""The values between two stages as JSON files that diff and read well; each has a schema in `catalogs/schemas`."""

from musa_pipeline.formats.values.kinds import KINDS, VERSION
from musa_pipeline.formats.values.read import read_value
from musa_pipeline.formats.values.schema import schema_of
from musa_pipeline.formats.values.write import write_value

__all__ = ["KINDS", "VERSION", "read_value", "schema_of", "write_value"]
