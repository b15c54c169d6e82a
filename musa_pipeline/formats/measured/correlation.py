"""Control Correlation Identifiers of DISA, by which its checklists name what they check, to controls of SP 800-53."""

import re
from bisect import bisect_right
from typing import Final

from musa_pipeline.domain.ids import ControlId, control_id

_RUN: Final = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_NAME: Final = re.compile(r"CCI-0*(\d{1,6})")


class Correlation:
    r"""The list as `catalogs/identifiers/cci.txt` has it: a control a line, then its numbers, runs as first-last.

    >>> Correlation("# a comment\nAC-2 7-9 15\nCM-6 366\n").of("CCI-000366")
    'CM-6'
    """

    def __init__(self, text: str) -> None:
        self._runs: list[tuple[int, int, ControlId]] = []
        for line in text.splitlines():
            control, _, numbers = line.partition(" ")
            if (found := control_id(control)) is not None:
                self._runs += [(int(each[1]), int(each[2] or each[1]), found) for each in _RUN.finditer(numbers)]
        self._runs.sort()
        self._starts = [each[0] for each in self._runs]

    def of(self, name: str) -> ControlId | None:
        """Return the control that an identifier belongs to; None if the list does not have it."""
        said = _NAME.fullmatch(name)
        place = bisect_right(self._starts, int(said[1])) - 1 if said else -1
        if said is None or place < 0:
            return None
        _, last, control = self._runs[place]
        return control if int(said[1]) <= last else None
