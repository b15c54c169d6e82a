"""All controls of a catalog as bits of an integer, so that one operation composes every control at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Final, TypeVar

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlType
from musa_pipeline.domain.ids import ControlId, control_key

Item = TypeVar("Item")

_FLAGS: Final = bytes.maketrans(b"01", b"\0\1")


@dataclass(frozen=True, kw_only=True)
class Universe:
    """Every control in the standard's order, bit 0 first. `live`: those in force; a withdrawn or unknown one is never granted.

    `specific`, `common` and `hybrid` divide the live ones by default type; `travels` and `boundary` are from the scopes.
    """

    ids: tuple[ControlId, ...]
    live: int
    specific: int
    common: int
    hybrid: int
    travels: int
    boundary: int

    @property
    def everything(self) -> int:
        """All controls, the withdrawn ones included."""
        return (1 << len(self.ids)) - 1

    @cached_property
    def bit(self) -> dict[ControlId, int]:
        """The integer with only this control's bit."""
        return {control: 1 << place for place, control in enumerate(self.ids)}

    def mask(self, controls: Iterable[ControlId]) -> int:
        """Return these controls as bits; those that nobody knows have none.

        >>> _three().mask(["AC-2", "AC-1"])
        3
        """
        bit, found = self.bit, 0
        for control in controls:
            found |= bit.get(control, 0)
        return found

    def names(self, mask: int) -> tuple[ControlId, ...]:
        """Return the controls of a mask, in the standard's order.

        >>> _three().names(5)
        ('AC-1', 'AC-3')
        """
        return pick(self.ids, mask)

    def columns(self, rows: Sequence[int], controls: Iterable[ControlId]) -> dict[ControlId, bytes]:
        """Turn a mask for each row into, for each control, one byte 0 or 1 for each row.

        >>> {control: list(column) for control, column in _three().columns([5, 4], ["AC-1", "AC-3"]).items()}
        {'AC-1': [1, 0], 'AC-3': [1, 1]}
        """
        width = len(self.ids)
        text = "".join(format(row, f"0{width}b") for row in rows).encode().translate(_FLAGS)
        return {each: text[width - self.bit[each].bit_length() :: width] for each in controls}


def universe_of(catalogs: Catalogs, also: Iterable[ControlId] = ()) -> Universe:
    """Number the controls of the catalog in force, and others that somebody asks for, which nobody can grant."""
    known = catalogs.control
    ids = tuple(sorted({*known, *also}, key=control_key))
    bit = {control: 1 << place for place, control in enumerate(ids)}
    types = dict.fromkeys(ControlType, 0)
    travels = boundary = 0
    for control in ids:
        entry = known.get(control)
        if entry and not entry.withdrawn:
            types[entry.type] |= bit[control]
        if scope := catalogs.scope.get(control):
            travels |= bit[control] * scope.travels
            boundary |= bit[control] * scope.boundary
    specific, common, hybrid = (types[each] for each in (ControlType.SPECIFIC, ControlType.COMMON, ControlType.HYBRID))
    return Universe(
        ids=ids,
        live=specific | common | hybrid,
        specific=specific,
        common=common,
        hybrid=hybrid,
        travels=travels,
        boundary=boundary,
    )


def pick(items: Sequence[Item], mask: int) -> tuple[Item, ...]:
    """Return the items whose bit is set, the first item's bit being the lowest.

    >>> pick("abc", 0b101)
    ('a', 'c')
    """
    return tuple(compress(items, format(mask, "b")[::-1].encode().translate(_FLAGS)))


def _three() -> Universe:
    """Return a small universe for the examples above."""
    ids = (ControlId("AC-1"), ControlId("AC-2"), ControlId("AC-3"))
    return Universe(ids=ids, live=7, specific=7, common=0, hybrid=0, travels=0, boundary=0)
