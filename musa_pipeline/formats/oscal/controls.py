"""An OSCAL catalog and its baseline profiles to the facts that `catalogs/controls` holds, one control a line.

OSCAL control model 1.1: `status` says withdrawn, links say `incorporated-into`, `moved-to` and `related`; NIST's own property
`implementation-level` says who implements a control. Everything else, the prose above all, is skipped while it is parsed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import msgspec

from musa_pipeline.domain.control import Baseline, Level
from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.domain.source import Source


class NotOscal(MusaError):
    """The text is not the OSCAL document that was expected."""

    def __init__(self, document: str, reason: str) -> None:
        super().__init__(document, reason)
        self.document, self.reason = document, reason

    def __str__(self) -> str:
        return f"{self.document} is not an OSCAL document: {self.reason}"


class _Property(msgspec.Struct):
    name: str
    value: str


class _Link(msgspec.Struct):
    href: str
    rel: str = ""


class _Control(msgspec.Struct):
    id: str
    title: str
    props: list[_Property] = []
    links: list[_Link] = []
    controls: list["_Control"] = []


class _Group(msgspec.Struct):
    controls: list[_Control] = []
    groups: list["_Group"] = []


class _Metadata(msgspec.Struct):
    title: str
    version: str


class _Catalog(msgspec.Struct):
    metadata: _Metadata
    groups: list[_Group] = []
    controls: list[_Control] = []


class _CatalogFile(msgspec.Struct):
    catalog: _Catalog


class _Ids(msgspec.Struct, rename="kebab"):
    with_ids: list[str] = []


class _Import(msgspec.Struct, rename="kebab"):
    include_controls: list[_Ids] = []


class _Profile(msgspec.Struct):
    metadata: _Metadata
    imports: list[_Import] = []


class _ProfileFile(msgspec.Struct):
    profile: _Profile


def import_controls(catalog_json: str, baselines: Mapping[str, str], revision: str, source: Source) -> str:
    """Return the facts of an OSCAL catalog as JSON; `baselines`: low, moderate, high, privacy -> its profile's text.

    A control is in a baseline when the profile names it, exactly; parents are not added (they are a matter of display).
    """
    catalog = _decode("the catalog", catalog_json, _CatalogFile).catalog
    read = {name.value: _profile(name.value, baselines[name]) for name in Baseline if name in baselines}
    profiles = {name: _ids(profile) for name, profile in read.items()}
    header: dict[str, Any] = {
        "id": f"nist-800-53-r{revision}",
        "title": catalog.metadata.title,
        "revision": revision,
        "version": catalog.metadata.version,
        "source": _said(source if source.version else replace(source, version=catalog.metadata.version)),
        "baselines": {name: profile.metadata.version for name, profile in read.items()},
        "sha256": {"catalog": _digest(catalog_json), **{name: _digest(baselines[name]) for name in profiles}},
    }
    facts = {
        each.id: _facts(each, parent, profiles)
        for group in [*catalog.groups, _Group(controls=catalog.controls)]
        for each, parent in _walk(group)
    }
    lines = [_line(facts[key]) for key in sorted(facts, key=lambda each: control_key(_named(each)))]
    head = json.dumps(header, ensure_ascii=False, indent=1)[:-2]
    return head + ',\n "controls": [\n' + ",\n".join(lines) + "\n]}\n"


def _decode(what: str, text: str, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise NotOscal(what, str(error)) from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _said(source: Source) -> dict[str, str]:
    return {key: value for key, value in asdict(source).items() if value}


def _profile(name: str, text: str) -> _Profile:
    found: _ProfileFile = _decode(f"baseline {name!r}", text, _ProfileFile)
    return found.profile


def _ids(profile: _Profile) -> frozenset[str]:
    return frozenset(each for part in profile.imports for ids in part.include_controls for each in ids.with_ids)


def _walk(group: _Group) -> Iterator[tuple[_Control, _Control | None]]:
    waiting: list[tuple[_Control, _Control | None]] = [(each, None) for each in group.controls]
    for inner in group.groups:
        yield from _walk(inner)
    while waiting:
        each, parent = waiting.pop()
        yield each, parent
        waiting.extend((child, each) for child in each.controls)


def _named(written: str) -> ControlId:
    found = control_id(written)
    if not found:
        raise NotOscal("the catalog", f"{written!r} is not the id of a NIST control")
    return found


def _facts(control: _Control, parent: _Control | None, profiles: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    withdrawn = any(each.name == "status" and each.value.lower() == "withdrawn" for each in control.props)
    facts: dict[str, Any] = {
        "id": _named(control.id),
        "title": control.title,
        "parent": _named(parent.id) if parent else None,
        "baselines": [name for name, ids in profiles.items() if control.id in ids],
        "level": _level(control),
        "withdrawn": withdrawn,
        "moved_to": _targets(control, "incorporated-into", "moved-to"),
        "related": _targets(control, "related"),
    }
    return {key: value for key, value in facts.items() if value}


def _level(control: _Control) -> Level | None:
    levels = {each.value for each in control.props if each.name == "implementation-level"}
    if {Level.SYSTEM, Level.ORGANIZATION} <= levels:
        return Level.BOTH
    return next((each for each in Level if each in levels), None)


def _targets(control: _Control, *relations: str) -> list[ControlId]:
    """Return the controls that links of these relations name; a link to a part (`#ac-2_smt.k`) is one to its control."""
    found = {control_id(each.href.removeprefix("#").partition("_")[0]) for each in control.links if each.rel in relations}
    return sorted((each for each in found if each), key=control_key)


def _line(facts: dict[str, Any]) -> str:
    return "  " + json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
