"""An OSCAL profile: which controls of a catalog it selects, resolved without its parameters (profile model 1.1, import)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from musa_pipeline.domain.control import Control
from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.formats.oscal.document import Ids, Import, NotOscal, OscalProfile, read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a profile selects, in the standard's order; `unknown` are ids that no control in force has."""

    title: str
    version: str
    date: str
    controls: tuple[ControlId, ...]
    unknown: tuple[str, ...]


def read_profile(text: str | bytes, known: Mapping[ControlId, Control]) -> Selection:
    """Return what a profile selects of the controls in force.

    Raises NotOscal.
    """
    profile = read_document("the profile", text).profile
    if profile is None:
        raise NotOscal("the profile", "it is a catalog")
    return selection(profile, known)


def selection(profile: OscalProfile, known: Mapping[ControlId, Control]) -> Selection:
    """Return what a profile selects: all, those by id or pattern, their enhancements where it says so, without those it excludes."""
    live = {name: each for name, each in known.items() if not each.withdrawn}
    oscal = {_oscal(name): name for name in live}
    found: set[ControlId] = set()
    unknown: set[str] = set()
    for each in profile.imports:
        found |= _included(each, oscal, live, unknown) - set(_of(each.exclude_controls, oscal, live, set()))
    return Selection(
        title=profile.metadata.title,
        version=profile.metadata.version,
        date=profile.metadata.last_modified[:10],
        controls=tuple(sorted(found, key=control_key)),
        unknown=tuple(sorted(unknown)),
    )


def _included(
    part: Import, oscal: Mapping[str, ControlId], live: Mapping[ControlId, Control], unknown: set[str]
) -> set[ControlId]:
    if part.include_all is not None:
        return set(live)
    return set(_of(part.include_controls, oscal, live, unknown))


def _of(
    parts: Iterable[Ids], oscal: Mapping[str, ControlId], live: Mapping[ControlId, Control], unknown: set[str]
) -> Iterator[ControlId]:
    for part in parts:
        chosen = {name for each in part.matching for written, name in oscal.items() if fnmatchcase(written, each.pattern.lower())}
        for written in part.with_ids:
            name = control_id(written)
            if name and name in live:
                chosen.add(name)
            else:
                unknown.add(written)
        yield from chosen
        if part.with_child_controls == "yes":
            yield from (name for name, each in live.items() if each.parent in chosen)


def _oscal(name: ControlId) -> str:
    """Return an id as OSCAL files write it.

    >>> _oscal(ControlId("SC-5(3)"))
    'sc-5.3'
    """
    return name.lower().replace("(", ".").rstrip(")")
