"""What the running platform saw of each promise, as a second result: `musa status --format json`, read again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from musa_pipeline.domain.ids import ComponentId, ControlId, control_id, control_key
from musa_pipeline.domain.verdict import State
from musa_pipeline.formats.oscal.assessing import assets, origin
from musa_pipeline.formats.oscal.elements import Plain, identity, line, moment, oscal_id, prop, prose, some, statement_id
from musa_pipeline.formats.oscal.system import System

_TOOL: Final = identity("tool", "assure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one promise stands: the newest value over its samples; times in seconds since 1970. `component` empty: of the application."""

    id: str
    component: str
    metric: str
    state: State
    value: float | None
    unit: str
    samples: int
    confidence: float
    last: float | None
    reason: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How every promise of an application stood at `time`."""

    application: str
    time: float
    promises: tuple[Standing, ...]


def read_watched(data: bytes) -> Watched:
    """Return what `musa status --format json` printed. Raises ValueError with the reason, and the place within, if it is something else."""
    try:
        found = msgspec.json.decode(data, type=Watched)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    for at in (found.time, *(each.last for each in found.promises)):
        if at is not None and not 0 <= at < 32_503_680_000:
            raise ValueError(f"{at} is no moment between 1970 and 2999")
    return replace(found, promises=tuple({each.id: each for each in found.promises}.values()))


def watched_result(system: System, watched: Watched) -> Plain:
    """Return the result: an observation for each promise, a finding for each control whose promise is broken.

    A kept promise proves no control: what is measured shows a part of its working at best.
    """
    at = moment(datetime.fromtimestamp(watched.time, UTC))
    kept = sum(each.state is State.FULFILLED for each in watched.promises)
    chosen = [{"control-id": oscal_id(each)} for each in sorted(_controls(system, watched), key=control_key)]
    selection: Plain = {"include-controls": chosen} if chosen else {"description": "No promise shows the working of a control."}
    return {
        "uuid": system.identity("watched", at),
        "title": f"What was measured of {prose(system.name)}",
        "description": f"{kept} of {len(watched.promises)} promises are kept.",
        "start": at,
        "end": at,
        "local-definitions": {
            "assessment-assets": assets(_TOOL, "musa assure", "Judges measurements of agents against what is promised.")
        },
        "reviewed-controls": {"control-selections": [selection]},
        **some(
            observations=[_observation(system, each, at) for each in watched.promises],
            findings=_findings(system, watched),
        ),
    }


def _controls(system: System, watched: Watched) -> dict[ControlId, list[Standing]]:
    known, found = set(system.controls), dict[ControlId, list[Standing]]()
    for each in watched.promises:
        for named in each.controls:
            if (control := control_id(named)) in known and control:
                found.setdefault(control, []).append(each)
    return found


def _observation(system: System, each: Standing, at: str) -> Plain:
    value = "no value" if each.value is None else line(f"{each.value:g} {each.unit}")
    whom = prose(each.component or system.name)
    part = ("component", ComponentId(each.component))
    subject = {"subject-uuid": system.uuid(part), "type": "component"} if part in system.parts else None
    whole = {"subject-uuid": system.itself, "type": "component"} if not each.component else None
    return {
        "uuid": _observed(system, each),
        "title": f"{prose(each.metric)} of {whom}",
        "description": f"{str(each.state).replace('-', ' ').capitalize()}: {prose(value)} over {each.samples} samples; {prose(each.reason)}.",
        "props": [prop("state", each.state), prop("confidence", f"{each.confidence:g}")],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [origin(_TOOL)],
        **some(subjects=[one for one in (subject, whole) if one]),
        "collected": at if each.last is None else moment(datetime.fromtimestamp(each.last, UTC)),
    }


def _observed(system: System, each: Standing) -> str:
    return system.identity("standing", each.id)


def _findings(system: System, watched: Watched) -> Iterator[Plain]:
    for control, those in sorted(_controls(system, watched).items(), key=lambda one: control_key(one[0])):
        broken = [each for each in those if each.state is State.VIOLATED]
        if broken:
            yield {
                "uuid": system.identity("finding", "watched", control),
                "title": f"{control}: a promise that shows its working is broken",
                "description": " ".join(f"{prose(each.reason)}." for each in broken),
                "origins": [origin(_TOOL)],
                "target": {
                    "type": "statement-id",
                    "target-id": statement_id(control),
                    "status": {"state": "not-satisfied", "reason": "fail"},
                },
                "related-observations": [{"observation-uuid": _observed(system, each)} for each in broken],
            }
