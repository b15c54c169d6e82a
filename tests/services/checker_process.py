"""The checker as a process of its own, to be killed: `python -m tests.services.checker_process FOLDER`."""

import sys
import threading
import time
from pathlib import Path

from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.verdict import Window
from musa_pipeline.services.checker import CheckerService
from tests.assurance.promises import promise

WINDOW = Window(length=4, step=0.25, late=1.5, fewest=1, confirm=3, recover=3, max_age=60)


def main(folder: Path) -> None:
    """Check until killed."""
    bus, context = Embedded(folder / "bus.sqlite"), SqliteContext(folder / "context.sqlite")
    service = CheckerService(bus, context, [promise("engine", window=WINDOW, period=0.1)], clock=time.time)
    print("up", flush=True)
    service.run(threading.Event())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
