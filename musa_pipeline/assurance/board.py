"""What a person wants to see of the running application, worst first: promises, incidents, actions, machines, dropped sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from musa_pipeline.assurance.judge import seconds
from musa_pipeline.assurance.sight import is_outdated
from musa_pipeline.domain.context import Entity, Kind
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.verdict import State

WORST = (State.VIOLATED, State.AT_RISK, State.NOT_DETERMINED, State.FULFILLED, State.NOT_APPLICABLE)
"""States, worst first. A promise without evidence is worse than a kept one: nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow:
    """One objective: what was promised, how it stands, since when that is known. `component` empty: the application."""

    id: str
    component: str
    metric: str
    operator: str
    bound: Plain
    unit: str
    state: State
    value: float | None
    samples: int
    confidence: float
    last: float | None
    reason: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident; `ended` None: open."""

    id: str
    component: str
    metric: str
    began: float
    ended: float | None
    cause: str
    because: str
    recommendation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action of the controller."""

    id: str
    time: float
    policy: str
    step: str
    target: str
    life: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """One machine: when its agent was heard last, and the sources it drops with the packets dropped."""

    id: str
    provider: str
    address: str
    components: tuple[str, ...]
    seen: float | None
    programs: tuple[str, ...]
    blocked: tuple[tuple[str, float, float], ...]
    """source, packets dropped, end of the block"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole picture at `time`."""

    application: str
    time: float
    state: State
    promises: tuple[PromiseRow, ...]
    incidents: tuple[IncidentRow, ...]
    actions: tuple[ActionRow, ...]
    machines: tuple[MachineRow, ...]

    def states(self) -> dict[str, State]:
        """Return the worst state of each component's promises."""
        found: dict[str, State] = {}
        for each in self.promises:
            if each.component:
                found[each.component] = worst((each.state, found.get(each.component, State.NOT_APPLICABLE)))
        return found

    def blocked(self) -> dict[str, int]:
        """Return how many sources each machine drops."""
        return {each.id: len(each.blocked) for each in self.machines}


def worst(states: Iterable[State]) -> State:
    """Return the worst of some states.

    >>> str(worst([State.FULFILLED, State.NOT_DETERMINED]))
    'not-determined'
    """
    return min(states, key=WORST.index, default=State.NOT_DETERMINED)


def board(application: str, entities: Sequence[Entity], now: float, most: int = 20) -> Board:
    """Return the picture of what the Context Broker knows; the latest `most` incidents and actions."""
    of = {kind: [each for each in entities if each.kind is kind] for kind in Kind}
    promises = sorted(
        (_promise(each, now) for each in of[Kind.SLO]), key=lambda each: (WORST.index(each.state), each.component, each.metric)
    )
    incidents = sorted(map(_incident, of[Kind.INCIDENT]), key=lambda each: (each.ended is not None, -each.began))
    actions = sorted(map(_action, of[Kind.ACTION]), key=lambda each: -each.time)
    return Board(
        application=application,
        time=now,
        state=worst(each.state for each in promises),
        promises=tuple(promises),
        incidents=tuple(incidents[:most]),
        actions=tuple(actions[:most]),
        machines=tuple(_machine(each, of[Kind.BLOCK], of[Kind.PROGRAM], now) for each in of[Kind.HOST]),
    )


def _promise(entity: Entity, now: float) -> PromiseRow:
    wanted, seen = entity.desired, entity.observed
    said, why = _text(seen.get("state")), _text(seen.get("reason"))
    if is_outdated(entity, now):
        # nobody judges now: what was said once must not stand for ever
        said = ""
        why = f"the newest evidence is older than {seconds(_number(wanted.get('max_age')) or 0.0)}, and nobody judged since"
    return PromiseRow(
        id=entity.id,
        component=_text(wanted.get("component")),
        metric=_text(wanted.get("metric")),
        operator=_text(wanted.get("operator")),
        bound=wanted.get("bound"),
        unit=_text(wanted.get("unit")),
        state=State(said) if said in set(State) else State.NOT_DETERMINED,
        value=_number(seen.get("value")),
        samples=int(_number(seen.get("samples")) or 0),
        confidence=_number(seen.get("confidence")) or 0.0,
        last=_number(seen.get("last")),
        reason=why or ("nobody measures it" if not wanted.get("agents") else "nothing was measured yet"),
        controls=_words(wanted.get("controls")),
    )


def _incident(entity: Entity) -> IncidentRow:
    seen = entity.desired | entity.observed
    return IncidentRow(
        id=entity.id,
        component=_text(seen.get("component")),
        metric=_text(seen.get("metric")),
        began=_number(seen.get("began")) or 0.0,
        ended=_number(seen.get("ended")),
        cause=_text(seen.get("cause")),
        because=_text(seen.get("because")),
        recommendation=_text(seen.get("recommendation")),
    )


def _action(entity: Entity) -> ActionRow:
    seen = entity.desired | entity.observed
    return ActionRow(
        id=entity.id,
        time=_number(seen.get("time")) or entity.time,
        policy=_text(seen.get("policy")),
        step=_text(seen.get("step")),
        target=_text(seen.get("target")),
        life=_text(seen.get("life")),
        reason=_text(seen.get("reason")),
    )


def _machine(host: Entity, blocks: Iterable[Entity], programs: Iterable[Entity], now: float) -> MachineRow:
    blocked = []
    for each in blocks:
        source, _, machine = each.id.rpartition("@")
        until = _number(each.observed.get("until")) or _number(each.desired.get("until")) or 0.0
        if machine == host.id and until > now:
            blocked.append((source, _number(each.observed.get("packets")) or 0.0, until))
    loaded = [each.id.rpartition("@") for each in programs if each.observed.get("state") == "loaded"]
    return MachineRow(
        id=host.id,
        provider=_text(host.desired.get("provider")),
        address=_text(host.desired.get("address")),
        components=_words(host.desired.get("components")),
        seen=_number(host.observed.get("seen")),
        programs=tuple(sorted(name for name, _, machine in loaded if machine == host.id)),
        blocked=tuple(sorted(blocked)),
    )


def _text(value: Plain) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Plain) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _words(value: Plain) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
