"""What a template is to us: its kind, its role, or nothing we deploy."""

import re
from collections.abc import Collection
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Role
from musa_pipeline.domain.ids import KindId, slug
from musa_pipeline.formats.tosca.artifacts import image_of
from musa_pipeline.formats.tosca.templates import Model, Template, last_words

SOFTWARE: Final = KindId("software")
COMPUTE: Final = KindId("compute")
RUNTIME: Final = KindId("container-runtime")
EXTERNAL_KIND: Final = KindId("external-service")
EXTERNAL: Final = "musa.nodes.ExternalService"
_MACHINES: Final = ("tosca.nodes.Compute", "tosca.nodes.Abstract.Compute")
_PARTS: Final = (
    "tosca.nodes.network.Network",
    "tosca.nodes.network.Port",
    "tosca.nodes.BlockStorage",
    "tosca.nodes.Storage.BlockStorage",
)
_MACHINE_WORDS: Final = frozenset({"vm", "compute", "machine", "droplet", "vdu"})
_CLOUD_WORDS: Final = frozenset({"ec2", "openstack", "instance", "instances"})
"""Last words of a type that is a machine where the words before speak of machines, or are `ec2`."""
_PART_WORDS: Final = frozenset(
    {
        "network",
        "subnet",
        "router",
        "volume",
        "port",
        "vpc",
        "vnet",
        "firewall",
        "keypair",
        "nic",
        "interface",
        "eip",
        "acl",
        "route",
    }
    | {"cp", "vl", "volumes", "subnets", "networks", "ports", "securitygroup", "dhcpoptions"}
)
_PART_ENDS: Final = (
    "security-rules",
    "security-group",
    "key-pair",
    "floating-ip",
    "block-storage",
    "elastic-ip",
    *("internet-gateway", "nat-gateway", "route-table", "security-group-rule", "floating-ip-address", "virtual-link"),
    *("subnet-group", "network-interface", "dhcp-options", "vdu-cp", "vnf-ext-cp", "virtual-port", "virtual-storage"),
)
_PLATFORM_WORDS: Final = frozenset({"platform", "provider", "cloud", "account", "subscription"})
_CONTAINED: Final = re.compile(r"Container\.Application")
_VOLUME: Final = re.compile(r"\bVolume\b")
_SAYING_NOTHING: Final = frozenset({"app"})
"""Words that say nothing in a template's own name: every component may be called `app`."""
_SHORTEST: Final = 5
"""Shorter words count only as whole words: `file` is in `profile`, `rest` in `forest`."""


class Kinds:
    """Finds the kind of a template from the catalog of kinds."""

    def __init__(self, model: Model, catalogs: Catalogs, hosts: Collection[str], hosted: Collection[str]) -> None:
        self.model, self.catalogs, self.hosts, self.hosted = model, catalogs, hosts, hosted
        self.by_type = {name: kind.id for kind in catalogs.kinds for name in kind.types}
        self.words = sorted(
            ((each.lower(), kind.id) for kind in catalogs.kinds if kind.id != SOFTWARE for each in kind.words),
            key=lambda each: (-len(each[0]), each),
        )
        self._hints: dict[str, tuple[str, KindId] | None] = {}

    def of(self, template: Template) -> KindId:
        """Return the kind: as the model says, by its types nearest first, by words in its names, else software."""
        found = self._said(template) or self._typed(template)
        if not found and is_machine(template):
            return COMPUTE
        found = found or self._hinted(template)
        if not found and not any(self.by_type.get(each) for each in template.type.chain[:1]):
            text = f"what kind of component {template.name!r} is cannot be told from its type; it is taken as software"
            self.model.findings.note("T017", template.at, text, "write 'kind' in its properties, or use one of our types")
        return found or SOFTWARE

    def _said(self, template: Template) -> KindId | None:
        node = template.properties.get("kind")
        written = self.model.values.scalar(node, template.name)
        if node is None or written is None:
            return None
        if written.text in self.catalogs.kind:
            return KindId(written.text)
        if any(each.startswith("musa.") for each in template.type.chain):
            close = self.model.findings.near(written.text, self.catalogs.kind)
            text = f"component {template.name!r} has unknown kind {written.text!r}"
            self.model.findings.error("T018", node.at, text, close or "kinds: " + ", ".join(sorted(self.catalogs.kind)))
        return None

    def _typed(self, template: Template) -> KindId | None:
        for name in template.type.chain:
            own = self.model.values.text(template.type.own_kinds.get(name), template.name)
            if own in self.catalogs.kind:
                return KindId(own)
            if (found := self.by_type.get(name)) and found != SOFTWARE:
                return found
        return None

    def _hinted(self, template: Template) -> KindId | None:
        """Look for the kinds' words in the type's last name, its whole name, the template's name and its image.

        That something comes in a container does not say what it is, so only what hosts others is a runtime of containers.
        """
        full = template.type_name
        types = [] if _CONTAINED.search(full) else [full.rpartition(".")[2], full.removeprefix("tosca.nodes.")]
        for name in [*types, template.name, image_of(self.model, template)[0]]:
            if name not in self._hints:
                self._hints[name] = self._match(name)
            found = self._hints[name]
            if found is None or not self._can_be(template, found[1], by_type=name in types):
                continue
            hint, kind = found
            if name == template.name and hint in _SAYING_NOTHING:
                continue
            text = f"component {template.name!r} is taken as {kind!r} because of {hint!r} in {name!r}"
            self.model.findings.note("T017", template.at, text, "write 'kind' in its properties if it is something else")
            return kind
        return None

    def _can_be(self, template: Template, kind: KindId, *, by_type: bool) -> bool:
        """Tell whether words may say so: what a name calls `payment` or `vm` need not be outside, or a machine."""
        if kind == RUNTIME:
            return template.name in self.hosts
        return kind not in {COMPUTE, EXTERNAL_KIND} or (by_type and template.name not in self.hosted)

    def _match(self, name: str) -> tuple[str, KindId] | None:
        tokens = slug(name).split("-")
        squashed = "".join(tokens)
        for hint, kind in self.words:
            plain = hint.replace("-", "").replace(" ", "")
            if hint in tokens or (len(plain) >= _SHORTEST and plain in squashed):
                return hint, kind
        return None


def role_of(template: Template, kind: KindId) -> Role:
    """Return the role of a template that is deployed or used."""
    if template.isa(EXTERNAL) or kind == EXTERNAL_KIND:
        return Role.EXTERNAL
    return Role.HOST if kind == COMPUTE or is_machine(template) else Role.COMPONENT


def is_machine(template: Template) -> bool:
    """Tell whether a type is a machine, by the norm or, where its definition is absent, by its name."""
    if template.isa(*_MACHINES):
        return True
    if template.type.complete:
        return False
    words, last = _tokens(template), last_words(template.type_name)
    in_cloud = last[-1] in _CLOUD_WORDS and ("ec2" in words or bool(_MACHINE_WORDS & words))
    return in_cloud or bool(_MACHINE_WORDS & set(last)) or _is_namespaced(words, last)


def _is_namespaced(words: frozenset[str], last: tuple[str, ...]) -> bool:
    """Tell a machine by a word before the last, as in `radon.nodes.VM.EC2`, unless the last says what else it is."""
    return bool(_MACHINE_WORDS & words) and last[-1] not in _PART_WORDS and not "-".join(last).endswith(_PART_ENDS)


def is_part(template: Template) -> bool:
    """Tell whether it is a network, port, volume or the like: part of what it is attached to, not a component."""
    if template.isa(*_PARTS):
        return True
    last = last_words(template.type_name)
    if not template.type.complete and _VOLUME.search(template.type_name):
        return True
    return not template.isa("tosca.nodes.Compute") and (last[-1] in _PART_WORDS or "-".join(last).endswith(_PART_ENDS))


def is_platform(template: Template) -> bool:
    """Tell whether it stands for a provider: this model comes before any, so the choice is left open."""
    return last_words(template.type_name)[-1] in _PLATFORM_WORDS


def _tokens(template: Template) -> frozenset[str]:
    parts = (slug(each).split("-") for each in template.type_name.split("."))
    return frozenset(token for part in parts for token in part)
