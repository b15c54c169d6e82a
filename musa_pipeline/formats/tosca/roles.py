"""What a template is to us: its kind, its role, or nothing we deploy."""

import re
from collections.abc import Callable, Collection
from itertools import chain
from typing import Final, TypeAlias

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
    | {"cp", "vl", "volumes", "subnets", "networks", "ports", "securitygroup", "dhcpoptions", "attachment"}
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
OURS: Final = "musa.nodes.Component"
"""What is derived from it is a component, whatever it is called: `musa.nodes.Network` too."""
_PART_WITHIN: Final = "security-group"
"""A part with whatever stands behind it: AWS has `SecurityGroupRuleIngress`."""
_IMAGE: Final = "image"
_CLOUDS: Final = frozenset({"ec2", "aws", "ami", "openstack", "nova", "glance", "azure", "azurerm", "gcp", "google", "vsphere"})
"""Beside one of these words in the name of a type, an image is what machines start from."""
_PLATFORM_WORDS: Final = frozenset({"platform", "provider", "cloud", "account", "subscription"})
_CONTAINED: Final = re.compile(r"Container\.Application")
_VOLUME: Final = re.compile(r"\bVolume\b")
_SAYING_NOTHING: Final = frozenset({"app"})
"""Words that say nothing in a template's own name: every component may be called `app`."""
_GENERAL: Final = frozenset(
    {
        *("api", "app", "back-end", "backend", "endpoint", "front-end", "frontend", "gateway", "gui", "microservice", "rest"),
        *("service", "site", "ui", "web", "cluster", "container", "docker", "runtime", "block", "file", "object", "share"),
        *("volume", "host", "job", "map", "maps", "mobile", "external", "partner"),
    }
)
"""Words that say how a thing is reached, packed or used; a word that says what it is counts before them."""
_BEHIND: Final = frozenset({"server", "primary", "replica", "instance"})
"""Words behind the one that says what a thing is, as numbers are."""
_SHORTEST: Final = 5
"""Shorter words count only as whole words: `file` is in `profile`, `rest` in `forest`."""


_REPOSITORY: Final = re.compile(r"^.*/|[:@].*$")
"""What stands around the last part of an image's name."""
_VARIANT: Final = re.compile(r"[~#@].*$")
"""What stands behind the name of a type of which tools make one for each way to deploy it."""
Hint: TypeAlias = tuple[str, KindId]
"""A word, and the kind that it speaks of."""
Where: TypeAlias = Callable[[str, list[str]], bool]
"""Whether a word stands at a place in a name, which is given in its parts."""


class Kinds:
    """Finds the kind of a template from the catalog of kinds."""

    def __init__(self, model: Model, catalogs: Catalogs, hosts: Collection[str], hosted: Collection[str]) -> None:
        self.model, self.catalogs, self.hosts, self.hosted = model, catalogs, hosts, hosted
        self.by_type = {name: kind.id for kind in catalogs.kinds for name in kind.types}
        self.words = sorted(
            ((each.lower(), kind.id) for kind in catalogs.kinds if kind.id != SOFTWARE for each in kind.words),
            key=lambda each: (-len(each[0]), each),
        )
        self._hints: dict[tuple[Where, str], Hint | None] = {}

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
        """Look for the kinds' words, first those that say what a thing is: in its image, then as the last word of its type or name.

        Then any word in the type's last name, its whole name, the template's name and its image. That something comes in
        a container does not say what it is, so only what hosts others is a runtime of containers.
        """
        full = template.type_name
        last, own, image = full.rpartition(".")[2], template.name, image_of(self.model, template)[0]
        types = (
            ()
            if _CONTAINED.search(full)
            else (_VARIANT.sub("", full).rpartition(".")[2], last, full.removeprefix("tosca.nodes."))
        )
        ends = ((each, _at_end) for each in (_REPOSITORY.sub("", image), *types[:1], own))
        for name, where in chain(ends, ((each, _anywhere) for each in (*types[1:], own, image))):
            found = self._found(name, where)
            if found is None or not self._can_be(template, *found, by_type=name in types):
                continue
            hint, kind = found
            if name == template.name and hint in _SAYING_NOTHING:
                continue
            text = f"component {template.name!r} is taken as {kind!r} because of {hint!r} in {name!r}"
            self.model.findings.note("T017", template.at, text, "write 'kind' in its properties if it is something else")
            return kind
        return None

    def _can_be(self, template: Template, hint: str, kind: KindId, *, by_type: bool) -> bool:
        """Tell whether words may say so: what a name calls `payment` or `vm` need not be outside, or a machine.

        What stands below `ec2` in the name of a type need not be a machine either.
        """
        if kind == RUNTIME:
            return template.name in self.hosts
        if kind == COMPUTE and not (hint in last_words(template.type_name) or template.name in self.hosts):
            return False
        return kind not in {COMPUTE, EXTERNAL_KIND} or (by_type and template.name not in self.hosted)

    def _found(self, name: str, where: Where) -> Hint | None:
        """Return the longest word of the catalog that stands there in a name; each name is looked at once."""
        if (where, name) not in self._hints:
            tokens = slug(name).split("-") if name else []
            self._hints[where, name] = next((each for each in self.words if where(each[0], tokens)), None)
        return self._hints[where, name]


def _anywhere(hint: str, tokens: list[str]) -> bool:
    plain = hint.replace("-", "").replace(" ", "")
    return hint in tokens or (len(plain) >= _SHORTEST and plain in "".join(tokens))


def _at_end(hint: str, tokens: list[str]) -> bool:
    """Tell whether a word that says what a thing is stands last, numbers and the like left out."""
    if hint in _GENERAL or not tokens:
        return False
    last = len(tokens)
    while last > 1 and (tokens[last - 1].isdigit() or tokens[last - 1] in _BEHIND):
        last -= 1
    plain = hint.replace("-", "").replace(" ", "")
    return hint == tokens[last - 1] or (len(plain) >= _SHORTEST and "".join(tokens[:last]).endswith(plain))


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
    if template.isa(OURS):
        return False
    last = last_words(template.type_name)
    if not template.type.complete and _VOLUME.search(template.type_name):
        return True
    if template.isa("tosca.nodes.Compute"):
        return False
    name = "-".join(last)
    image = last[-1] == _IMAGE and bool(_CLOUDS & _tokens(template))
    return image or last[-1] in _PART_WORDS or name.endswith(_PART_ENDS) or _PART_WITHIN in name


def is_platform(template: Template) -> bool:
    """Tell whether it stands for a provider: this model comes before any, so the choice is left open."""
    return last_words(template.type_name)[-1] in _PLATFORM_WORDS


def _tokens(template: Template) -> frozenset[str]:
    parts = (slug(each).split("-") for each in template.type_name.split("."))
    return frozenset(token for part in parts for token in part)
