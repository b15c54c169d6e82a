"""An OSCAL catalog and its baseline profiles to the facts that `catalogs/controls` holds, one control a line.

OSCAL control model 1.1: `status` says withdrawn, links say `incorporated-into`, `moved-to` and `related`; NIST's own property
`implementation-level` says who implements a control. Everything else, the prose above all, is skipped while it is parsed.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import msgspec

from musa_pipeline.domain.control import Baseline, ControlCatalog, Level
from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.oscal.document import CATALOG, Group, NotOscal, OscalControl, OscalProfile, named, read_document


def import_controls(
    catalog_json: str | bytes,
    baselines: Mapping[str, str],
    revision: str,
    source: Source,
    kept: ControlCatalog | None = None,
) -> str:
    """Return the facts of an OSCAL catalog as JSON; `baselines`: low, moderate, high, privacy -> its profile's text.

    A control is in a baseline when the profile names it, exactly; parents are not added (they are a matter of display).
    Without profiles the baselines of `kept`, an earlier version of the revision, stay with the controls that are in force.
    """
    catalog = read_document(CATALOG, catalog_json).catalog
    if catalog is None:
        raise NotOscal(CATALOG, "it is a profile")
    read = {name.value: _profile(name.value, baselines[name]) for name in Baseline if name in baselines}
    profiles = {name: _ids(profile) for name, profile in read.items()}
    versions = {name: profile.metadata.version for name, profile in read.items()}
    digests = {name: _digest(baselines[name]) for name in profiles}
    if kept and not profiles:
        profiles = {name: frozenset(_oscal_ids(kept, name)) for name in kept.baselines}
        versions = dict(kept.baselines)
        digests = {name: digest for name, digest in kept.sha256.items() if name != "catalog"}
    header: dict[str, Any] = {
        "id": f"nist-800-53-r{revision}",
        "title": catalog.metadata.title,
        "revision": revision,
        "version": catalog.metadata.version,
        "source": _said(source if source.version else replace(source, version=catalog.metadata.version)),
        "baselines": versions,
        "sha256": {"catalog": _digest(catalog_json), **digests},
    }
    facts = {
        each.id: _facts(each, parent, profiles)
        for group in [*catalog.groups, Group(controls=catalog.controls)]
        for each, parent in _walk(group)
    }
    lines = [_line(facts[key]) for key in sorted(facts, key=lambda each: control_key(named(each)))]
    head = json.dumps(header, ensure_ascii=False, indent=1)[:-2]
    return head + ',\n "controls": [\n' + ",\n".join(lines) + "\n]}\n"


def catalog_of(catalog_json: str | bytes, revision: str = "") -> ControlCatalog:
    """Return an OSCAL catalog as the value that `catalogs/controls` would hold, without baselines.

    Raises NotOscal.
    """
    text = import_controls(catalog_json, {}, revision or revision_of(catalog_json), Source(document="OSCAL"))
    return msgspec.json.decode(text, type=ControlCatalog)


def revision_of(catalog_json: str | bytes) -> str:
    """Return the revision of SP 800-53 that a catalog's own title tells; 5 where it tells none."""
    catalog = read_document(CATALOG, catalog_json).catalog
    found = re.search(r"\bRev(?:ision|\.)?\s*(\d+)", catalog.metadata.title) if catalog else None
    return found[1] if found else "5"


def _oscal_ids(catalog: ControlCatalog, baseline: str) -> Iterator[str]:
    for each in catalog.controls:
        if baseline in each.baselines:
            yield each.id.lower().replace("(", ".").rstrip(")")


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def _said(source: Source) -> dict[str, str]:
    return {key: value for key, value in asdict(source).items() if value}


def _profile(name: str, text: str) -> OscalProfile:
    found = read_document(f"baseline {name!r}", text).profile
    if found is None:
        raise NotOscal(f"baseline {name!r}", "it is a catalog")
    return found


def _ids(profile: OscalProfile) -> frozenset[str]:
    return frozenset(each for part in profile.imports for ids in part.include_controls for each in ids.with_ids)


def _walk(group: Group) -> Iterator[tuple[OscalControl, OscalControl | None]]:
    waiting: list[tuple[OscalControl, OscalControl | None]] = [(each, None) for each in group.controls]
    for inner in group.groups:
        yield from _walk(inner)
    while waiting:
        each, parent = waiting.pop()
        yield each, parent
        waiting.extend((child, each) for child in each.controls)


def _facts(control: OscalControl, parent: OscalControl | None, profiles: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    withdrawn = any(each.name == "status" and each.value.lower() == "withdrawn" for each in control.props)
    facts: dict[str, Any] = {
        "id": named(control.id),
        "title": control.title,
        "parent": named(parent.id) if parent else None,
        "baselines": [name for name, ids in profiles.items() if control.id in ids],
        "level": _level(control),
        "withdrawn": withdrawn,
        "moved_to": _targets(control, "incorporated-into", "moved-to"),
        "related": _targets(control, "related"),
    }
    return {key: value for key, value in facts.items() if value}


def _level(control: OscalControl) -> Level | None:
    levels = {each.value for each in control.props if each.name == "implementation-level"}
    if {Level.SYSTEM, Level.ORGANIZATION} <= levels:
        return Level.BOTH
    return next((each for each in Level if each in levels), None)


def _targets(control: OscalControl, *relations: str) -> list[ControlId]:
    """Return the controls that links of these relations name; a link to a part (`#ac-2_smt.k`) is one to its control."""
    found = {control_id(each.href.removeprefix("#").partition("_")[0]) for each in control.links if each.rel in relations}
    return sorted((each for each in found if each), key=control_key)


def _line(facts: dict[str, Any]) -> str:
    return "  " + json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
