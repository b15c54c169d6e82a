"""A process that is killed: publishes until then, and tells the id of each event after the bus accepted it.

python -m tests.bus.writer URL FOLDER
"""

import itertools
import sys
from pathlib import Path

from musa_pipeline.bus.open import open_bus
from musa_pipeline.domain.event import Event, Topic


def main(url: str, folder: str) -> None:
    bus = open_bus(url, Path(folder))
    for number in itertools.count():
        events = [
            Event(id=f"{number}-{part}", type="musa.finding", source="writer", subject=f"c{part}", time=1.0 * number)
            for part in range(3)
        ]
        bus.publish(Topic.EVENTS, events)
        print(*(each.id for each in events), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
