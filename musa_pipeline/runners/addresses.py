"""Where machines of the user's own are: what their inventories say, as the addresses that packets bear."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from musa_pipeline.domain.errors import OutsideFailed

PATIENCE: Final = 120.0
SAID: Final = ("musa_address", "ansible_host")
"""Variables that say where a machine is, the first that is there; without one it is its name."""


def numeric(name: str) -> tuple[str, ...]:
    """Return the addresses of a name, sorted; an address is its own. Empty: nobody knows it.

    >>> numeric("192.0.2.7"), numeric("2001:DB8::7")
    (('192.0.2.7',), ('2001:db8::7',))
    """
    try:
        found = socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return ()
    return tuple(sorted({str(each[4][0]).partition("%")[0] for each in found}))


def addresses(inventories: Sequence[Path], machines: Iterable[str], home: Path) -> dict[str, str]:
    """Return machine -> address; a machine whose address is not known is left out. Ansible keeps its own files in `home`.

    Raises OutsideFailed if the inventories cannot be read.
    """
    told = _told(inventories, home)
    found = {}
    for machine in machines:
        variables = told.get(machine, {})
        said = next((str(variables[each]) for each in SAID if variables.get(each)), machine)
        for address in numeric(said)[:1]:
            found[machine] = address
    return found


def _told(inventories: Sequence[Path], home: Path) -> Mapping[str, Mapping[str, Any]]:
    words = [str(Path(sys.executable).with_name("ansible-inventory")), "--list"]
    for each in inventories:
        words += ["-i", str(each)]
    environment = {
        **os.environ,
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
    }
    try:
        done = subprocess.run(words, capture_output=True, env=environment, check=False, timeout=PATIENCE)  # noqa: S603
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise OutsideFailed(f"the inventories cannot be read: {' '.join(said)}", "look at hosts.yml")
        found: Mapping[str, Mapping[str, Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise OutsideFailed(f"the inventories cannot be read: {error}") from error
    return found
