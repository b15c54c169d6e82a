"""What a model says and the CPIM has no place for: told once a kind, so that nothing is lost in silence."""

from typing import Any, Final

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.formats.camel.lexing import Places

_SAID: Final = {
    "accelerator": ("graphics and other accelerators of machines are not taken over", "choose the offering in musa.yaml"),
    "attribute": ("attributes of requirements other than cores, memory and storage are not taken over", ""),
    "component attribute": ("attributes and features of components and of their configurations are not taken over", ""),
    "most": ("upper bounds of what a machine has are not taken over", "the cheapest machine that has enough is chosen"),
    "variant": ("only the first configuration of a component counts", "write each variant as a component of its own"),
    "update": ("update commands are not taken over", "an update is a new deployment"),
    "cluster": ("cluster configurations are not taken over", "write scripts, or an image"),
    "platform": ("platform configurations are not taken over", "write scripts, or an image"),
    "build": ("how functions are built, and what calls them, is not taken over", ""),
    "environment": ("environment variables of configurations are not taken over", "set them in a script"),
    "vm image": ("images of machines are not taken over: machines get theirs from what the provider offers", ""),
    "paas": ("requirements on platforms are not taken over", ""),
    "order": ("control flows between components are not taken over: what is used is started first", ""),
    "port configuration": (
        "configurations of single communications are not taken over",
        "write them into those of the components",
    ),
    "communication requirement": ("requirements on communications are not taken over", ""),
    "port range": ("of a range of ports the lowest counts", "write one `provided communication` for each"),
    "nearer": ("components that are to share a host, zone or region are kept at one provider only", ""),
    "relaxed": ("relaxed couplings are not taken over", "take `relaxed` away if it must hold"),
    "everywhere": ("`all` of a location requirement is not taken over: one of the places is chosen", ""),
    "instance": ("instances of components, data and metrics are not taken over", ""),
    "scalability": ("scalability rules are not taken over", "the bounds of instances are"),
    "optimisation": ("optimisation requirements are not taken over: what is best is said in musa.yaml", ""),
    "provider model": ("provider models are not taken over", "catalogs/offerings says what providers offer"),
    "execution": ("what happened in earlier runs is not taken over", ""),
    "capability": ("capabilities that providers declare are not taken over", "catalogs/offerings says what providers have"),
    "group": ("groups of requirements are not taken over: each counts by itself", ""),
    "variable": ("metric variables and their formulas are not taken over", ""),
    "measuring": (
        "windows, schedules and what configures sensors are not taken over: catalogs/metrics says how a metric is measured",
        "",
    ),
    "people": ("users, groups, roles and permissions are not taken over", ""),
    "nearness": ("that a communication is to be local is not taken over", "put both components on one machine"),
    "lifetime": ("`coInstanceHosting` is not taken over: each instance is placed by itself", ""),
    "qualitative": ("benchmarks of hardware are not taken over", ""),
}
"""What is told, and the way out."""
KINDS: Final = {
    "Sequence": "order",
    "Parallel": "order",
    "Switch": "order",
    "Conditional": "order",
    "Precedes": "order",
    "SoftwareInstance": "instance",
    "VMInstance": "instance",
    "PlatformInstance": "instance",
    "ContainerInstance": "instance",
    "ComponentInstance": "instance",
    "HostingInstance": "instance",
    "CommunicationInstance": "instance",
    "DataInstance": "instance",
    "MetricInstance": "instance",
    "RawInstance": "instance",
    "CompositeInstance": "instance",
    "ScalabilityRule": "scalability",
    "Optimisation": "optimisation",
    "RootFeature": "provider model",
    "ExecutionContext": "execution",
    "Measurement": "execution",
    "Group": "group",
    "Window": "measuring",
    "Schedule": "measuring",
    "User": "people",
    "UserGroup": "people",
    "Role": "people",
    "RoleAssignment": "people",
    "Permission": "people",
    "Variable": "variable",
    "QualitativeHardware": "qualitative",
}
"""Statements that nothing is made of, whatever they say."""


class Unused:
    """Gathers what is not taken over: how often, and where first."""

    def __init__(self) -> None:
        self._found: dict[str, list[Any]] = {}

    def tell(self, kind: str, node: Any) -> None:
        """Remember one statement of a kind."""
        self._found.setdefault(kind, []).append(node)

    def report(self, places: Places, problems: Problems) -> None:
        """Tell each kind once, at its first place."""
        for kind, nodes in self._found.items():
            said, help_ = _SAID[kind]
            first = min(each.at for each in nodes)
            several = f" ({len(nodes)} times)" if len(nodes) > 1 else ""
            problems.report("K053", places.at(first), f"{said}{several}", help=help_, severity=Severity.NOTE)
