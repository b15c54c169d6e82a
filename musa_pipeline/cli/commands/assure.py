"""`musa assure MODEL` watches a deployed application and reacts; `musa status MODEL` prints how its promises stand."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import model_argument, out_option, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from pathlib import Path

    from musa_pipeline.stages.work import Work

LOOK = 3.0
"""Seconds between two looks whether the deployment still stands."""
bus_option = click.option("--bus", metavar="URL", help="embedded, or kafka://HOST:PORT; overrides musa.yaml.")
store_option = click.option(
    "--store", metavar="URL", help="embedded, or http(s)://HOST:PORT of Elasticsearch; overrides musa.yaml."
)


@click.command()
@model_argument
@out_option
@bus_option
@store_option
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8470", show_default=True, help="Where the page is shown.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How what happens is printed.")
@click.pass_obj
def assure(outlet: Outlet, model: str, out: str | None, bus: str | None, store: str | None, listen: str, format_: str) -> int:
    """Watch a deployed application: let its agents in, judge its promises, react by policy, show a page.

    Runs until it is stopped by Ctrl-C or SIGTERM; started again it goes on where it was. Notices go to the addresses in the
    environment: MUSA_NOTIFY_OPERATORS=https://…, signed with MUSA_NOTIFY_OPERATORS_SECRET.
    """
    import signal
    import threading

    from musa_pipeline.cli.clock import now
    from musa_pipeline.cli.warnings import warn

    host, port = _address(listen)
    _need()
    work = start(model, out)
    for _ in follow(work, outlet, "plan"):
        pass
    from musa_pipeline.cli.telling import Teller
    from musa_pipeline.services.platform import Places, Platform
    from musa_pipeline.services.watched import watched
    from musa_pipeline.stages.deployment import deployed

    found = watched(work, now().date())
    warn(outlet, work.problems)  # those of policies too
    _logs(outlet)
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    places = Places(folder=folder_of(work), bus=bus or found.runtime.bus, store=store or found.runtime.store, listen=(host, port))
    teller = Teller(outlet, json=format_ == "json")
    platform = Platform(found, places, teller.line)

    def heed() -> None:
        stopped.wait()
        platform.stopping.set()

    threading.Thread(target=heed, daemon=True).start()  # also while it waits for a server at the start
    with platform:
        shown = f"[{host}]" if ":" in host else host
        teller.begun(found, f"http://{shown}:{platform.page}/", platform.board())
        while not stopped.wait(LOOK):
            if deployed(work.place) is None:
                outlet.err(click.style(f"{found.application} is deployed no more; nothing is left to watch", fg="yellow"))
                break
        teller.ending()
    return 0


@click.command()
@model_argument
@out_option
@store_option
@click.option("-a", "--all", "everything", is_flag=True, help="Every promise, those kept too.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def status(outlet: Outlet, model: str, out: str | None, store: str | None, everything: bool, format_: str) -> int:
    """Print how the promises of a deployed application stand, worst first; exit code 1 if one is broken or at risk."""
    import time

    from musa_pipeline.assurance.board import board
    from musa_pipeline.cli.render.status import status as render
    from musa_pipeline.cli.render.status import status_json
    from musa_pipeline.context.open import open_context
    from musa_pipeline.context.port import ContextAway
    from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
    from musa_pipeline.domain.verdict import State
    from musa_pipeline.services.pages.app import everything as all_of

    work = start(model, out)
    name, where, folder = work.place.application, store or work.settings.runtime.store, folder_of(work)
    work.stop_if_wrong()
    if where == "embedded" and not (folder / "context.sqlite").exists():
        raise UsageWrong(f"{name} was never watched", f"musa assure {name}")
    try:
        context = open_context(where, folder / "context.sqlite", name=name)
        try:
            shown = board(name, all_of(context), time.time())
        finally:
            context.close()
    except ContextAway as error:
        raise OutsideFailed(f"what is known of {name} cannot be read: {error}", "is its store running?") from error
    if not _running(folder):
        outlet.err(click.style(f"nobody watches {name} now: musa assure {name}", fg="yellow"))
    outlet.out(status_json(shown) if format_ == "json" else render(shown, everything=everything))
    return 1 if shown.state in (State.VIOLATED, State.AT_RISK) else 0


def _need() -> None:
    """Say what is not installed, all of it at once, before anything else is done."""
    from importlib.util import find_spec

    from musa_pipeline.domain.errors import OutsideFailed

    missing = [
        name for name in ("ansible_runner", "celpy", "cryptography", "jinja2", "starlette", "uvicorn") if not find_spec(name)
    ]
    if missing:
        raise OutsideFailed(f"not installed: {', '.join(missing)}", "pip install 'musa-pipeline[deploy,assure]'")


def folder_of(work: "Work") -> "Path":
    """Return where the platform keeps what it must know of an application."""
    return work.place.out.resolve() / ".musa" / "assure" / work.place.application


def _running(folder: "Path") -> bool:
    """Tell whether a platform holds the folder."""
    import fcntl

    try:
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _address(listen: str) -> tuple[str, int]:
    from musa_pipeline.domain.errors import UsageWrong

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) < 65536:
        raise UsageWrong(f"{listen!r} is no address to listen at", "give HOST:PORT, for example 127.0.0.1:8470")
    host = host.strip("[]")
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise UsageWrong(
            f"the page has no login, so it is not shown at {host}", "listen at 127.0.0.1, behind a proxy that asks who it is"
        )
    return host, int(port)


def _logs(outlet: Outlet) -> None:
    """Send what parts of the platform have to say to standard error, a line each."""
    import logging

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if outlet.json_logs:
                outlet.log(level=record.levelname.lower(), part=record.name, said=record.getMessage())
            else:
                outlet.err(click.style(f"  {record.getMessage()}", dim=True))
            if record.exc_info and outlet.verbose:
                outlet.err(logging.Formatter().formatException(record.exc_info))

    top = logging.getLogger("musa")
    top.handlers, top.propagate = [Handler()], False
    top.setLevel(logging.INFO if outlet.verbose else logging.WARNING)
