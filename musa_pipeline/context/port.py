"""The Context Broker's store as the platform sees it; every adapter obeys the laws in `tests/context/`."""

from collections.abc import Sequence
from typing import Protocol

from musa_pipeline.domain.context import Bucket, Change, Entity, Kind
from musa_pipeline.domain.event import Event, Measurement, Samples


class ContextAway(Exception):
    """The store cannot be reached now; whoever gets this waits, says so, and tries again."""


class Context(Protocol):
    """A graph of entities with every change kept; measurements as series; events. All times are UTC seconds since 1970.

    A state as of a time is made of the changes up to then in the order of their times, among equals of their arrival, so a change
    may come late. What comes after an end begins with nothing. A change or event whose time is none is a ValueError, a measurement
    that is no number is not kept.
    Every write is durable and can be read when it returns, and is made once: the id of a change, of an event, and series with
    time of a measurement are its identity. All methods raise ContextAway. Methods may be called from several threads.
    """

    def apply(self, changes: Sequence[Change]) -> int:
        """Write changes; return how many were new."""

    def get(self, kind: Kind, entity: str, at: float | None = None) -> Entity | None:
        """Return an entity now, or as it was at a time; None if there is or was none, or it was gone."""

    def find(self, kind: Kind, at: float | None = None, **where: str | float | bool) -> Sequence[Entity]:
        """Return entities by id whose desired or else observed fields equal `where`, now or at a time; those gone are left out."""

    def history(self, kind: Kind, entity: str, most: int = 100) -> Sequence[Entity]:
        """Return the states of an entity, newest first, its ends among them."""

    def record(self, measurements: Sequence[Measurement]) -> int:
        """Keep measurements; return how many were new."""

    def keep(self, samples: Sequence[Samples]) -> int:
        """Keep measurements that come series by series, as `record` does with each; return how many were new."""

    def series(self, subject: str, metric: str, since: float, until: float, step: float) -> Sequence[Bucket]:
        """Return one component's or machine's measurements in [since, until) by buckets of `step` seconds from `since`; empty ones are left out."""

    def tell(self, events: Sequence[Event]) -> int:
        """Keep events (findings, verdicts, incidents, actions); return how many were new."""

    def told(
        self, *, which: str = "", subject: str = "", since: float = 0.0, until: float | None = None, most: int = 100
    ) -> Sequence[Event]:
        """Return events, newest first."""

    def forget(self, before: float) -> None:
        """Drop measurements and events older than a time; entities keep their last state from before it, unless they ended.

        What is older is not taken any more. An earlier time than before takes it again: a clock that jumped is put right.
        """

    def close(self) -> None: ...
