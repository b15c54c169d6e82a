"""A controller in a process of its own, to be killed: python -m tests.services.reaction_process FOLDER WEBHOOK."""

import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from musa_pipeline.assurance.reactions import Belts
from musa_pipeline.bus.embedded import Embedded
from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.event import Plain
from musa_pipeline.services.controller import Controller, Means
from musa_pipeline.services.notices import Channel, Ended, Webhooks
from tests.services.reaction_world import DIGEST, KEY, shipped


def main() -> None:
    folder = Path(sys.argv[1])

    def play(playbook: str, variables: Mapping[str, Plain], component: str, machine: str, identity: str) -> Ended:
        with (folder / "played").open("a") as file:
            file.write(f"{identity} {playbook} {component} {machine} {len(variables)}\n")
        return Ended(done=True)

    means = Means(
        bus=Embedded(folder / "bus.sqlite"),
        context=SqliteContext(folder / "context.sqlite"),
        clock=time.time,
        key=lambda _: KEY,
        digest=lambda _: DIGEST,
        playbooks=play,
        notify=Webhooks({"operators": Channel(url=sys.argv[2], secret="s")}),
    )
    policies = (shipped("flood"), shipped("component-down"))
    Controller(policies, means, folder, Belts(total=1000, answer=5.0)).run(threading.Event(), 0.05)


if __name__ == "__main__":
    main()
