"""What a text turns out to be when it is not what it should be: a value to count and tell, never a crash."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupt:
    """A payload that cannot be read. `why` names the place and what is wrong there, without the text itself: it may hold anything."""

    why: str
