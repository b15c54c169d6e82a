"""What a conformance validator is given, and what becomes of its words: one dict without imports in, findings with places out.

The validator (tosca-parser) gives no places, stops at its first surprise, and knows neither our dialects nor half of the normative types; so
it is given only what it can judge, and what it says is looked up in the file again.
"""

from musa_pipeline.formats.tosca.conformance.merge import Merged, Unfit, merged
from musa_pipeline.formats.tosca.conformance.places import findings_of
from musa_pipeline.formats.tosca.normative import PARENTS

__all__ = ["NORMATIVE", "Merged", "Unfit", "findings_of", "merged"]

NORMATIVE = {name: parent for section in PARENTS.values() for name, parent in section.items()}
"""Every normative type with its parent, for a validator that lacks some."""
