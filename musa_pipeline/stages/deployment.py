"""What stands deployed: kept in `.musa/deploy/<app>/`, so that a later process finds it, works with it and takes it back."""

import contextlib
import fcntl
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.private import folder_of_ours, write_private
from musa_pipeline.workspace.files import opened_lock
from musa_pipeline.workspace.places import Place

LOCAL: Final = "local"
HOSTS: Final = "hosts"
PORT: Final = 8443
"""Where the gateway listens at the bridge of guests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Where agents reach the platform. `namespace`: the network in which it must listen; empty for the machine's own."""

    address: str
    port: int
    namespace: str = ""

    @property
    def url(self) -> str:
        """Return what agents are told."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"https://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployed application. `whole`: the last run of `musa deploy` ended well. `machines`: addresses by name."""

    application: str
    on: str
    folder: Path
    project: Path
    inventories: tuple[Path, ...]
    gateway: Gateway | None = None
    machines: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    since: float = 0.0
    """When it first stood whole, UTC seconds since 1970: from then on its promises are judged. 0: not yet."""


def folder_of(place: Place) -> Path:
    """Return the folder of an application's deployment, there or not."""
    return place.out.resolve() / ".musa" / "deploy" / place.application


def deployed(place: Place) -> Deployment | None:
    """Return what stands deployed; None if nothing does."""
    try:
        told = json.loads((folder_of(place) / "deploy.json").read_bytes())
        return Deployment(
            application=str(told["application"]),
            on=str(told["on"]),
            folder=folder_of(place),
            project=Path(told["project"]),
            inventories=tuple(map(Path, told["inventories"])),
            gateway=Gateway(**told["gateway"]) if told["gateway"] else None,
            machines={str(name): str(address) for name, address in told["machines"].items()},
            whole=bool(told["whole"]),
            since=float(told.get("since", 0.0)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep(found: Deployment) -> None:
    """Write down what stands."""
    plain = asdict(found) | {"folder": str(found.folder), "project": str(found.project), "machines": dict(found.machines)}
    plain["inventories"] = [str(each) for each in found.inventories]
    write_private(found.folder / "deploy.json", json.dumps(plain, indent=1, sort_keys=True).encode())


@contextlib.contextmanager
def alone(place: Place) -> Iterator[Path]:
    """Let one process at a time change a deployment; yields its folder.

    Raises OutsideFailed if another one is at work.
    """
    top = place.out / ".musa"
    folder = folder_of_ours(folder_of(place))
    with contextlib.suppress(OSError):
        if not (top / ".gitignore").exists():
            (top / ".gitignore").write_text("*\n")
    with opened_lock(folder / "lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutsideFailed(
                f"another process deploys or takes back {place.application} now", "wait until it is done"
            ) from error
        yield folder
