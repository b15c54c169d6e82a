"""The parts of an agent, put together."""

import platform
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musa_pipeline import __version__
from musa_pipeline.agent.book import Book
from musa_pipeline.agent.link import Link
from musa_pipeline.agent.orders import WAIT, Listener, Orders, Refused, State
from musa_pipeline.agent.outbox import Outbox
from musa_pipeline.agent.programs import Programs
from musa_pipeline.agent.record import Record
from musa_pipeline.agent.sampler import Sampler, Task, tasks_of
from musa_pipeline.agent.sender import Sender
from musa_pipeline.agent.settings import Gateway, Settings, read_settings
from musa_pipeline.agent.spool import Spool
from musa_pipeline.agent.tail import Tail
from musa_pipeline.agent.watch import Watch, read_watches

OWN, PROGRAMS = "musa-agent", "programs"
PATIENCE = 15.0


@dataclass(frozen=True)
class Places:
    """Where things are on a machine."""

    config: Path = Path("/etc/musa/agent.json")
    watches: Path = Path("/etc/musa/agent.d")
    state: Path = Path("/var/lib/musa")
    records: str = "/var/lib/musa-*/measurements.jsonl"
    programs: Path = Path("/opt/musa/bpf")
    machine_file: Path = Path("/etc/musa/machine.json")


class Agent:
    """One machine's agent. With a gateway it sends what it sees and obeys; without one it keeps a local book."""

    def __init__(self, places: Places, stop: threading.Event) -> None:
        self.places, self.stop = places, stop
        self.back = threading.Event()
        self.settings: Settings = read_settings(places.config, places.machine_file)
        self.watches: list[Watch] = read_watches(places.watches)
        self.state = State(places.state / "agent-state.json")
        gateway = self.settings.gateway
        self.programs = Programs(places.programs, places.state / "bpf", self.state, frozenset([gateway.host] if gateway else []))
        self.threads: list[threading.Thread] = []
        self.outbox: Outbox | None = None
        self.links: list[Link] = []
        tasks = tasks_of(self.watches)
        tasks.append(Task(PROGRAMS, OWN, "", min((each.period for each in self.watches), default=10.0), self._figures))
        if gateway:
            spool = Spool(places.state / "spool", self.settings.spool_bytes)
            self.outbox = Outbox(spool, self.settings.machine, places.state / "positions.json", self.settings.components)
            self._connect(spool, self.outbox, gateway)
            tail = Tail(places.records, self.outbox)
            tasks += [Task("records", OWN, "", 5.0, tail.read), Task("agent", OWN, "", 30.0, self._own)]
            self.sampler = Sampler(tasks, self.outbox, self.outbox.flush, stop)
        else:
            self.sampler = Sampler(tasks, Book(places.state / "measurements.jsonl"), lambda: None, stop)
        self._restore_periods()

    def run(self) -> None:
        """Work until told to stop; what was seen is on the disk when this returns."""
        self.programs.restore([program for watch in self.watches for program in watch.programs])
        for each in self.threads:
            each.start()
        try:
            self.sampler.run()
        finally:
            self.end()
            if self.outbox:
                self.outbox.spool.wake()
            for link in self.links:
                link.hang_up()
            for each in self.threads:
                each.join(timeout=2.0)
            self.programs.close()

    def end(self) -> None:
        """Let everything stop; safe in a signal handler."""
        self.stop.set()
        self.back.set()
        self.sampler.wake.set()

    def do(self, verb: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
        """Obey a command; return the state before and after. Raises Refused or Failed."""
        if verb == "set-period":
            return self._set_period(arguments)
        return self.programs.do(verb, arguments)

    def _connect(self, spool: Spool, outbox: Outbox, gateway: Gateway) -> None:
        orders = Orders(self.settings.machine, gateway.command_key, self.state, self.do)
        self.links = [Link(gateway, PATIENCE), Link(gateway, WAIT + PATIENCE)]
        self.threads = [
            Sender(spool, self.links[0], self.stop, self.back),
            Listener(orders, self.links[1], outbox.answer, self.stop, self.back),
        ]

    def _set_period(self, arguments: dict[str, Any]) -> tuple[Any, Any]:
        name, component, seconds = arguments.get("input"), arguments.get("component", ""), arguments.get("seconds")
        if not isinstance(name, str) or not isinstance(component, str) or type(seconds) not in (int, float):
            raise Refused("set-period takes input, component and seconds")
        if name in self.programs.library.programs():
            name = PROGRAMS  # they are read together
        with self.state.lock:
            try:
                before = self.sampler.set_period(name, component, float(seconds))  # type: ignore[arg-type]
            except ValueError as wrong:
                raise Refused(str(wrong)) from wrong
            if not before:
                known = ", ".join(sorted({each.name for each in self.sampler.tasks}))
                raise Refused(f"nothing is looked at by {name!r} for {component or 'the machine'!r}; there is {known}")
            kept = self.state.fields["periods"] | {each.key: [each.period, each.told] for each, _ in before}
            self.state.set(periods=kept)
        return {each.key: was for each, was in before}, {each.key: each.period for each, _ in before}

    def _restore_periods(self) -> None:
        """Take up the periods that were set before the agent was started again, unless the deployment says another since."""
        for task in self.sampler.tasks:
            kept = self.state.fields["periods"].get(task.key)
            if kept and kept[1] == task.told:
                task.period = kept[0]

    def _figures(self) -> Sequence[Record]:
        head = {"at": round(time.time(), 3), "agent": OWN, "component": ""}
        return [head | each for each in self.programs.figures()]

    def _own(self) -> Sequence[Record]:
        """Return what the agent knows of itself: that it is alive, what waits, and what was lost."""
        assert self.outbox  # noqa: S101  only asked for when there is one
        spool = self.outbox.spool
        about = {"version": __version__, "python": platform.python_version()}
        figures = [
            ("agent.waiting", len(spool.files), "batches"),
            ("agent.dropped", spool.dropped + self.outbox.lost, "measurements"),
        ]
        head = {"at": round(time.time(), 3), "agent": OWN, "component": "", "about": about}
        return [head | {"metric": metric, "value": value, "unit": unit} for metric, value, unit in figures]
