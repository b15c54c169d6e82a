"""The types of the Simple Profile by section, each with its parent (TOSCA 1.3, section 5)."""

from typing import Final

from musa_pipeline.formats.tosca.builtin import PREFIXES, facts

__all__ = ["PARENTS", "PREFIXES", "PROPERTIES"]

_SECTIONS: Final = ("node_types", "capability_types", "relationship_types", "policy_types", "group_types")

PARENTS: Final[dict[str, dict[str, str]]] = {
    section: {name: fact.parent for name, fact in facts(section).items() if fact.norm} for section in _SECTIONS
}
"""Type -> parent for each section; '' for a root."""
PROPERTIES: Final = frozenset(
    {"component_version", "admin_credential", "context_root", "name", "port", "user", "password", "size"}
)
"""Properties of normative node types that types derived from them may set."""
