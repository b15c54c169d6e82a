"""What references of a CAMEL model may mean, and how kinds of statements are called in findings."""

from typing import Final

COMPONENTS: Final = frozenset({"InternalComponent", "VM", "External", "Software", "Container", "Platform"})
_PLACES: Final = frozenset({"Region", "Country", "CloudLocation"})
_METRICS: Final = frozenset({"RawMetric", "CompositeMetric", "RawSecurityMetric", "CompositeSecurityMetric"})
_CONTEXTS: Final = frozenset({"RawContext", "CompositeContext", "PropertyContext"})
_LEVELS: Final = frozenset({"ServiceLevel", "SecurityServiceLevel", "Promise"})
_CONDITIONS: Final = frozenset(
    {
        "MetricCondition",
        "PropertyCondition",
        "MetricConstraint",
        "VariableConstraint",
        "LogicalConstraint",
        "IfThenConstraint",
        "AttributeConstraint",
    }
)
_CAPABILITIES: Final = frozenset({"Capability", "SecurityCapability"})
_DATA: Final = frozenset({"DataSetOf"})
_UNITS: Final = frozenset({"Item", "SingleUnit", "CompositeUnit", "Dimensionless"})
_TEMPLATE: Final = frozenset({"Template"})
EXPECTED: Final[dict[str, dict[str, frozenset[str]]]] = {
    "Application": {"deployments": frozenset({"deployment model"})},
    "VM": {"sets": frozenset({"RequirementSet"})},
    "GlobalSet": {"set": frozenset({"RequirementSet"})},
    "RequirementSet": {
        "location": frozenset({"LocationRequirement"}),
        "qualitative": frozenset({"QualitativeHardware"}),
        "quantitative": frozenset({"QuantitativeHardware"}),
        "os": frozenset({"OSRequirement", "ImageRequirement"}),
        "image": frozenset({"ImageRequirement", "OSRequirement"}),
        "provider": frozenset({"ProviderRequirement"}),
        "resource": frozenset({"ResourceRequirement"}),
        "horizontal": frozenset({"HorizontalScale"}),
        "vertical": frozenset({"VerticalScale"}),
        "paas": frozenset({"PlatformRequirement"}),
        "security": frozenset({"SecurityRequirement"}),
    },
    "Software": {
        "sets": frozenset({"RequirementSet"}),
        "generates": _DATA,
        "consumes": _DATA,
        "sources": frozenset({"DataSource"}),
    },
    "Platform": {"sets": frozenset({"RequirementSet"})},
    "Container": {"sets": frozenset({"RequirementSet"})},
    "Coupling": {"software": COMPONENTS},
    "DataSetOf": {"source": frozenset({"DataSource"})},
    "DataSource": {"component": COMPONENTS},
    "ObjectContext": {"component": COMPONENTS, "data": _DATA, "communication": frozenset({"Communication"})},
    "MetricConstraint": {"context": _CONTEXTS},
    "VariableConstraint": {"variable": frozenset({"Variable"})},
    "Operand": {"of": _CONDITIONS},
    "Variable": {"template": _TEMPLATE, "component": COMPONENTS},
    "Template": {"unit": _UNITS},
    "Communication": {"source": frozenset({"RequiredPort"}), "target": frozenset({"ProvidedPort"})},
    "Hosting": {
        "source": frozenset({"RequiredHost"}),
        "sources": frozenset({"RequiredHost"}),
        "target": frozenset({"ProvidedHost"}),
    },
    "LocationRequirement": {"locations": _PLACES},
    "HorizontalScale": {"component": COMPONENTS},
    "VerticalScale": {"vm": frozenset({"VM"})},
    "SecurityRequirement": {
        "controls": frozenset({"SecurityControl"}),
        "application": frozenset({"Application"}),
        "component": COMPONENTS,
    },
    "SecurityCapability": {"controls": frozenset({"SecurityControl"})},
    "ServiceLevel": {"condition": _CONDITIONS},
    "SecurityServiceLevel": {"condition": _CONDITIONS},
    "MetricCondition": {"context": _CONTEXTS},
    "PropertyCondition": {"context": _CONTEXTS},
    "RawContext": {
        "metric": _METRICS,
        "component": COMPONENTS,
        "application": frozenset({"Application"}),
        "object": frozenset({"ObjectContext"}),
    },
    "CompositeContext": {
        "metric": _METRICS,
        "component": COMPONENTS,
        "application": frozenset({"Application"}),
        "object": frozenset({"ObjectContext"}),
    },
    "PropertyContext": {
        "property": frozenset({"Property", "SecurityProperty"}),
        "component": COMPONENTS,
        "application": frozenset({"Application"}),
    },
    "RawMetric": {
        "property": frozenset({"Property", "SecurityProperty"}),
        "unit": frozenset({"Item"}),
        "template": _TEMPLATE,
    },
    "CompositeMetric": {
        "property": frozenset({"Property", "SecurityProperty"}),
        "unit": frozenset({"Item"}),
        "template": _TEMPLATE,
    },
    "Region": {"parents": _PLACES},
    "Country": {"parents": _PLACES},
    "CloudLocation": {"above": _PLACES, "region": _PLACES},
    "About": {"of": COMPONENTS, "required": _CAPABILITIES, "provided": _CAPABILITIES},
    "External": {"required": _CAPABILITIES, "provided": _CAPABILITIES},
    "Zone": {"of": COMPONENTS},
    "Spoken": {"port": frozenset({"ProvidedPort"})},
    "Uses": {"source": COMPONENTS, "target": COMPONENTS},
    "Capability": {"of": COMPONENTS},
    "Agent": {"protects": COMPONENTS},
    "Promise": {"of": COMPONENTS},
    "Alert": {"of": _LEVELS},
    "Apart": {"of": COMPONENTS},
    "Together": {"of": COMPONENTS},
}
"""What a reference may mean, where it matters to us; elsewhere any name will do."""
_TITLES: Final = {
    "VM": "vm",
    "InternalComponent": "internal component",
    "External": "external component",
    "OSRequirement": "os requirement",
    "ProvidedPort": "provided communication",
    "RequiredPort": "required communication",
    "ServiceLevel": "slo",
    "SecurityServiceLevel": "security slo",
    "Promise": "service level",
    "Item": "unit",
    "SingleUnit": "single unit",
    "DataSetOf": "data set",
    "Platform": "paas",
    "PlatformRequirement": "paas requirement",
    "HorizontalScale": "horizontal scale requirement",
    "VerticalScale": "vertical scale requirement",
    "RawContext": "raw metric context",
    "CompositeContext": "composite metric context",
}
_TOGETHER: Final = {
    COMPONENTS: "a component",
    _PLACES: "a place",
    _METRICS: "a metric",
    _CONTEXTS: "a metric context",
    _LEVELS: "a service level",
    _CONDITIONS: "a condition or constraint",
    _UNITS: "a unit",
    _CAPABILITIES: "a capability",
}


def title(kind: str) -> str:
    """Return the words that begin a statement of this kind."""
    return _TITLES.get(kind) or "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()


def expected(kinds: frozenset[str]) -> str:
    """Return what fits, with its article; empty if anything does."""
    return _TOGETHER.get(kinds) or " or ".join(a(title(each)) for each in sorted(kinds))


def a(word: str) -> str:
    """Put the article before a word."""
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
