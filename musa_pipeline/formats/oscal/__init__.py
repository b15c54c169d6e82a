"""OSCAL, NIST's language for control catalogs and baselines: facts for the repository, and apart from them the prose for reading.

What an application promises is written in it too: profile, component definition, security plan, assessment plan and results, POA&M.
"""

from musa_pipeline.formats.oscal.controls import catalog_of, import_controls, revision_of
from musa_pipeline.formats.oscal.document import NotOscal, read_document
from musa_pipeline.formats.oscal.profile import read_profile
from musa_pipeline.formats.oscal.wording import read_wording

__all__ = ["NotOscal", "catalog_of", "import_controls", "read_document", "read_profile", "read_wording", "revision_of"]
