"""What references of a CAMEL model may mean, and how kinds of statements are called in findings."""

from typing import Final

_COMPONENTS: Final = frozenset({"InternalComponent", "VM", "External"})
_PLACES: Final = frozenset({"Region", "Country", "CloudLocation"})
_METRICS: Final = frozenset({"RawMetric", "CompositeMetric", "RawSecurityMetric", "CompositeSecurityMetric"})
_CONTEXTS: Final = frozenset({"RawContext", "CompositeContext", "PropertyContext"})
_LEVELS: Final = frozenset({"ServiceLevel", "SecurityServiceLevel", "Promise"})
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
    },
    "Communication": {"source": frozenset({"RequiredPort"}), "target": frozenset({"ProvidedPort"})},
    "Hosting": {"source": frozenset({"RequiredHost"}), "target": frozenset({"ProvidedHost"})},
    "LocationRequirement": {"locations": _PLACES},
    "HorizontalScale": {"component": _COMPONENTS},
    "VerticalScale": {"vm": frozenset({"VM"})},
    "SecurityRequirement": {
        "controls": frozenset({"SecurityControl"}),
        "application": frozenset({"Application"}),
        "component": _COMPONENTS,
    },
    "SecurityCapability": {"controls": frozenset({"SecurityControl"})},
    "ServiceLevel": {"condition": frozenset({"MetricCondition", "PropertyCondition"})},
    "SecurityServiceLevel": {"condition": frozenset({"MetricCondition", "PropertyCondition"})},
    "MetricCondition": {"context": _CONTEXTS},
    "PropertyCondition": {"context": _CONTEXTS},
    "RawContext": {"metric": _METRICS, "component": _COMPONENTS, "application": frozenset({"Application"})},
    "CompositeContext": {"metric": _METRICS, "component": _COMPONENTS, "application": frozenset({"Application"})},
    "PropertyContext": {
        "property": frozenset({"Property", "SecurityProperty"}),
        "component": _COMPONENTS,
        "application": frozenset({"Application"}),
    },
    "RawMetric": {"property": frozenset({"Property", "SecurityProperty"}), "unit": frozenset({"Item"})},
    "CompositeMetric": {"property": frozenset({"Property", "SecurityProperty"}), "unit": frozenset({"Item"})},
    "Region": {"parents": _PLACES},
    "Country": {"parents": _PLACES},
    "CloudLocation": {"above": _PLACES, "region": _PLACES},
    "About": {"of": _COMPONENTS},
    "Spoken": {"port": frozenset({"ProvidedPort"})},
    "Uses": {"source": _COMPONENTS, "target": _COMPONENTS},
    "Capability": {"of": _COMPONENTS},
    "Agent": {"protects": _COMPONENTS},
    "Promise": {"of": _COMPONENTS},
    "Alert": {"of": _LEVELS},
    "Apart": {"of": _COMPONENTS},
    "Together": {"of": _COMPONENTS},
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
    "RawContext": "raw metric context",
    "CompositeContext": "composite metric context",
}
_TOGETHER: Final = {
    _COMPONENTS: "a component",
    _PLACES: "a place",
    _METRICS: "a metric",
    _CONTEXTS: "a metric context",
    _LEVELS: "a service level",
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
