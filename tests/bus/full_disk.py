"""A process whose disk is full for a while: publishes until the bus is away, gets more room, and goes on.

python -m tests.bus.full_disk URL FOLDER
"""

import resource
import sys
from pathlib import Path

from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import BusAway
from musa_pipeline.domain.event import Topic
from tests.bus.worlds import events


def main(url: str, folder: str) -> None:
    bus = open_bus(url, Path(folder))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    for number in range(1000):
        try:
            bus.publish(Topic.EVENTS, events(5, prefix=f"{number}-", data=b"x" * 1000))
        except BusAway as error:
            print("away", error, flush=True)
            break
        print("accepted", number, flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    bus.publish(Topic.EVENTS, events(5, prefix="again-"))
    print("accepted again", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
