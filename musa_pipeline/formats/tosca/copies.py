"""A node template that is written as a copy of another (TOSCA 1.3, section 3.8.3)."""

from typing import Final

from musa_pipeline.formats.tosca.p1_read import Findings, word
from musa_pipeline.text.yaml import Mapping, Node

_MERGED: Final = frozenset({"properties", "attributes", "capabilities", "artifacts", "interfaces", "metadata"})
_DEEPEST: Final = 50
_MOST: Final = 2_000_000
"""Words that all copies of a model have together: a large template that many copy is more than a file can say otherwise."""


class Copies:
    """Reads templates together with what they copy."""

    def __init__(self, findings: Findings) -> None:
        self.findings, self.left = findings, _MOST

    def of(self, nodes: Mapping, name: str, body: Node) -> Node:
        """Return what a template says together with what it copies, its own words first."""
        seen = {name}
        while isinstance(body, Mapping) and (source := word(body.get("copy"))):
            original = nodes.get(source)
            if not isinstance(original, Mapping) or source in seen:
                self._leads_nowhere(nodes, name, body, source in seen)
                return body
            if len(seen) > _DEEPEST:
                text = f"node template {name!r} copies through more than {_DEEPEST} others"
                self.findings.fault("T012", body.entries["copy"].at, text, "copy the one that says most of it")
                return body
            seen.add(source)
            if not self._enough(body, original):
                return body
            body = _laid_over(body, original)
        return body

    def _leads_nowhere(self, nodes: Mapping, name: str, body: Mapping, circle: bool) -> None:
        at, source = body.entries["copy"].at, word(body.entries["copy"])
        text = "leads back to itself" if circle else "the model does not have"
        close = "" if circle else self.findings.near(source, nodes.entries)
        way_out = close or "copy another node template, or write its type"
        self.findings.fault("T012", at, f"node template {name!r} copies {source!r}, which {text}", way_out)

    def _enough(self, body: Mapping, original: Mapping) -> bool:
        before = self.left
        self.left -= len(original.entries) + sum(
            len(value.entries) for each in (body, original) for _, value in each if isinstance(value, Mapping)
        )
        if self.left < 0 <= before:
            text = f"from here on copies are not read: all together they have more than {_MOST:,} words"
            self.findings.error("T012", body.entries["copy"].at, text, "write what they have in common into a type")
        return self.left >= 0


def _laid_over(own: Mapping, original: Mapping) -> Mapping:
    """Return a copy of a template with one's own words over it; properties and the like are merged by name."""
    found = dict(original.entries)
    keys = dict(original.keys)
    for name, value in own:
        before = original.entries.get(name)
        keys[name] = own.keys[name]
        if name in _MERGED and isinstance(value, Mapping) and isinstance(before, Mapping):
            value = Mapping({**before.entries, **value.entries}, {**before.keys, **value.keys}, value.at)
        found[name] = value
    if "copy" not in original.entries:
        del found["copy"]
    else:
        found["copy"] = original.entries["copy"]
    return Mapping(found, keys, own.at)
