"""The standard's prose in the user's cache, one file for each catalog file it came from, named by that file's SHA-256."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from musa_pipeline.domain.control import ControlCatalog, Wording
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.workspace.files import write_whole

_LARGEST = 64 * 2**20


def cache_folder() -> Path:
    """Return where prose is kept between runs, for all repositories of this user."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "musa/oscal"


def keep_wording(sha256: str, found: Mapping[ControlId, Wording]) -> Path:
    """Put the prose of one catalog file into the cache and return where.

    Raises OutsideFailed if the cache cannot be written.
    """
    path = cache_folder() / f"{sha256}.json"
    write_whole(path, msgspec.json.encode(dict(sorted(found.items()))))
    return path


def wording_of(catalog: ControlCatalog, control: ControlId) -> Wording | None:
    """Return what the catalog's own file says of a control; None if nobody imported that file here, or the cache is damaged."""
    sha256 = catalog.sha256.get("catalog", "")
    if not sha256.isalnum():
        return None
    try:
        path = cache_folder() / f"{sha256}.json"
        if path.stat().st_size > _LARGEST:
            return None
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Wording]).get(control)
    except (OSError, RuntimeError, msgspec.DecodeError):  # no home folder, no cache, half a file: prose is a comfort only
        return None
