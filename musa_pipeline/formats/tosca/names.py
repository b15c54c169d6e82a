"""The types of all files by section and name: short names, prefixes, namespaces, circles, and what nothing defines (TOSCA 1.3, 3.2, 5.1)."""

from dataclasses import replace
from typing import Final

from musa_pipeline.domain.source import NOWHERE, Span
from musa_pipeline.formats.tosca.builtin import PREFIXES, PRIMITIVES, body, facts, shorts
from musa_pipeline.formats.tosca.definitions import Definition
from musa_pipeline.formats.tosca.dialects import Turn
from musa_pipeline.formats.tosca.p1_read import EMPTY, Findings, entries, is_null, word
from musa_pipeline.formats.tosca.p2_imports import Imported
from musa_pipeline.formats.tosca.p3_dialect import document_dialect, in_shape
from musa_pipeline.text.yaml import Mapping

NODES: Final = "node_types"
CAPABILITIES: Final = "capability_types"
RELATIONSHIPS: Final = "relationship_types"
DATA: Final = "data_types"
_NOUNS: Final = {
    NODES: "node type",
    CAPABILITIES: "capability type",
    RELATIONSHIPS: "relationship type",
    "policy_types": "policy type",
    "group_types": "group type",
    "artifact_types": "artifact type",
    "interface_types": "interface type",
    DATA: "data type",
}
_COMPARED: Final = 500
"""Unknown types for which the nearest known one is looked for."""
_ALIKE: Final = 0.8
_QUIET: Final = frozenset({"artifact_types", "interface_types"})
"""Sections whose unknown types change nothing that is read."""


class Names:
    """All types by section and full name, and what a written name means."""

    def __init__(self, files: list[Imported], findings: Findings, catalogued: frozenset[str]) -> None:
        self.findings, self.catalogued = findings, catalogued
        self.sections: dict[str, dict[str, Definition]] = {section: {} for section in PREFIXES}
        self._aliases: dict[tuple[str, str], str] = {}
        self._called: dict[tuple[str, str], list[str]] = {}
        self._twins: set[tuple[str, str]] = set()
        self._chains: dict[tuple[str, str], tuple[str, ...]] = {}
        self._names: dict[tuple[str, str, str], str] = {}
        self._broken: set[tuple[str, str]] = set()
        self._compared = 0
        self._unknown: dict[tuple[str, str], dict[Span, str]] = {}
        for each in files:
            self._register(each, files[-1])
        for section in self.sections:
            self._settle(section)
        for section in self.sections:
            self._check_parents(section)

    def name(self, section: str, written: str, space: str = "") -> str:
        """Return the full name of a type, short and prefixed names resolved (TOSCA 1.3, section 5.1); '' if it is unknown.

        `space` is the prefix of the import that the name stands in: its own types come first.
        """
        key = (section, written, space)
        if key not in self._names:
            self._names[key] = self._resolve(section, written, space) if written else ""
        return self._names[key]

    def chain(self, section: str, written: str) -> tuple[str, ...]:
        """Return the type and its ancestors, nearest first; an unknown one ends the chain under its written name."""
        name = self.name(section, written) or written
        key = (section, name)
        if key not in self._chains:
            found: dict[str, None] = {}
            while name and name not in found:
                found[name] = None
                if (section, name) in self._twins:
                    found[PREFIXES[section] + name] = None
                name = self._parent_in_full(section, name)
            self._chains[key] = tuple(found)
        return self._chains[key]

    def parent(self, section: str, name: str) -> str:
        """Return the parent as written; '' for a root."""
        if (section, name) in self._broken:
            return ""
        definition = self.sections[section].get(name)
        written = word(definition.body.get("derived_from")) if definition else ""
        return written or (facts(section)[name].parent if name in facts(section) else "")

    def definition(self, section: str, name: str) -> Definition | None:
        """Return a type by its full name, one of the norm as if it were written."""
        found = self.sections[section].get(name)
        return found or (Definition(name, body(section, name), NOWHERE, "") if name in facts(section) else None)

    def check(self, section: str, written: str, at: Span, user: str, space: str = "") -> None:
        """Report a type that neither the model, an import nor the norm defines."""
        if not self.name(section, written, space):
            self._unknown.setdefault((section, written), {}).setdefault(at, user)

    def report_unknown(self) -> None:
        """Report each unknown type once, with how many places name it: an error where it can only be a mistake.

        That is so for our own types, and where a type of nearly that name stands beside it. It is not where definitions
        are known to be missing: an import is absent, or our catalog knows the type or others of its family.
        """
        families = {_family(written) for _, written in self._unknown if written in self.catalogued} - {"tosca", "musa"}
        for (section, written), places in self._unknown.items():
            (at, user), others = next(iter(places.items())), len(places) - 1
            text = f"{user} has unknown {_NOUNS[section]} {written!r}"
            if others:
                text += f", and so in {others} more {'place' if others == 1 else 'places'}"
            family, close = _family(written), self._close(section, written)
            known = written in self.catalogued or family in families or section in _QUIET
            mistaken = family == "musa" or close
            absent = self.findings.lenient or known or not mistaken
            if written.startswith("musa.") and not any(each.startswith("musa.") for each in self.sections[section]):
                way_out = "our own types come with an import: add 'imports: [musa.yaml]'"
            elif written in self.catalogued:
                way_out = "the catalog of kinds knows what it is, not what it inherits: import its file"
            else:
                way_out = (
                    f"did you mean {close!r}?" if close else f"import the file that defines it, or define it below {section}"
                )
            (self.findings.warn if absent else self.findings.error)("T004", at, text, way_out)

    def _resolve(self, section: str, written: str, space: str) -> str:
        known, norm = self.sections[section], facts(section)
        for name in (f"{space}:{written}", written) if space else (written,):
            if found := self._aliases.get((section, name)):
                return found
            if name in known or name in norm:
                return name
        plain = written.rpartition(":")[2]  # under another prefix, only what the norm defines is known
        if plain == written and PREFIXES[section] + plain in known:
            return PREFIXES[section] + plain
        if section == DATA and plain in PRIMITIVES:
            return plain
        return plain if plain in norm else shorts(section).get(plain, "")

    def _parent_in_full(self, section: str, name: str) -> str:
        written = self.parent(section, name)
        definition = self.sections[section].get(name)
        return self.name(section, written, definition.space if definition else "") or written

    def _close(self, section: str, written: str) -> str:
        """Return the type that is meant: of the same namespace and nearly the same last name; '' if there is none.

        The first names are compared whatever else was: how bad a finding is must not depend on others.
        """
        import difflib  # costs start-up time that a run without mistakes need not pay

        self._compared += 1
        if self._compared > _COMPARED:
            return ""
        space, _, last = written.rpartition(".")
        beside = {
            end: each
            for some in (facts(section), self.sections[section])
            for each in some
            for start, _, end in (each.rpartition("."),)
            if start == space
        }
        found = difflib.get_close_matches(last, beside, n=1, cutoff=_ALIKE)
        return beside[found[0]] if found else ""

    def _register(self, imported: Imported, model: Imported) -> None:
        """Take the types of a file; under a prefix, a name that another file has too is kept apart."""
        document = in_shape(imported.document, document_dialect(model.document))
        dialect = document_dialect(document) or document_dialect(model.document)
        twins = dialect is not None and Turn.PROFILE_NAMES in dialect.turns
        for section, known in self.sections.items():
            for name, value, at in entries(document.root.get(section)):
                if not isinstance(value, Mapping) and not is_null(value):
                    self.findings.fault(
                        "T019", value.at, f"{_NOUNS[section]} {name!r} must be a mapping", "begin with derived_from"
                    )
                full, before = name, known.get(name)
                if before is not None and before.at != at:
                    if before.space != imported.prefix:
                        full = f"{imported.prefix}:{name}" if imported.prefix else name
                    if full in known and known[full].space == imported.prefix:
                        text = f"{_NOUNS[section]} {name!r} is defined twice"
                        self.findings.warn("T010", at, text, f"this one counts, not {known[full].at}")
                    elif full == name:  # the other came with a prefix, which goes on meaning it
                        moved = f"{before.space}:{name}"
                        known[moved] = replace(before, name=moved)
                        for alias in self._called.pop((section, full), ()):
                            self._aliases[section, alias] = moved
                        self._aliases.pop((section, moved), None)
                contents = value if isinstance(value, Mapping) else EMPTY
                known[full] = Definition(full, contents, at, document.file, imported.prefix)
                if imported.prefix and full == name:
                    self._aliases[section, f"{imported.prefix}:{name}"] = full
                    self._called.setdefault((section, full), []).append(f"{imported.prefix}:{name}")
                if twins and PREFIXES[section] + name in facts(section):
                    self._twins.add((section, full))

    def _settle(self, section: str) -> None:
        """Take types that are defined in another section's place, as old NFV files have them, for what they are derived from."""
        known, homes = self.sections[section], dict[str, str]()
        for start in list(known):
            path: dict[str, None] = {}
            name = start
            while name in known and name not in homes and name not in path:
                path[name] = None
                name = word(known[name].body.get("derived_from")) or f"{name} "
            home = homes.get(name) or next((each for each in PREFIXES if self._is_home(each, section, name)), section)
            homes.update(dict.fromkeys(path, home))
        for name, home in homes.items():
            if home != section and name not in self.sections[home]:
                definition = self.sections[home][name] = known.pop(name)
                text = f"{_NOUNS[home]} {name!r} is defined below {section}"
                self.findings.warn("T088", definition.at, text, f"write it below {home}")

    def _is_home(self, home: str, section: str, root: str) -> bool:
        """Tell whether a root is of another section: a type of the norm, or one without a parent that is named like such."""
        if home == section or root in facts(section):
            return False
        return root in facts(home) if not root.endswith(" ") else root.startswith(PREFIXES[home])

    def _check_parents(self, section: str) -> None:
        done: set[str] = set()
        for start in list(self.sections[section]):
            path: dict[str, None] = {}
            name = start
            while name in self.sections[section] and name not in done and name not in path:
                path[name] = None
                written = self.parent(section, name)
                definition = self.sections[section][name]
                if written and not self.name(section, written, definition.space) and written not in PRIMITIVES:
                    at = definition.body.entries["derived_from"].at
                    self.check(section, written, at, f"{_NOUNS[section]} {name!r}", definition.space)
                name = self.name(section, written, definition.space)
            if name and name in path:
                self._broken.add((section, name))
                definition = self.sections[section][name]
                said = definition.body.get("derived_from")  # a type of the norm that a file has anew may leave it to the norm
                at = said.at if said else definition.at
                self.findings.error(
                    "T011", at, f"{_NOUNS[section]} {name!r} is derived from itself", "end the circle at one type"
                )
            done.update(path)


def _family(name: str) -> str:
    return name.rpartition(":")[2].partition(".")[0] if "." in name else ""
