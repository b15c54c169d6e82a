"""Runs a playbook by ansible-runner: each event is told while it happens, the outcome is a value, and no secret stays on disk."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from musa_pipeline.domain.errors import OutsideFailed

KEPT: Final = 5
"""Runs whose events stay on disk."""
MARK: Final = "MUSA_RUN"
"""In the environment of every process of a run, so that a later process finds those that a killed one left."""


_OURS: Final = ("MUSA_NOTIFY_", "MUSA_STORE_")
"""Where notices go and how the store is opened, with secrets."""


class What(StrEnum):
    """What an event tells."""

    PLAY = "play"
    TASK = "task"
    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event; of a play or task that begins `machine` is empty. `detail` says why something failed, `lane` which of several runs tells."""

    what: What
    play: str = ""
    role: str = ""
    task: str = ""
    machine: str = ""
    detail: str = ""
    lane: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the tasks of one machine."""

    ok: int = 0
    changed: int = 0
    failed: int = 0
    unreachable: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The outcome of one run. `failures` are those that nothing in the playbook rescued."""

    counts: Mapping[str, Counts]
    failures: tuple[Told, ...]
    well: bool
    seconds: float
    said: str = ""

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        return sum(each.changed for each in self.counts.values())


@dataclass(slots=True)
class _Listener:
    """Takes ansible-runner's events apart."""

    tell: Callable[[Told], None]
    counts: dict[str, Counts] = field(default_factory=dict)
    failures: list[Told] = field(default_factory=list)

    def __call__(self, event: Mapping[str, Any]) -> bool:
        kind, data = event.get("event"), event.get("event_data") or {}
        if kind == "playbook_on_stats":
            self.counts = _counts(data)
        told = _told(str(kind), data)
        if told:
            if told.what in (What.FAILED, What.UNREACHABLE):
                self.failures.append(told)
            self.tell(told)
        return True


def play(
    book: Path,
    *,
    inventories: Sequence[Path],
    folder: Path,
    variables: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    limit: str = "",
    check: bool = False,
    tell: Callable[[Told], None] = lambda _told: None,
    stop: Callable[[], bool] | None = None,
) -> Played:
    """Run a playbook with inventories from where it stands; events of the last runs are kept under `folder`.

    Asked every second, `stop` ends it: that is no success. Raises OutsideFailed if Ansible is not installed or cannot begin,
    KeyboardInterrupt if it was stopped by hand.
    """
    runner = need_ansible()
    began = time.monotonic()
    listener = _Listener(tell)
    words = ["--check", "--diff"] if check else []
    with _signals():
        done = runner.run(
            private_data_dir=str(folder), project_dir=str(book.parent), playbook=str(book),
            inventory=[str(each) for each in inventories], extravars=dict(variables or {}) or None, limit=limit or None,
            cmdline=" ".join(words) or None, envvars=_environment(book.parent, folder, environment or {}),
            settings={"pexpect_timeout": 1}, suppress_env_files=True, quiet=True, rotate_artifacts=KEPT,
            event_handler=listener, status_handler=_clean, cancel_callback=stop,
        )  # fmt: skip
    seconds = time.monotonic() - began
    if done.status == "canceled":
        if stop is None:
            raise KeyboardInterrupt
        return Played(counts=listener.counts, failures=tuple(listener.failures), well=False, seconds=seconds, said="stopped")
    well = done.status == "successful" and not done.rc
    said = "" if well or listener.failures else _last_words(done)
    if not well and not listener.counts and not listener.failures:
        raise OutsideFailed(f"ansible could not begin: {said or done.status}")
    if not listener.counts and not listener.failures:
        raise OutsideFailed(f"{book.name} found no machine to work on", "is the machine in the plan?")
    return Played(counts=listener.counts, failures=tuple(listener.failures), well=well, seconds=seconds, said=said)


def together(runs: Sequence[Played]) -> Played:
    """Return several runs as one."""
    counts: dict[str, Counts] = {}
    for run in runs:
        for machine, each in run.counts.items():
            before = counts.get(machine, Counts())
            names = ("ok", "changed", "failed", "unreachable", "skipped")
            counts[machine] = Counts(**{name: getattr(before, name) + getattr(each, name) for name in names})
    return Played(
        counts=counts,
        failures=tuple(told for run in runs for told in run.failures),
        well=all(run.well for run in runs),
        seconds=sum(run.seconds for run in runs),
        said="\n".join(run.said for run in runs if run.said),
    )


def leftovers(folder: Path) -> list[int]:
    """Return the processes of runs in a folder that are still there: of a run that was killed, or connections kept open."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return sorted(set(found) - {os.getpid()})


def end_leftovers(folder: Path) -> int:
    """End what a killed run left at work, each process by its id; return how many there were."""
    total = 0
    until = time.monotonic() + 10
    while (pids := leftovers(folder)) and time.monotonic() < until:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        total += len(pids)
        time.sleep(0.05)
    return total


def need_ansible() -> Any:
    """Return ansible-runner. Raises OutsideFailed if it or Ansible is not installed."""
    program = Path(sys.executable).with_name("ansible-playbook")
    try:
        import ansible_runner
    except ImportError as error:
        raise OutsideFailed("ansible-runner is not installed", "pip install 'musa-pipeline[deploy]'") from error
    if not program.exists():
        raise OutsideFailed("ansible-playbook is not installed beside musa", "pip install 'musa-pipeline[deploy]'")
    return ansible_runner


def _environment(project: Path, folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    found = {
        # the platform's own secrets are no business of a playbook; ansible-runner hands on all that is not said anew
        **{name: "" for name in os.environ if name.startswith(_OURS)},
        "PATH": path,
        # ansible-runner's own default is to accept any host key.
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_NOCOLOR": "1",
        MARK: str(folder),
    }
    if (project / "ansible.cfg").is_file():
        found["ANSIBLE_CONFIG"] = str(project / "ansible.cfg")
    return {**found, **more}


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Put back the handlers that ansible-runner replaces and forgets."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _clean(status: Mapping[str, Any], runner_config: Any) -> None:
    """Remove the file in which ansible-runner writes down the whole environment, as soon as it is there."""
    if status.get("status") == "running":
        with contextlib.suppress(OSError):
            (Path(runner_config.artifact_dir) / "command").unlink()


def _told(kind: str, data: Mapping[str, Any]) -> Told | None:
    what = {
        "playbook_on_play_start": What.PLAY,
        "playbook_on_task_start": What.TASK,
        "runner_on_ok": What.OK,
        "runner_on_skipped": What.SKIPPED,
        "runner_on_failed": What.FAILED,
        "runner_on_unreachable": What.UNREACHABLE,
    }.get(kind)
    result = data.get("res")
    result = result if isinstance(result, dict) else {}
    if what is None or (what is What.FAILED and data.get("ignore_errors")):
        return None
    if what is What.OK and result.get("changed"):
        what = What.CHANGED
    return Told(
        what=what,
        play=str(data.get("play") or data.get("name") or ""),
        role=str(data.get("role") or ""),
        task=str(data.get("task") or ""),
        machine=str(data.get("host") or ""),
        detail=_why(result) if what in (What.FAILED, What.UNREACHABLE) else "",
    )


def _why(result: Mapping[str, Any]) -> str:
    """Return why a task failed, in its own words; of a loop, why its first bad item failed."""
    for each in result.get("results") or ():
        if isinstance(each, dict) and (each.get("failed") or each.get("unreachable")):
            return _why(each)
    parts = [str(result.get(name) or "").strip() for name in ("msg", "stderr", "module_stderr", "censored")]
    return "; ".join(dict.fromkeys(each[-1500:] for each in parts if each)) or "no reason given"


def _counts(data: Mapping[str, Any]) -> dict[str, Counts]:
    names = {"ok": "ok", "changed": "changed", "failed": "failures", "unreachable": "dark", "skipped": "skipped"}
    machines = sorted({machine for word in ("processed", *names.values()) for machine in data.get(word) or ()})
    return {
        machine: Counts(**{name: int((data.get(word) or {}).get(machine, 0)) for name, word in names.items()})
        for machine in machines
    }


def _last_words(done: Any) -> str:
    try:
        with done.stdout as text:
            return str(text.read()[-1500:]).strip()
    except (OSError, AttributeError, ValueError):
        return ""
