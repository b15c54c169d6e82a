"""What a template brings with it: its image and other artifacts, where they come from, and whether anybody can tell them from others."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from musa_pipeline.formats.tosca.p1_read import at_path, entries, word
from musa_pipeline.formats.tosca.templates import Model, Template
from musa_pipeline.text.commands import holds_secret
from musa_pipeline.text.yaml import Mapping, Node

_DIGEST: Final = re.compile(r"@sha(?:256|384|512):[0-9a-f]{64,128}$")
_MACHINE_IMAGE: Final = re.compile(r"Image\.VM|Image\.Machine|\.VM\.")
_WEAK: Final = frozenset({"md5", "sha-1", "sha1"})
_PLAIN: Final = ("http://", "ftp://")


def image_of(model: Model, template: Template) -> tuple[str, Node | None]:
    """Return the container or machine image that the template names, and where; '' if none, or if it is unknown."""
    own = template.body.get("artifacts")
    for _, artifact in _artifacts(template):
        if isinstance(artifact, Mapping) and ".Image" in word(artifact.get("type")):
            node = artifact.get("file")
            return _text(model, template, "image", node), node
    for name in ("image", "image_name"):
        if found := model.values.text(model.property(template, name), template.name):
            return found, model.raw(template.name, name)
    node = at_path(own, "image", "file")
    return _text(model, template, "image", node), node


def check_image(model: Model, template: Template, image: str, at: Node | None) -> None:
    """Note a container image that is not pinned: its tag may mean another one tomorrow."""
    if not image or at is None or _DIGEST.search(image) or holds_secret(image):
        return
    if not _is_container(template, image):
        return
    text = f"the image {image!r} of component {template.name!r} has no digest; its tag may be another image tomorrow"
    model.findings.note("T070", at.at, text, "write name@sha256:…, as 'docker images --digests' shows it")


def check_artifacts(model: Model, template: Template) -> None:
    """Report artifacts that come over a plain protocol, or that have a weak checksum."""
    for name, artifact in _artifacts(template):
        file = model.values.text(artifact.get("file") if isinstance(artifact, Mapping) else artifact, template.name)
        checksum = word(artifact.get("checksum")) if isinstance(artifact, Mapping) else ""
        algorithm = word(artifact.get("checksum_algorithm")) if isinstance(artifact, Mapping) else ""
        repository = _address(model, artifact)
        address = file if "://" in file else repository
        at = artifact.get("file") if isinstance(artifact, Mapping) else artifact
        place = (at or artifact).at
        if address.lower().startswith(_PLAIN) and not checksum:
            where = "" if address == file else " its repository"
            text = f"artifact {name!r} of component {template.name!r} comes from{where} {_shown(address)!r} without encryption or checksum"
            model.findings.warn("T071", place, text, "take it over https, or write its checksum and checksum_algorithm")
        elif "://" in file and not checksum:
            text = f"artifact {name!r} of component {template.name!r} comes from the network without a checksum"
            model.findings.note("T071", place, text, "write checksum and checksum_algorithm: SHA-256")
        if checksum and algorithm.lower() in _WEAK:
            text = f"the checksum of artifact {name!r} of component {template.name!r} is {algorithm}, which can be forged"
            model.findings.warn("T071", place, text, "write one of SHA-256")


def check_repositories(model: Model, repositories: Iterable[tuple[str, Node]]) -> None:
    """Report repositories that are reached over a plain protocol, and secrets in their addresses."""
    for name, body in repositories:
        address = word(body.get("url")) if isinstance(body, Mapping) else word(body)
        if address.lower().startswith(_PLAIN):
            text = f"repository {name!r} is reached without encryption"
            model.findings.warn("T071", body.at, text, "write its https address")
        if holds_secret(address):
            text = f"repository {name!r} has a secret in clear text in its address"
            model.findings.warn("T031", body.at, text, "log in to it on the machine instead")


def _artifacts(template: Template) -> Iterator[tuple[str, Node]]:
    own = {name: node for name, node, _ in entries(template.body.get("artifacts"))}
    yield from own.items()
    for name, node in template.type.artifacts.items():
        if name not in own:
            yield name, node


def _text(model: Model, template: Template, what: str, node: Node | None) -> str:
    found = model.values.text(node, template.name)
    if not found and node is not None and model.values.node(node, template.name) is None:
        model.unknown[template.name].setdefault(what, node)
    return found


def _is_container(template: Template, image: str) -> bool:
    """Tell a container's image from a machine's, which providers name in their own ways."""
    machine = template.isa("tosca.nodes.Compute", "tosca.nodes.Abstract.Compute")
    return (
        not machine
        and not any(_MACHINE_IMAGE.search(word(at_path(each, "type"))) for _, each in _artifacts(template))
        and (not image.endswith((".qcow2", ".iso", ".img", ".vmdk", ".ova")))
    )


def _address(model: Model, artifact: Node) -> str:
    name = word(artifact.get("repository")) if isinstance(artifact, Mapping) else ""
    if not name:
        return ""
    body = next((node for each, node, _ in entries(model.topology.root.get("repositories")) if each == name), None)
    return (word(body.get("url")) if isinstance(body, Mapping) else word(body)) or (name if "://" in name else "")


def _shown(address: str) -> str:
    """Return an address without what may be a name and a password."""
    scheme, _, rest = address.partition("://")
    host = rest.split("/", 1)[0].rpartition("@")[2]
    return f"{scheme}://{host}/…" if "/" in rest else f"{scheme}://{host}"
