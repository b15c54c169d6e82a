"""Who may hand in what: one account a machine, made by the deployment; of a token only its digest is known here."""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import MachineId
from musa_pipeline.domain.ids import ComponentId

log = logging.getLogger("musa.gateway")


class Account(msgspec.Struct, frozen=True):
    """A machine: the SHA-256 of its token in hex, the key of its commands, the components that it may speak of."""

    token_sha256: str
    command_key: str
    components: frozenset[ComponentId]


_decoder = msgspec.json.Decoder(dict[MachineId, Account])


class Accounts:
    """The accounts of a file. It is read again when it changes: a deployment while the platform runs is heeded."""

    def __init__(self, path: Path) -> None:
        """Read them; raises OutsideFailed if that cannot be done."""
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._wrong = ""
        self._machines: Mapping[str, MachineId] = {}
        self.accounts: Mapping[MachineId, Account] = {}
        try:
            self._read()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise OutsideFailed(
                f"{path} is not the file of accounts that a deployment makes: {error}", "musa deploy makes it"
            ) from error

    def of(self, token: str) -> tuple[MachineId, Account] | None:
        """Return whose token that is."""
        self._read_again()
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        machine = self._machines.get(digest)
        if machine is None or not hmac.compare_digest(self.accounts[machine].token_sha256, digest):
            return None
        return machine, self.accounts[machine]

    def _read_again(self) -> None:
        try:
            self._read()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            # A deployment may be writing it: who was known stays known, and it is tried again for the next request.
            if self._wrong != str(error):
                log.warning("accounts are not read again: %s", error)
            self._wrong = str(error)

    def _read(self) -> None:
        state = self._path.stat()
        seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        if seen == self._seen:
            return
        self.accounts = _decoder.decode(self._path.read_bytes())
        self._machines = {account.token_sha256: machine for machine, account in self.accounts.items()}
        self._seen, self._wrong = seen, ""
