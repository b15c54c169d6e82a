"""Asks tosca-parser, in a worker process with limits, what it thinks of a template that needs no other file."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Final

SECONDS: Final = 20
"""For one template, of the processor and of the clock; a thousand nodes take about two."""
MEMORY: Final = 768 * 2**20
"""Octets of address space for one template; the validator itself takes 150 MiB."""
_WORKER: Final = Path(__file__).with_name("conformance_worker.py")


def installed() -> bool:
    """Tell whether tosca-parser is here, without importing it."""
    return find_spec("toscaparser") is not None


class Validator:
    """The worker, started when it is first needed; one that dies is started again for the next template."""

    def __init__(self, *, seconds: int = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Validator":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def judge(self, template: Mapping[str, Any], normative: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the validator says: `messages`, `more` and `broken`, or `stopped` with the reason."""
        request = {"template": template, "normative": normative, "seconds": self.seconds, "memory": self.memory}
        process = self._started()
        assert process.stdin  # noqa: S101  both are pipes
        assert process.stdout  # noqa: S101
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            found: dict[str, Any] = json.loads(answer)
        except (OSError, ValueError):
            self.close()
            return {"stopped": "broken"}
        return found

    def close(self) -> None:
        """End the worker and whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        for each in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if each:
                    each.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, 9)
        process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603  our own worker, by its path
                [sys.executable, "-I", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        return self._process
