"""One server process of our own: started in a folder of its own, ready when it answers, ended by its id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

NOBODY = 65534


def free_ports(count: int) -> tuple[int, ...]:
    """Return ports that nobody listens on: taken all at once, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(each.getsockname()[1] for each in held)
    for each in held:
        each.close()
    return ports


class Process:
    """A program in its own process group; it ends with the test process, even when that is killed."""

    def __init__(
        self, words: Sequence[str], log: Path, environment: Mapping[str, str], *, folder: Path, as_nobody: bool = False
    ) -> None:
        before = ["setpriv", "--pdeathsig", "TERM"]
        if as_nobody and os.geteuid() == 0:
            before += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
        self._log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [*before, "--", *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder,
                env={**os.environ, **environment}, start_new_session=True,
            )  # fmt: skip

    def wait_until(self, ready: Callable[[], bool], *logs: Path, seconds: float = 120) -> None:
        """Return when `ready`; fail with the last lines of its logs when it has ended or takes longer."""
        end = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                code = self._process.poll()
                self.end(signal.SIGKILL)
                said = "\n".join(_tail(each) for each in (self._log, *logs))
                raise AssertionError(f"the server {'is not ready' if code is None else f'ended with {code}'}:\n{said}")
            time.sleep(0.05)

    def end(self, how: signal.Signals) -> None:
        """End it: TERM asks, KILL plays a crash, which takes the whole group at once."""
        if self._process.poll() is not None:
            return
        if how is signal.SIGKILL:
            os.killpg(self._process.pid, how)
        else:
            self._process.send_signal(how)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-3000:] if log.exists() else ""
