"""Names of entries: a plain relative path, the same on every system, or refused."""

from typing import Final

_DEEPEST: Final = 32
_LONGEST: Final = 1_024
_WAY_OUT: Final = "name entries by their path from the archive's root"


def wrong_with(name: str) -> tuple[str, str] | None:
    r"""Return what is wrong with an entry's name and the way out; None if it may stand.

    >>> wrong_with("Definitions/app.yaml"), wrong_with("../app.yaml")
    (None, ("leads out of the archive by '..'", "name entries by their path from the archive's root"))
    >>> wrong_with("/etc/passwd")[0], wrong_with("C:/x")[0], wrong_with("a\\b")[0]
    ('is absolute', 'is absolute', 'has a backslash')
    """
    parts = name.split("/")
    if name.startswith("/") or (len(name) > 1 and name[1] == ":" and name[0].isalpha()):
        return "is absolute", _WAY_OUT
    if "\\" in name:
        return "has a backslash", "pack the archive with a tool that writes '/' between folders"
    if ".." in parts:
        return "leads out of the archive by '..'", _WAY_OUT
    if not name.isprintable():
        return "has control characters", _WAY_OUT
    if len(name) > _LONGEST:
        return f"has {len(name)} characters; the most is {_LONGEST}", _WAY_OUT
    if len(parts) > _DEEPEST:
        return f"is {len(parts)} folders deep; the most is {_DEEPEST}", _WAY_OUT
    if not name.strip("/") or "" in parts[:-1] or "." in parts:
        return "has an empty part", _WAY_OUT
    return None
