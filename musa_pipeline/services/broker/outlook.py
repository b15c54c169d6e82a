"""What can be measured, and what is measured now, worked out from what is known of agents, streams, promises and programs."""

from collections.abc import Iterable

from musa_pipeline.domain.context import Entity
from musa_pipeline.domain.event import Plain
from musa_pipeline.services.broker.shapes import AgentNow, Capabilities, Capability, Configuration, ProgramNow, StreamNow


def capabilities(agents: Iterable[Entity], streams: Iterable[Entity], promises: Iterable[Entity]) -> Capabilities:
    """Return each metric with the subject it can be measured of."""
    found: dict[tuple[str, str], Capability] = {}

    def of(subject: str, metric: str) -> Capability:
        return found.setdefault(
            (subject, metric),
            Capability(
                subject=subject, metric=metric, agents=[], machines=[], unit=None, period=None, measured=False, objectives=[]
            ),
        )

    for each in agents:
        agent, subject = _parts(each.id)
        for metric in _words(each.desired.get("metrics")):
            _say(of(subject, metric), agent, _word(each.desired.get("machine")))
    for each in streams:
        metric, subject = _parts(each.id)
        one = of(subject, _word(each.desired.get("metric")) or metric)
        _say(one, _word(each.desired.get("agent")), _word(each.desired.get("machine")))
        one.unit = _word(each.desired.get("unit")) or one.unit
        one.period = _number(each.desired.get("period")) or one.period
        one.measured = _number(each.observed.get("last")) is not None
    for each in promises:
        agents_of = _words(each.desired.get("agents"))
        promised, whose = _word(each.desired.get("metric")), _word(each.desired.get("component"))
        if promised and whose and (agents_of or (whose, promised) in found):
            one = of(whose, promised)
            for agent in agents_of:
                _say(one, agent, None)
            one.unit = one.unit or _word(each.desired.get("unit"))
            one.period = one.period or _number(each.desired.get("period")) or None
            one.objectives.append(each.id)
    return Capabilities(capabilities=[found[key] for key in sorted(found)])


def configuration(agents: Iterable[Entity], streams: Iterable[Entity], programs: Iterable[Entity]) -> Configuration:
    """Return what is measured, and where it differs from what should be."""
    return Configuration(
        agents=[_agent(each) for each in agents],
        streams=[_stream(each) for each in streams],
        programs=[_program(each) for each in programs],
    )


def _agent(of: Entity) -> AgentNow:
    return AgentNow(id=of.id, desired=of.desired, observed=of.observed, seen=_number(of.observed.get("seen")), drift=drift(of))


def _stream(of: Entity) -> StreamNow:
    metric, subject = _parts(of.id)
    return StreamNow(
        id=of.id,
        subject=subject,
        metric=_word(of.desired.get("metric")) or metric,
        agent=_word(of.desired.get("agent")),
        unit=_word(of.desired.get("unit")),
        last=_number(of.observed.get("last")),
        value=_number(of.observed.get("value")),
    )


def _program(of: Entity) -> ProgramNow:
    return ProgramNow(
        id=of.id, desired=_word(of.desired.get("state")), observed=_word(of.observed.get("state")), drift="state" in drift(of)
    )


def drift(of: Entity) -> list[str]:
    """Return the fields that are observed, and not as desired."""
    return sorted(name for name in of.desired.keys() & of.observed.keys() if of.desired[name] != of.observed[name])


def _say(one: Capability, agent: str | None, machine: str | None) -> None:
    for word, known in ((agent, one.agents), (machine, one.machines)):
        if word and word not in known:
            known.append(word)
            known.sort()


def _parts(name: str) -> tuple[str, str]:
    """Return what stands before and after the sign of an id.

    >>> _parts("availability@web"), _parts("web")
    (('availability', 'web'), ('web', ''))
    """
    before, _, after = name.partition("@")
    return before, after


def _words(value: Plain) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _word(value: Plain) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Plain) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 else None
