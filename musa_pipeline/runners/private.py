"""Files that only their owner may read, whole or not there."""

import os
from pathlib import Path

from musa_pipeline.domain.errors import OutsideFailed


def folder_of_ours(path: Path) -> Path:
    """Return a folder, made if needed, that only its owner may enter."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be made: {error.strerror}", "check the disk and the folder's mode") from error
    return path


def write_private(path: Path, data: bytes, mode: int = 0o600) -> bool:
    """Write a file beside its place and rename it over the old one; tell whether it changed. Nobody else may read it, ever."""
    try:
        if path.is_file() and path.stat().st_mode & 0o777 == mode and path.read_bytes() == data:
            return False
        beside = path.with_name(f".{path.name}.{os.getpid()}.new")
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123  a descriptor
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be written: {error.strerror}", "check the disk and the folder's mode") from error
    return True
