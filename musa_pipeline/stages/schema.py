"""Beside the road: the JSON Schemas by which editors help to write TOSCA with our types, and answers about our threats."""

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.answers import write_schema as write_answers_schema
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.formats.tosca.schema import write_schema
from musa_pipeline.workspace.catalogs import catalog_files

_TYPES = "catalogs/tosca/"


def tosca_schema() -> str:
    """Return the schema; what is wrong in catalogs is told by `musa catalog check`."""
    files = catalog_files(Problems())
    return write_schema({name: text for name, text in files.items() if name.startswith(_TYPES)})


def answers_schema() -> str:
    """Return the schema of answers.yaml with the threats, controls and metrics of the catalogs in force."""
    return write_answers_schema(read_catalogs(catalog_files(Problems()), Problems()))
