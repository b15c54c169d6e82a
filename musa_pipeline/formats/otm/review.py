"""What is doubtful about an OTM document as a whole: its version, its sections, its project, representations that are nowhere."""

import re
from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.problems import near
from musa_pipeline.formats.otm.tree import EMPTY, inside, is_null, items, word
from musa_pipeline.text.yaml import Mapping, Node

SECTIONS: Final = (
    *("otmVersion", "project", "representations", "assets", "trustZones", "components", "dataflows", "threats", "mitigations"),
)
_KNOWN: Final = re.compile(r"0\.[12](?:\.\d+)?")


def review(root: Mapping, findings: Findings) -> Mapping:
    """Return the document with its sections under the standard's names, and tell what is wrong with it as a whole."""
    found = _with_names(root, findings)
    _version(found, findings)
    if word(inside(found, "project").get("id")) == "" or word(inside(found, "project").get("name")) == "":
        node = found.get("project")
        findings.warn(
            "U003", node.at if node else found.at, "the project has no id or no name", "write 'project: {id: …, name: …}'"
        )
    _representations(found, findings)
    return found


def _with_names(root: Mapping, findings: Findings) -> Mapping:
    names = {each.lower(): each for each in SECTIONS}
    entries: dict[str, Node] = {}
    keys = dict(root.keys)
    for key, node in root:
        name = key if key in SECTIONS else names.get(key.lower(), "")
        if name and name != key and name not in root.entries:
            findings.warn("U020", root.keys[key], f"{key!r} is written {name!r} in OTM; it is read as that", f"write {name!r}")
            keys[name] = root.keys[key]
        elif key not in SECTIONS:
            close = near(key, SECTIONS) or "sections are " + ", ".join(SECTIONS)
            findings.warn("U020", root.keys[key], f"{key!r} is no section of OTM and is left out", close)
            continue
        entries[name] = node
    return Mapping(entries, keys, root.at)


def _version(root: Mapping, findings: Findings) -> None:
    node = root.get("otmVersion")
    if is_null(node) or node is None:
        findings.warn("U002", root.at, "the document has no otmVersion; it is read as 0.2.0", "begin it with 'otmVersion: 0.2.0'")
    elif not _KNOWN.fullmatch(word(node)):
        text = f"otmVersion {word(node)!r} is not known; it is read as 0.2.0"
        findings.warn("U002", node.at, text, "known are 0.1.0 and 0.2.0")


def _representations(root: Mapping, findings: Findings) -> None:
    """Tell of elements that are drawn in a representation which the file does not have; nothing else is asked of drawings."""
    known = {word(each.get("id")) for each in items(root.get("representations")) if isinstance(each, Mapping)}
    for owner, element in _elements(root):
        node = element.get("representation")
        said = word(node)
        if said in known:
            continue
        text = f"{owner!r} is drawn in representation {said!r}, which the file does not have"
        if not said:
            text = f"an element of {owner!r} does not say in which representation it is drawn"
        way_out = near(said, sorted(known)) if len(known) < 100 else ""
        at = node.at if node is not None else element.at
        findings.warn("U021", at, text, way_out or "add the representation, or name one that is there")


def _elements(root: Mapping) -> Iterator[tuple[str, Mapping]]:
    for key in ("trustZones", "components"):
        for each in items(root.get(key)):
            body = each if isinstance(each, Mapping) else EMPTY
            for element in items(body.get("representations")):
                if isinstance(element, Mapping):
                    yield word(body.get("id")) or word(body.get("name")), element
