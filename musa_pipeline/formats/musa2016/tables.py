"""The tables of the MUSA SLA Generator's data base, as tab-separated text, to rows; and its rev 4 control ids to rev 5."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.ids import ControlId, control_id, control_key

Row = dict[str, str]

TABLES: Mapping[str, tuple[str, ...]] = {
    "threats.tsv": ("id", "threat", "component_category", "stride", "source"),
    "threat_controls.tsv": ("threat_id", "nist_control"),
    "controls_minrisk.tsv": ("control", "minrisk"),
    "metrics.tsv": ("metric", "value_type", "unit", "default", "min", "max", "operator", "nist_control", "threat"),
}


class NotMusa(MusaError):
    """A table of the knowledge base is absent or has other columns."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(table, reason)
        self.table, self.reason = table, reason

    def __str__(self) -> str:
        return f"table {self.table!r} of the MUSA SLA Generator: {self.reason}"


def rows(tables: Mapping[str, str], name: str) -> list[Row]:
    """Return the rows of one table, every value without blanks around it."""
    if name not in tables:
        raise NotMusa(name, "it is not here")
    try:
        found = list(csv.DictReader(io.StringIO(tables[name]), dialect="excel-tab"))
    except csv.Error as error:
        raise NotMusa(name, str(error)) from error
    lacking = [column for column in TABLES[name] if not found or column not in found[0]]
    if lacking:
        raise NotMusa(name, f"it has no column {lacking[0]!r}")
    return [{column: (row[column] or "").strip() for column in TABLES[name]} for row in found]


@dataclass(frozen=True, slots=True)
class Translation:
    """Rev 4 ids to the rev 5 ids that took their place, by the links of withdrawn controls."""

    r5: ControlCatalog
    r4: ControlCatalog

    def table(self) -> dict[ControlId, tuple[ControlId, ...]]:
        """Return rev 4 id -> rev 5 ids; a control that was withdrawn without successor has none."""
        new = {each.id: each for each in self.r5.controls}
        found: dict[ControlId, tuple[ControlId, ...]] = {}
        for old in self.r4.controls:
            reached: set[ControlId] = set()
            waiting, seen = [old.id], {old.id}
            while waiting:
                control = new.get(waiting.pop())
                if control and not control.withdrawn:
                    reached.add(control.id)
                elif control:
                    waiting += [each for each in control.moved_to if each not in seen]
                    seen.update(control.moved_to)
            found[old.id] = tuple(sorted(reached, key=control_key))
        return found


def rev4_id(written: str, table: str) -> ControlId:
    """Return the control that a table names."""
    found = control_id(written)
    if found is None:
        raise NotMusa(table, f"{written!r} is not the id of a NIST control")
    return found
