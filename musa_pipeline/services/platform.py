"""The platform: gateway, checker, detector, controller and pages over one bus and one context, from a start to a clean end.

Each part runs in a thread and keeps what it must know in the bus, the context or a file of its own; so the whole may be killed at
any moment and started again.
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from musa_pipeline.assurance.board import Board, board
from musa_pipeline.assurance.story import Line
from musa_pipeline.bus.open import open_bus
from musa_pipeline.bus.port import BusAway
from musa_pipeline.context.open import open_context
from musa_pipeline.context.port import Context, ContextAway
from musa_pipeline.detection.registry import algorithm, known
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import MachineId, Plain
from musa_pipeline.runners.private import folder_of_ours, write_private
from musa_pipeline.services.checker import CheckerService
from musa_pipeline.services.controller import Controller, Means
from musa_pipeline.services.detector import DetectorService
from musa_pipeline.services.gateway import Accounts, Counts, gateway_app
from musa_pipeline.services.gateway import serve as serve_tls
from musa_pipeline.services.notices import Channel, Ended, Webhooks
from musa_pipeline.services.parts import Closing, Memory, Part, Parts
from musa_pipeline.services.room import make_room
from musa_pipeline.services.seed import seed
from musa_pipeline.services.story import Story
from musa_pipeline.services.watched import Watched

log = logging.getLogger("musa.platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the platform keeps things, and where it can be reached."""

    folder: Path
    bus: str
    store: str
    listen: tuple[str, int] = ("127.0.0.1", 8470)
    """Where people look: the page, the REST of the Context Broker."""


class Platform:
    """One running platform; use it as a context manager."""

    def __init__(
        self, watched: Watched, places: Places, say: Callable[[Line], None], clock: Callable[[], float] = time.time
    ) -> None:
        self.watched, self.places, self.say, self.clock = watched, places, say, clock
        self.counts = Counts()
        self.stopping = threading.Event()
        self.page = 0
        self._parts = Parts(self.stopping)
        self._away: dict[str, Callable[[], str]] = {}
        self._open = ExitStack()
        self._figures: dict[str, Callable[[], Mapping[str, float]]] = {}

    def __enter__(self) -> "Platform":
        with ExitStack() as opening:
            opening.callback(self._close)
            make_room()
            folder_of_ours(self.places.folder)
            self._alone()
            self._end_what_is_left()
            # the controller signs with them as soon as it runs
            self.accounts = Accounts(self.watched.deployment.folder / "agents.json")
            self.bus = self._patiently("bus", lambda: open_bus(self.places.bus, self.places.folder))
            self._open.callback(self.bus.close)
            self.context = self._patiently("context", self._context)
            self._open.callback(self.context.close)
            self._patiently("context", lambda: seed(self.context, self.watched.entities, self.clock()))
            self._parts.start("checker", self._checker)
            self._parts.start("detector", self._detector)
            self._parts.start("controller", self._controller)
            self._parts.start("story", lambda: Story(self.bus, self.watched, self.say))
            self._parts.start("memory", lambda: Memory(self.context, self.clock))
            self._gateway()
            self._pages()
            opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def health(self) -> dict[str, str]:
        """Return each part and how it is; one that waits for a server says so."""
        waiting = {part: f"waiting: {said}" for part, away in [*self._away.items()] if (said := away())}
        return {part: waiting.get(part, said) if said == "running" else said for part, said in [*self._parts.health.items()]}

    def board(self) -> Board:
        """Return how everything stands."""
        from musa_pipeline.services.pages.app import everything

        return board(self.watched.application, everything(self.context), self.clock())

    def figures(self) -> str:
        """Return what all parts count, as OpenMetrics."""
        lines = self.counts.openmetrics().removesuffix("# EOF\n")
        for part, counted in sorted(self._figures.items()):
            for name, value in sorted(counted().items()):
                lines += f"# TYPE musa_{part}_{name} gauge\nmusa_{part}_{name} {value:g}\n"
        return f"{lines}# EOF\n"

    # parts

    def _context(self) -> Context:
        return open_context(self.places.store, self.places.folder / "context.sqlite", name=self.watched.application)

    def _checker(self) -> Part:
        made = CheckerService(
            self.bus,
            self.context,
            self.watched.objectives,
            around=self.watched.around,
            advice=self.watched.advice,
            clock=self.clock,
            since=self.watched.deployment.since,
            say=lambda text: log.warning("checker: %s", text),
        )
        self._away["checker"] = lambda: made.away
        self._figures["checker"] = lambda: {"corrupt_records": made.corrupt, **_named(made.checker.taken)}
        return made

    def _detector(self) -> Part:
        algorithms = [algorithm(each) for each in known()]
        made = DetectorService(
            self.bus, self.context, algorithms, clock=self.clock, say=lambda text: log.warning("detector: %s", text)
        )
        self._away["detector"] = lambda: made.away
        self._figures["detector"] = lambda: {"corrupt_records": made.corrupt, "failed": made.failed}
        return made

    def _controller(self) -> Part:
        means = Means(
            bus=self.bus,
            context=self.context,
            clock=self.clock,
            key=self._key,
            digest=self.watched.digests.get,
            playbooks=self._playbook,
            notify=Webhooks(channels(os.environ)),
        )
        made = Controller(self.watched.policies, means, self.places.folder, self.watched.belts, self.watched.lists)
        self._away["controller"] = lambda: made.counted.away
        self._figures["controller"] = lambda: {"heard": made.counted.heard, "corrupt_records": made.counted.corrupt}
        return Closing(made)

    def _key(self, machine: str) -> str | None:
        account = self.accounts.accounts.get(MachineId(machine))
        return account.command_key if account else None

    def _playbook(self, playbook: str, variables: Mapping[str, Plain], component: str, machine: str, identity: str) -> Ended:
        from musa_pipeline.stages.deploy import reaction, run_book

        told = {**variables, "component": component, "machine": machine, "reaction": identity}
        try:
            done = run_book(self.watched.deployment, reaction(playbook), variables=told, limit=machine, stop=self.stopping.is_set)
        except OutsideFailed as error:
            return Ended(done=False, reason=str(error))
        if done.well:
            return Ended(done=True, reason=f"{playbook} ended in {done.seconds:.1f} s")
        return Ended(done=False, reason="; ".join(f"{each.task}: {each.detail}" for each in done.failures[:3]) or "it failed")

    def _gateway(self) -> None:
        """Let agents in, where the deployment told them to come."""
        from musa_pipeline.runners.local import listen_in

        deployment = self.watched.deployment
        way_in = deployment.gateway
        assert way_in  # noqa: S101  `watched` refuses a deployment without
        try:
            listening = (
                listen_in(way_in.namespace, way_in.address, way_in.port)
                if way_in.namespace
                else socket.create_server((way_in.address, way_in.port))
            )
        except OSError as error:
            raise OutsideFailed(f"agents cannot be let in at {way_in.url}: {error}", "is another platform running?") from error
        app = gateway_app(self.bus, self.accounts, counts=self.counts, clock=self.clock)
        running = serve_tls(app, listening, deployment.folder / "gateway.pem", deployment.folder / "gateway.key")
        self._parts.health["gateway"] = "running"
        self._open.callback(running.stop)

    def _pages(self) -> None:
        """Let people look, on this machine only unless they say otherwise."""
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
        from starlette.middleware.trustedhost import TrustedHostMiddleware
        from starlette.routing import Mount

        from musa_pipeline.services.broker import Role, broker_app, tokens
        from musa_pipeline.services.pages import board_app
        from musa_pipeline.services.plain import serve_plain

        host, port = self.places.listen
        try:
            listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError as error:
            raise OutsideFailed(
                f"the page cannot be shown at {host}:{port}: {error}", "give another --listen HOST:PORT"
            ) from error
        self.page = int(listening.getsockname()[1])
        shown = f"[{host}]" if ":" in host else host
        # who may read the folder may change what is known; anybody on this machine may look
        token = secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).hexdigest()
        routes = board_app(self.watched.application, self.context, self.clock, self.health, self.figures)
        # a page of somebody else's must not reach this one under a name of its own (DNS rebinding)
        guard = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
        app = Starlette(
            middleware=[guard],
            routes=[*routes, Mount("/context/v1", app=broker_app(self.context, tokens({digest: Role.OPERATOR})))],
        )
        self._open.callback(serve_plain(app, listening))
        self._parts.health["pages"] = "running"
        told = {"pid": os.getpid(), "page": f"http://{shown}:{self.page}/", "token": token}
        write_private(self.places.folder / "platform.json", json.dumps(told).encode())
        self._open.callback((self.places.folder / "platform.json").unlink, missing_ok=True)

    # beginning and end

    def _alone(self) -> None:
        self._lock: IO[str] = (self.places.folder / "lock").open("w")
        self._open.callback(self._lock.close)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            name = self.watched.application
            raise OutsideFailed(f"{name} is watched already, by another process", f"musa status {name}") from error

    def _end_what_is_left(self) -> None:
        """End the playbooks that a killed platform left at work: the controller begins them anew, and two at once would meet."""
        from musa_pipeline.stages.deploy import end_reactions

        end_reactions(self.watched.deployment)

    def _patiently(self, what: str, make: Callable[[], Any]) -> Any:
        """Wait for a server that is not there yet, saying so once."""
        told = False
        while True:
            try:
                return make()
            except (BusAway, ContextAway) as error:
                if not told:
                    log.warning("waiting for the %s: %s", what, error)
                told = True
                if self.stopping.wait(1.0):
                    raise OutsideFailed(f"the {what} did not come: {error}") from error

    def _close(self) -> None:
        self._parts.close()
        self._open.close()


def channels(environment: Mapping[str, str]) -> dict[str, Channel]:
    """Return where notices go: MUSA_NOTIFY_<WHO>=address, signed with MUSA_NOTIFY_<WHO>_SECRET if it is set.

    >>> channels({"MUSA_NOTIFY_OPERATORS": "https://hooks.example/x", "MUSA_NOTIFY_OPERATORS_SECRET": "s"})["operators"].url
    'https://hooks.example/x'
    """
    found = {}
    for name, value in environment.items():
        if name.startswith("MUSA_NOTIFY_") and not name.endswith("_SECRET") and value:
            who = name.removeprefix("MUSA_NOTIFY_").lower().replace("_", "-")
            found[who] = Channel(url=value, secret=environment.get(f"{name}_SECRET", ""))
    return found


def _named(counts: Mapping[str, int]) -> dict[str, float]:
    return {name.replace("-", "_").replace(" ", "_"): float(value) for name, value in counts.items()}
