"""What a command's flags add to a model: folders of types, values of inputs, leave to fetch."""

import json
from dataclasses import dataclass
from typing import Final

from musa_pipeline.workspace.files import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`catalogs`: folders; `files`: files of values of inputs; `values`: `name=value`; `fetch`: addresses may be asked."""

    catalogs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    fetch: bool = False

    @property
    def token(self) -> str:
        """Return what stands for this in the memory of a run; values may be secrets, so only their digest does."""
        if self in (NOTHING, FETCH_ONLY):
            return ""
        return digest(json.dumps([self.catalogs, self.files, self.values]).encode())


NOTHING: Final = Given()
FETCH_ONLY: Final = Given(fetch=True)
