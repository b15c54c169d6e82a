"""The signature of a command."""

import hashlib
import hmac
import json
from dataclasses import asdict, replace

from musa_pipeline.domain.command import Command


def canonical(command: Command) -> bytes:
    """Return what is signed: all fields but the signature as JSON in ASCII, keys sorted, no spaces, times as floats."""
    fields = asdict(command)
    del fields["signature"]
    fields |= {"issued": float(command.issued), "expires": float(command.expires)}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def sign(command: Command, key: str) -> Command:
    """Return the command with its signature under an agent's command key (its text in UTF-8 is the key)."""
    return replace(command, signature=_signature(command, key))


def is_signed(command: Command, key: str) -> bool:
    """Tell whether the signature is the one that the key gives."""
    return hmac.compare_digest(_signature(command, key).encode(), command.signature.encode())


def _signature(command: Command, key: str) -> str:
    return hmac.new(key.encode(), canonical(command), hashlib.sha256).hexdigest()
