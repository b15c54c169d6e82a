"""Documents against the schemas in `catalogs/schemas`; nothing is loaded from anywhere else."""

from collections.abc import Mapping
from itertools import islice

from lxml import etree

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.wsag.names import CCM, MUSA, NIST, SPECS, WSAG, XSD
from musa_pipeline.formats.wsag.parse import entries, parse, sentence

ENTRY = "musa-sla.xsd"
_MOST = 50
_PREFIX = {WSAG: "wsag", SPECS: "specs", NIST: "nist", CCM: "ccm", MUSA: "musa", XSD: "xs"}


class _Confined(etree.Resolver):
    """Gives the schemas it was given, by file name, and refuses all else."""

    def __init__(self, schemas: Mapping[str, str]) -> None:
        self._schemas = schemas

    def resolve(self, system_url: str, public_id: str, context: object) -> object:  # type: ignore[override] # noqa: ARG002
        if system_url not in self._schemas:
            raise LookupError(f"a schema refers to {system_url!r}, which is not in its folder")
        return self.resolve_string(self._schemas[system_url].encode(), context, base_url=system_url)


def validate(data: bytes, schemas: Mapping[str, str], problems: Problems, file: str) -> bool:
    """Tell whether a document is valid; every finding has its line."""
    root = parse(data, file, problems)
    if root is None:
        return False
    schema = compiled(schemas)
    if schema.validate(root):
        return True
    for each in islice(entries(schema.error_log), _MOST):
        problems.report("A007", Span(file, max(each.line, 1)), _readable(each.message))
    return False


def compiled(schemas: Mapping[str, str]) -> etree.XMLSchema:
    """Return the schema of whole documents; the texts are by file name."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(_Confined(schemas))
    return etree.XMLSchema(etree.fromstring(schemas[ENTRY].encode(), parser, base_url=ENTRY))


def _readable(message: str) -> str:
    for space, prefix in _PREFIX.items():
        message = message.replace(f"{{{space}}}", f"{prefix}:")
    return sentence(message)
