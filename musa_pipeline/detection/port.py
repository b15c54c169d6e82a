"""What a detection algorithm is: measurements in, findings out, with a memory that outlives its process."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from musa_pipeline.domain.event import Finding, Measurement, Plain

Memory: TypeAlias = dict[str, dict[str, Plain]]
"""What an algorithm knows of each series, by `metric@component or machine`."""


class Algorithm(Protocol):
    """One algorithm over all series. The same measurements in the same order give the same findings; older ones than the last change nothing."""

    @property
    def id(self) -> str:
        """Its name, as policies ask for it."""

    @property
    def finds(self) -> str:
        """The type of its findings."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The metrics it looks at; a name that ends in `*` stands for all that begin so."""

    def take(self, measurements: Iterable[Measurement]) -> Sequence[Finding]:
        """Look at measurements, and return what is concluded, in order of time."""

    def memory(self) -> Memory:
        """Return what is known of the series that changed since the last time this was asked."""

    def recall(self, memory: Mapping[str, Mapping[str, Plain]]) -> None:
        """Go on from what an earlier process knew."""


Make: TypeAlias = Callable[[Mapping[str, Plain]], Algorithm]
"""Makes an algorithm with parameters; raises ValueError for one that it does not know or that is out of bounds."""


def numbers(given: Mapping[str, Plain], known: Mapping[str, float]) -> dict[str, float]:
    """Return parameters over their defaults; all are numbers above zero."""
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"there is no parameter {name!r}; there is {', '.join(sorted(known))}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise ValueError(f"{name} is {value!r}, not a number above zero")
    return {name: float(given.get(name, default)) for name, default in known.items()}  # type: ignore[arg-type]


def subject(each: Measurement) -> str:
    """Return what a measurement is about: a component, else the machine."""
    return each.component or each.machine
