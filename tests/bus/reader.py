"""A process that is killed: reads, tells the id of each event, and then commits.

python -m tests.bus.reader URL FOLDER GROUP
"""

import sys
import time
from pathlib import Path

from musa_pipeline.bus.open import open_bus
from musa_pipeline.domain.event import Topic


def main(url: str, folder: str, group: str) -> None:
    member = open_bus(url, Path(folder)).subscribe([Topic.EVENTS], group)
    while True:
        for each in member.poll(1.0, most=7):
            print(each.event.id, flush=True)
        time.sleep(0.02)  # a good moment to be killed
        member.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
