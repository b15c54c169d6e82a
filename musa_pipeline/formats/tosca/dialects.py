"""The dialects of TOSCA as data: what a version is called, where its topology stands, and what is turned into the shape of 1.3."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Turn(Enum):
    """One difference that is turned into the shape of TOSCA 1.3."""

    CONDITIONS = auto()
    """`validation` is a condition instead of a list of constraints, `count_range` counts (TOSCA 2.0)."""
    REQUIREMENT_TYPES = auto()
    """`type_requirement` says which requirement an entry is for (Alien4Cloud)."""
    GROUP_POLICIES = auto()
    """Policies stand in the groups that they are for (working drafts, Alien4Cloud 1.x, Cloudify)."""
    RELATIONSHIPS = auto()
    """Templates have `relationships` with a type and a target; types of relationships are called so too (Cloudify)."""
    WHOLE_IMPORTS = auto()
    """What an imported file has of a topology belongs to the model (Cloudify)."""
    PLUGINS = auto()
    """Interfaces are `cloudify.interfaces.*`, operations run tasks of plugins; `instances: {deploy: 2}` (Cloudify)."""
    ALTERNATIVES = auto()
    """Lists of alternatives with conditions; the first of each name counts (Variability4TOSCA)."""
    EXPRESSIONS = auto()
    """Text with `{{ }}` is an expression that only a deployment knows (Unfurl)."""
    PROFILE_NAMES = auto()
    """Normative types come from a profile under short names: `Compute` is `tosca.nodes.Compute` (TOSCA 2.0, section 6.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A family of versions.

    `whole`: it is read without a word. `left_out` says what is not read. `edition` is that of the normative types.
    """

    name: str
    turns: frozenset[Turn] = frozenset()
    whole: bool = False
    left_out: str = ""
    edition: str = ""


PLACES: Final = (
    ("topology_template",),
    ("service_template", "topology_template"),
    ("service_template",),
    ("spec", "service_template", "topology_template"),
    ("spec", "service_template"),
)
"""Where a topology may stand, the first found; else the root itself, as Cloudify has it."""

_SIMPLE: Final = {
    edition: Dialect(name=f"TOSCA {edition}", whole=True, edition=edition) for edition in ("1.0", "1.1", "1.2", "1.3")
}
_CONDITIONS: Final = "what its conditions choose between stands side by side"

EXACT: Final[dict[str, Dialect]] = {
    **{f"tosca_simple_yaml_{edition.replace('.', '_')}{end}": each for edition, each in _SIMPLE.items() for end in ("", "_0")},
    **{f"http://docs.oasis-open.org/tosca/ns/simple/yaml/{edition}": each for edition, each in _SIMPLE.items()},
}
"""Versions of the Simple Profile, as they are written."""

_TWO: Final = Dialect(
    name="TOSCA 2.0",
    turns=frozenset({Turn.CONDITIONS, Turn.PROFILE_NAMES}),
    left_out="functions of its own stay open, and so do validations that compare no values",
    edition="2.0",
)
_DRAFT: Final = Dialect(
    name="a working draft of TOSCA 1.0", turns=frozenset({Turn.GROUP_POLICIES}), left_out="what the draft had and 1.0 has not"
)
_ALIEN: Final = Dialect(
    name="the Alien4Cloud dialect",
    turns=frozenset({Turn.REQUIREMENT_TYPES, Turn.GROUP_POLICIES}),
    left_out="its workflows, and types of its own archives that no import brings",
)
PREFIXES: Final[tuple[tuple[str, Dialect], ...]] = (
    ("tosca_2", _TWO),
    ("tosca_simple_yaml_2", _TWO),
    ("tosca_simple_yaml_1_0_0_wd", _DRAFT),
    ("tosca_simple_yaml_1_0_wd", _DRAFT),
    ("tosca_simple_profile_for_nfv", Dialect(name="the NFV profile", left_out="forwarding paths and graphs", edition="1.0")),
    ("tosca_simple_yaml_for_nfv", Dialect(name="the NFV profile", left_out="forwarding paths and graphs", edition="1.0")),
    ("tosca_simple_nfv", Dialect(name="the NFV profile", left_out="forwarding paths and graphs", edition="1.0")),
    ("tosca_simple_profile_for_mec", Dialect(name="the MEC profile", left_out="forwarding paths and graphs", edition="1.0")),
    ("alien_dsl", _ALIEN),
    ("yorc_tosca", _ALIEN),
    (
        "cloudify_dsl",
        Dialect(
            name="the Cloudify dialect",
            turns=frozenset({Turn.RELATIONSHIPS, Turn.PLUGINS, Turn.GROUP_POLICIES, Turn.WHOLE_IMPORTS}),
            left_out="plugins, workflows and types of plugins that no import brings",
        ),
    ),
    (
        "tosca_simple_unfurl",
        Dialect(name="the Unfurl dialect", turns=frozenset({Turn.EXPRESSIONS}), left_out="its expressions stay open"),
    ),
    ("unfurl", Dialect(name="the Unfurl dialect", turns=frozenset({Turn.EXPRESSIONS}), left_out="its expressions stay open")),
    ("tosca_variability", Dialect(name="the variability dialect", turns=frozenset({Turn.ALTERNATIVES}), left_out=_CONDITIONS)),
    ("aria", Dialect(name="the ARIA dialect", left_out="its plugins")),
    ("tosca_aria", Dialect(name="the ARIA dialect", left_out="its plugins")),
    ("ubicity", Dialect(name="the Ubicity dialect", left_out="what it adds")),
)
"""Other dialects, by how their version begins."""

UNKNOWN: Final = Dialect(name="", turns=frozenset({Turn.REQUIREMENT_TYPES, Turn.GROUP_POLICIES}))
"""What says no version, or one that nobody knows: what can be told by its shape is turned."""


def dialect_of(version: str) -> Dialect:
    """Return the dialect of a `tosca_definitions_version`; UNKNOWN if nobody here knows it.

    >>> dialect_of("tosca_simple_yaml_1_2").edition, dialect_of("alien_dsl_3_0_0").name
    ('1.2', 'the Alien4Cloud dialect')
    """
    known = EXACT.get(version)
    return known or next((dialect for prefix, dialect in PREFIXES if version.startswith(prefix)), UNKNOWN)
