"""The agent's process: reads what it was told, starts its threads, ends cleanly on SIGTERM."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from musa_pipeline.agent.agent import Agent, Places
from musa_pipeline.agent.disk import say
from musa_pipeline.agent.settings import SettingsWrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; 2: it was told nonsense."""
    parser = argparse.ArgumentParser("musa-agent", description="Observes this machine, tells the gateway, obeys signed commands.")
    told = Places()
    parser.add_argument(
        "--config", type=Path, default=told.config, help="gateway and credentials (%(default)s); without it records stay here"
    )
    parser.add_argument("--watches", type=Path, default=told.watches, help="what is watched (%(default)s)")
    parser.add_argument("--state", type=Path, default=told.state, help="spool, book and memory (%(default)s)")
    parser.add_argument("--records", default=told.records, help="records of other programs to take along (%(default)s)")
    parser.add_argument("--programs", type=Path, default=told.programs, help="eBPF objects and their facts (%(default)s)")
    parser.add_argument(
        "--machine-file", type=Path, default=told.machine_file, help="the machine's name in its plan (%(default)s)"
    )
    parser.add_argument("--let-go", action="store_true", help="take all programs off the interfaces, and end")
    given = vars(parser.parse_args(arguments))
    let_go = given.pop("let_go")
    chosen = Places(**given)
    stop = threading.Event()
    try:
        agent = Agent(chosen, stop)
    except (SettingsWrong, OSError) as wrong:
        say(str(wrong))
        return 2
    if let_go:
        agent.programs.let_go()
        return 0
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: agent.end())
    agent.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
