"""How a reader asks for another file: it never opens one itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

PROFILE = "profile:"
"""Before the name of a TOSCA 2.0 profile, which names no file."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a file cannot be had, and the way out; `wrong`: it must not be had, and the run stops."""

    why: str
    way_out: str = ""
    code: str = "T006"
    wrong: bool = False


Fetch: TypeAlias = Callable[[str, str], tuple[str, str] | Missing | None]
"""`fetch(name, importing file) -> (file, text)`; None, or why, if there is no such file that the reader may see."""
