"""What a chain keeps on disk, so that an agent that was killed goes on where it was: programs, blocks, what it attached."""

import contextlib
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot_clock() -> int:
    """Return nanoseconds since boot, sleep included: the clock by which the kernel ends a block."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def this_boot() -> str:
    """Return what tells this boot of the machine from all others."""
    return BOOT.read_text("ascii").strip()


@dataclass
class Remembered:
    """A chain as it was last: programs with their parameters, sources with the end of their block, the attached program's number."""

    boot: str = field(default_factory=this_boot)
    attached: int = 0
    programs: "dict[str, dict[str, int]]" = field(default_factory=dict)
    blocked: "dict[str, int]" = field(default_factory=dict)


class Memory:
    """A small file, written whole and put in place in one step. It holds for one boot: a new kernel has forgotten all."""

    def __init__(self, path: "Path | None") -> None:
        self.path = path
        self.trouble = ""

    def read(self) -> "Remembered | None":
        """Return what was written in this boot; None if nothing was, or if it cannot be understood."""
        if not self.path:
            return None
        try:
            raw = json.loads(self.path.read_text("utf-8"))
            found = Remembered(
                boot=str(raw["boot"]),
                attached=int(raw["attached"]),
                programs={str(name): {str(key): int(n) for key, n in each.items()} for name, each in raw["programs"].items()},
                blocked={str(source): int(end) for source, end in raw["blocked"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return found if found.boot == this_boot() else None

    def write(self, remembered: Remembered) -> None:
        """Keep it. If the disk does not take it, nothing is kept, which is better than what is no longer so; `trouble` says why."""
        if not self.path:
            return
        fresh = self.path.with_name(f".{self.path.name}.new")
        try:
            fresh.write_text(json.dumps(asdict(remembered), sort_keys=True), encoding="utf-8")
            fresh.replace(self.path)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"{self.path} cannot be written: {error.strerror or error}"
            for each in (fresh, self.path):
                with contextlib.suppress(OSError):
                    each.unlink()

    def forget(self) -> None:
        """Keep nothing."""
        if self.path:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
