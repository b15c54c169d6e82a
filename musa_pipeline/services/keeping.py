"""What the Context Broker learns from measurements as they pass: machines and agents heard, streams with their last value, drops."""

from collections.abc import Iterable

from musa_pipeline.context.fold import FIRST, usable_of
from musa_pipeline.domain.context import Change, Kind
from musa_pipeline.domain.event import Plain, Samples

STREAMS = 20_000
"""Streams that are remembered; more of them are measured, but not told one by one."""
HEARD = 10.0
LAST = 60.0
"""Seconds between two changes of what was heard, and of a stream's last value: every change is kept."""
MOVED = 1.0
"""Seconds by which the end of a drop moves before that is news: it is counted from what is left of it, which wavers."""
DROPPED = {"net.dropped.packets": "packets", "net.dropped.octets": "octets", "net.dropped.left": "until"}


class Keeping:
    """Gathers observations, and hands them over now and then."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Kind, str], tuple[float, dict[str, Plain]]] = {}
        self._wants: dict[tuple[Kind, str], dict[str, Plain]] = {}
        self._fresh: set[tuple[Kind, str]] = set()
        self._told: dict[tuple[Kind, str], float] = {}
        self._drops: dict[str, tuple[float, Plain]] = {}
        """When a drop was told, and the end that was told of it; the oldest first."""
        self._newest: dict[tuple[str, str, str, str], tuple[Samples, float, float]] = {}
        self.turned_away = 0

    def hear(self, samples: Iterable[Samples]) -> None:
        """Take note of who said what when: here only the newest of each series, for this is done for all that comes."""
        newest = self._newest
        for run in samples:
            times, values = usable_of(run, FIRST)  # a time that is none could never be written down
            if not times:
                continue
            if run.about and run.metric in DROPPED:
                for time, value in zip(times, values, strict=True):
                    self._drop(run, time, value)
                continue
            key = (run.metric, run.component, run.machine, run.agent)
            known = newest.get(key)
            if known is None and len(newest) >= 2 * STREAMS:
                self.turned_away += len(times)
                continue
            time = max(times)
            if known is None or time >= known[1]:
                last = len(times) - 1 - times[::-1].index(time)
                newest[key] = (run, time, values[last])

    def _heard(self, run: Samples, time: float, value: float) -> None:
        whom = run.component or run.machine
        if run.machine:
            self._note(Kind.HOST, run.machine, time, {"seen": time})
        if run.agent:
            self._note(Kind.AGENT, f"{run.agent}@{whom}", time, {"seen": time})
        stream = (Kind.STREAM, f"{run.metric}@{whom}")
        if stream not in self._seen:
            if len(self._seen) >= STREAMS:
                self.turned_away += 1
                return
            self._wants[stream] = {"agent": run.agent, "metric": run.metric, "unit": run.unit, "machine": run.machine}
        by_source = any(name == "source" for name, _ in run.about)
        self._note(*stream, time, {"last": time} if by_source else {"last": time, "value": value})

    def _note(self, kind: Kind, entity: str, time: float, observed: dict[str, Plain]) -> None:
        known = self._seen.get((kind, entity))
        if known is None or time >= known[0]:
            if known is None and len(self._seen) >= 2 * STREAMS:
                self.turned_away += 1
                return
            self._seen[kind, entity] = (time, observed)
            self._fresh.add((kind, entity))

    def _drop(self, run: Samples, at: float, value: float) -> None:
        """Note what the kernel dropped of a source, and until when it will."""
        source = dict(run.about).get("source", "")
        if not source:
            return
        name = f"{source}@{run.machine}"
        time, before = self._seen.get((Kind.BLOCK, name), (at, {}))
        told = at + value if run.metric.endswith("left") else value
        self._note(Kind.BLOCK, name, max(time, at), {**before, DROPPED[run.metric]: told})

    def changes(self, now: float) -> list[Change]:
        """Return what is due to be written: news at once, the rest each few seconds."""
        for each in self._newest.values():
            self._heard(*each)
        self._newest.clear()
        found = []
        for key in sorted(self._fresh):
            kind, entity = key
            time, observed = self._seen[key]
            if kind is Kind.BLOCK:
                if not self._is_news(entity, time, observed.get("until"), now):
                    continue
            elif now - self._told.get(key, float("-inf")) < (LAST if kind in (Kind.STREAM, Kind.AGENT) else HEARD):
                continue
            found.append(
                Change(
                    # what is told of one moment may come in two batches: the second says more, and is another change
                    id=f"heard:{kind}:{entity}:{time:.3f}:{'+'.join(sorted(observed))}",
                    kind=kind,
                    entity=entity,
                    time=time,
                    desired=self._wants.get(key, {}),
                    observed=observed,
                    because="measured",
                )
            )
            self._fresh.discard(key)
            if kind is Kind.BLOCK:  # sources come and go: of those that are told nothing is remembered for long
                del self._seen[key]
                before = self._drops.pop(entity, (now, None))[1]
                self._drops[entity] = (now, observed.get("until", before))
            else:
                self._told[key] = now
        self._forget(now)
        return found

    def _is_news(self, entity: str, time: float, until: Plain, now: float) -> bool:
        """Tell whether a drop is due: it is new, its end moved, or it was not told for long. That one is over is no news each time."""
        told, before = self._drops.get(entity, (float("-inf"), None))
        if not 0 <= now - told < HEARD:
            return True
        if not isinstance(until, float):
            return False
        return not isinstance(before, float) or (abs(until - before) > MOVED and max(until, before) > time)

    def _forget(self, now: float) -> None:
        for entity, (told, _) in [*self._drops.items()]:
            if 0 <= now - told < HEARD and len(self._drops) <= 2 * STREAMS:
                return
            del self._drops[entity]
