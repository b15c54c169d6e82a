"""Where a mutation's choices come from: hypothesis when tests run, the fuzzer's octets when it is guided by coverage."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Chance(Protocol):
    """Chooses."""

    def below(self, count: int) -> int:
        """Return one of 0 … count - 1."""


class Drawn:
    """Choices of hypothesis."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def below(self, count: int) -> int:
        return int(self._data.draw(st.integers(0, count - 1))) if count > 1 else 0


class Octets:
    """Choices read from octets, zero when they are used up."""

    def __init__(self, octets: bytes) -> None:
        self._left = memoryview(octets)

    def below(self, count: int) -> int:
        size = 1 if count <= 256 else 3
        found, self._left = self._left[:size], self._left[size:]
        return int.from_bytes(found, "little") % count if count > 1 else 0

    @property
    def over(self) -> bool:
        """Whether nothing is left to choose by."""
        return not self._left


def one(chance: Chance, some: Sequence[T]) -> T:
    """Return one of some things."""
    return some[chance.below(len(some))]
