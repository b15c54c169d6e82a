"""SSH keys: ed25519, in the form of OpenSSH."""

from pathlib import Path

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.private import write_private


def new_key(path: Path, comment: str) -> None:
    """Write a new key pair: PATH, which only its owner may read, and PATH.pub."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
    except ImportError as error:
        raise OutsideFailed("keys need the package 'cryptography'", "pip install 'musa-pipeline[deploy]'") from error
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    write_private(path.with_name(f"{path.name}.pub"), public + f" {comment}\n".encode(), 0o644)
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
