"""What a conformance validator is given, and what becomes of its words: one dict without imports in, findings with places out.

The validator (tosca-parser) gives no places, stops at its first surprise, and knows neither our dialects nor half of the normative types; so
it is given only what it can judge, and what it says is looked up in the file again.
"""

from musa_pipeline.formats.tosca.conformance.merge import Merged, Unfit, merged, normative
from musa_pipeline.formats.tosca.conformance.places import findings_of

__all__ = ["Merged", "Unfit", "findings_of", "merged", "normative"]
