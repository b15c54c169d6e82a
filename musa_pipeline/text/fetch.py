"""How a reader asks for another file: it never opens one itself."""

from collections.abc import Callable
from typing import TypeAlias

Fetch: TypeAlias = Callable[[str, str], tuple[str, str] | None]
"""`fetch(name, importing file) -> (file, text)`, or None if there is no such file that the reader may see."""
