"""Identifiers, and how a name in a model becomes one."""

import re
from typing import NewType

ComponentId = NewType("ComponentId", str)
ControlId = NewType("ControlId", str)
ThreatId = NewType("ThreatId", str)
MetricId = NewType("MetricId", str)
AgentId = NewType("AgentId", str)
ProviderId = NewType("ProviderId", str)
OfferingId = NewType("OfferingId", str)
KindId = NewType("KindId", str)
NodeId = NewType("NodeId", str)

LONGEST = 80
"""Characters of an id: it becomes part of file names, which may have 255 bytes."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")
_CONTROL = re.compile(r"^([A-Za-z]{2})[-_ ]?0*(\d+)(?:\s*[(_.]\s*0*(\d+)\s*\)?)?$")


def slug(name: str) -> str:
    """Return the lower-case, hyphenated id of a name; safe as a file name.

    >>> slug("TSMEngine"), slug("flight_schedule DB"), slug("???")
    ('tsm-engine', 'flight-schedule-db', 'x')
    """
    return _OTHER.sub("-", _HUMP.sub("-", name).lower()).strip("-")[:LONGEST].rstrip("-") or "x"


def control_id(written: str) -> ControlId | None:
    """Return the NIST id that was meant: `SC-5(3)`, `sc-5.3` (OSCAL), `SC_5_3` (CAMEL), `SC-05(03)`; None if it is none.

    >>> control_id("sc-5.3"), control_id("SC_05"), control_id("nonsense")
    ('SC-5(3)', 'SC-5', None)
    """
    found = _CONTROL.match(written.strip())
    if not found:
        return None
    family, number, enhancement = found.groups()
    base = f"{family.upper()}-{int(number)}"
    return ControlId(f"{base}({int(enhancement)})" if enhancement else base)


def control_key(control: str) -> tuple[str, int, int]:
    """Order controls as the standard does: family, number, enhancement.

    >>> sorted(["SC-12", "SC-5(3)", "SC-5", "AC-2"], key=control_key)
    ['AC-2', 'SC-5', 'SC-5(3)', 'SC-12']
    """
    found = _CONTROL.match(control)
    if not found:
        return (control, 0, 0)
    family, number, enhancement = found.groups()
    return (family.upper(), int(number), int(enhancement or 0))
