"""What a model file says by itself, told without our readers: its nodes and the targets of their requirements.

`corpus.py` holds our readers against this. It knows the plain forms only and nothing about types; what it cannot count, it leaves out.
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

VERSION: Final = re.compile(r"^[\"']?tosca_definitions_version[\"']?\s*:[ \t]*[\"']?([^\s\"'#]*)", re.MULTILINE)
_TOPOLOGY: Final = re.compile(r"^\s*[\"']?(node_templates|service_template)[\"']?\s*:", re.MULTILINE)
_CAMEL_TEXT: Final = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_CAMEL_NODE: Final = re.compile(r"(?<!\w)(internal\s+component|software(?:\s+component)?|container|vm)\s+\^?(\w+)\s*\{")
_CAMEL_LINK: Final = re.compile(r"(?<!provided )(?<!required )(?<!\w)(hosting|communication)\s+\^?\w+\s*(?:\{|from\b)")
_XMI_NODES: Final = frozenset({"internalComponents", "externalComponents", "vms", "softwareComponents", "components"})
_XMI_LINKS: Final = frozenset({"hostings", "communications"})
_XMI_MODELS: Final = frozenset({"deploymentModels", "deploymentmodels"})
LARGEST: Final = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Demand:
    """One requirement assignment: `target` is the name it gives, '' if it gives none; lines are those it stands on."""

    source: str
    name: str
    target: str
    first: int
    last: int


@dataclass(slots=True)
class Truth:
    """What stands in a file."""

    language: str
    version: str = ""
    nodes: dict[str, int] = field(default_factory=dict)
    demands: list[Demand] = field(default_factory=list)
    links: int = 0
    entry: str = ""


def models(folder: Path) -> list[Path]:
    """Return the models below a folder, or the file itself."""
    if folder.is_file():
        return [folder]
    return sorted(each for each in folder.rglob("*") if each.is_file() and ".git" not in each.parts and _is_model(each))


def _is_model(path: Path) -> bool:
    match path.suffix.lower():
        case ".camel":
            return True
        case ".xmi":
            return b"CamelModel" in path.read_bytes()[:4096]
        case ".csar":
            return True
        case ".zip":
            return bool(entry_of(path)[0])
        case ".yaml" | ".yml" | ".tosca":
            text = path.read_bytes()[:LARGEST].decode("utf-8", "replace")
            return bool(VERSION.search(text) and _TOPOLOGY.search(text))
    return False


def entry_of(path: Path) -> tuple[str, str]:
    """Return name and text of an archive's main template; two empty texts if that cannot be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            meta = next((each for each in names if each.lower().endswith("tosca-metadata/tosca.meta")), None)
            root = posixpath.dirname(posixpath.dirname(meta)) if meta else ""
            entry = ""
            if meta:
                said = re.search(
                    r"^Entry-Definitions:\s*(\S.*?)\s*$", archive.read(meta).decode("utf-8", "replace"), re.MULTILINE
                )
                entry = posixpath.join(root, said.group(1)) if said else ""
            if not entry:
                few = [
                    each for each in names if each.count("/") == root.count("/") + bool(root) and each.endswith((".yaml", ".yml"))
                ]
                few = [each for each in few if VERSION.search(archive.read(each).decode("utf-8", "replace"))]
                entry = few[0] if len(few) == 1 else ""
            return (entry, archive.read(entry).decode("utf-8", "replace")) if entry in names else ("", "")
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, EOFError):
        return "", ""


def truth(path: Path) -> Truth:
    """Return what the file says; an empty truth where it says nothing that can be counted."""
    suffix = path.suffix.lower()
    if suffix in {".csar", ".zip"}:
        entry, text = entry_of(path)
        found = _tosca(text, "csar")
        found.entry = entry
        return found
    text = path.read_bytes()[:LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")
    if suffix == ".camel":
        return _camel(text)
    if suffix == ".xmi":
        return _xmi(path)
    return _tosca(text, "tosca")


def _camel(text: str) -> Truth:
    text = _CAMEL_TEXT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found = Truth("camel")
    for each in _CAMEL_NODE.finditer(text):
        found.nodes[each[2]] = text.count("\n", 0, each.start()) + 1
    found.links = len(_CAMEL_LINK.findall(text))
    return found


def _xmi(path: Path) -> Truth:
    from lxml import etree

    found = Truth("xmi")
    try:
        inside = 0
        events = etree.iterparse(
            io.BytesIO(path.read_bytes()), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for event, each in events:
            tag = etree.QName(each).localname
            if tag in _XMI_MODELS:
                inside += 1 if event == "start" else -1
            elif event == "start" and inside:
                if tag in _XMI_NODES and each.get("name"):
                    found.nodes[str(each.get("name"))] = each.sourceline or 0
                found.links += tag in _XMI_LINKS
    except etree.XMLSyntaxError:
        pass
    return found


def _tosca(text: str, language: str) -> Truth:
    version = VERSION.search(text)
    found = Truth(language, version[1] if version else "")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError:
        return found
    body = _get(root, "topology_template") or _get(root, "service_template") or root
    inputs = {name.value: _get(value, "default") for name, value in _pairs(_get(body, "inputs"))}
    named = {name.value for name, _ in _pairs(_get(body, "node_templates"))}
    for name, template in _pairs(_get(body, "node_templates")):
        found.nodes[name.value] = name.start_mark.line + 1
        asked = _get(template, "requirements")
        for each in asked.value if isinstance(asked, yaml.SequenceNode) else [asked]:
            for number, (key, value) in enumerate(_pairs(each)):
                target = _target(value, inputs)
                if number and isinstance(asked, yaml.SequenceNode) and target not in named:
                    continue  # beside a requirement in one item of a list: what some dialects say of it
                last = max(value.end_mark.line + (value.end_mark.column > 0), key.start_mark.line + 1)
                found.demands.append(Demand(name.value, key.value, target, key.start_mark.line + 1, last))
        related = _get(template, "relationships")  # Cloudify's way
        for each in related.value if isinstance(related, yaml.SequenceNode) else []:
            target = _target(_get(each, "target"), inputs)
            kind = getattr(_get(each, "type"), "value", "")
            found.demands.append(Demand(name.value, str(kind), target, each.start_mark.line + 1, each.end_mark.line))
    return found


def _target(value: Any, inputs: dict[str, Any]) -> str:
    if isinstance(value, yaml.MappingNode) and (said := _function(value, inputs)) is not None:
        return said
    node = _get(value, "node") if isinstance(value, yaml.MappingNode) else value
    if isinstance(node, yaml.SequenceNode) and node.value:
        node = node.value[0]
    if isinstance(node, yaml.MappingNode):
        return _function(node, inputs) or ""
    return node.value if isinstance(node, yaml.ScalarNode) and node.value not in {"", "~", "null"} else ""


def _function(node: Any, inputs: dict[str, Any]) -> str | None:
    pairs = list(_pairs(node))
    if len(pairs) != 1 or not pairs[0][0].value.lstrip("$").startswith("get_"):
        return None
    asked = pairs[0][1]
    default = inputs.get(asked.value) if isinstance(asked, yaml.ScalarNode) else None
    return default.value if isinstance(default, yaml.ScalarNode) else ""


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)]


def _get(node: Any, key: str) -> Any:
    return next((value for name, value in _pairs(node) if name.value == key), None)
