"""Beside the road: the JSON Schema by which editors help to write TOSCA with our types, and with those of the repository."""

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.tosca.schema import write_schema
from musa_pipeline.workspace.catalogs import catalog_files

_TYPES = "catalogs/tosca/"


def tosca_schema() -> str:
    """Return the schema; what is wrong in catalogs is told by `musa catalog check`."""
    files = catalog_files(Problems())
    return write_schema({name: text for name, text in files.items() if name.startswith(_TYPES)})
