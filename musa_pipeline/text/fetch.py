"""How a reader asks for another file: it never opens one itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

PROFILE = "profile:"
"""Before the name of a TOSCA 2.0 profile, which names no file."""

_SECRET_PART: Final = re.compile(r"(?<=://)[^/]*@|\?.*$")


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a file cannot be had, and the way out; `wrong`: it must not be had, and the run stops."""

    why: str
    way_out: str = ""
    code: str = "T006"
    wrong: bool = False


Fetch: TypeAlias = Callable[[str, str], tuple[str, str] | Missing | None]
"""`fetch(name, importing file) -> (file, text)`; None, or why, if there is no such file that the reader may see."""


def shown_address(name: str) -> str:
    """Return the name of an import as findings show it: without what may be a password in its address.

    >>> shown_address("https://me:p@ss@example.org/types.yaml?token=x"), shown_address("types.yaml")
    ('https://example.org/types.yaml', 'types.yaml')
    """
    return _SECRET_PART.sub("", name)
