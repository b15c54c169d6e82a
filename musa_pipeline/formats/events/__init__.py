"""Events and what they carry, as JSON: what agents, the platform and every other reader of the bus agree on (docs/formats/events.md)."""

from musa_pipeline.formats.events.corrupt import Corrupt
from musa_pipeline.formats.events.envelope import read_event, read_time, write_event, write_time
from musa_pipeline.formats.events.measurements import Gathering, read_measurements, write_measurements
from musa_pipeline.formats.events.payloads import (
    Payload,
    read_action,
    read_command,
    read_finding,
    read_incident,
    read_payload,
    read_result,
    read_verdict,
    too_deep,
    write_payload,
)

__all__ = [
    "Corrupt",
    "Gathering",
    "Payload",
    "read_action",
    "read_command",
    "read_event",
    "read_finding",
    "read_incident",
    "read_measurements",
    "read_payload",
    "read_result",
    "read_time",
    "read_verdict",
    "too_deep",
    "write_event",
    "write_measurements",
    "write_payload",
    "write_time",
]
