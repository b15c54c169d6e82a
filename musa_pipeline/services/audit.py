"""The audit log: one JSON object a line, each with the digest of the one before it, so that nothing can be changed or cut out unseen."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from musa_pipeline.assurance.reactions import Note

FIRST: Final = "0" * 64
"""What stands before the first line."""
_LONGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many lines there are, and the digest of the last."""

    count: int = 0
    digest: str = FIRST


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, as it stands in the file."""

    head: Head
    text: str


def lines_of(notes: Iterable[Note], head: Head) -> Iterator[Line]:
    """Yield the lines that follow a head."""
    for note in notes:
        fields: dict[str, Any] = {
            "seq": head.count + 1,
            "time": round(note.time, 3),
            "what": note.what,
            "policy": note.policy,
            "action": note.action,
            "text": note.text,
            "about": dict(note.about),
            "trace": note.trace.split("\n") if note.trace else [],
            "before": head.digest,
        }
        said = {name: value for name, value in fields.items() if value not in ("", [], {})}
        head = Head(head.count + 1, _digest(said))
        yield Line(head, _text({**said, "digest": head.digest}))


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """Append lines; they are on the disk when this returns. A line that a killed process left half written is written anew."""
    end = _end(path)
    fresh = [each for each in lines if each.head.count > end.count]
    if not fresh:
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        data = "".join(f"{each.text}\n" for each in fresh).encode()
        while data:
            data = data[os.write(file, data) :]
        os.fsync(file)
    finally:
        os.close(file)


def last_of(path: Path) -> Head:
    """Return the end of the chain as a file has it; a half line at the end is no line."""
    return _end(path, mend=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: the end of the unbroken chain, and the first place where it is broken (empty: nowhere)."""

    head: Head
    broken: str = ""


def check_audit(path: Path, head: Head | None = None) -> Checked:
    """Follow the chain from its first line. `head`: what somebody else remembers of its end, so that a cut end is seen too."""
    end, known = Head(), head is None or head.count == 0
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(_LONGEST), b""), 1):
            said = _read(raw)
            if said is None:
                return Checked(end, f"line {number} is not a line of this log")
            told = said.pop("digest")
            if said.get("before") != end.digest or said.get("seq") != end.count + 1:
                return Checked(end, f"line {number} does not follow the one before it: something was taken out or put in")
            if _digest(said) != told:
                return Checked(end, f"line {number} was changed")
            end = Head(end.count + 1, told)
            known = known or end == head
    if not known and head is not None:
        return Checked(end, f"the log ends at line {end.count}, but it had {head.count}: its end was cut off or written anew")
    return Checked(end)


def _end(path: Path, *, mend: bool = True) -> Head:
    """Return the last whole line's head, and cut off half a line after it."""
    try:
        file = path.open("rb+" if mend else "rb")
    except FileNotFoundError:
        return Head()
    with file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - 2 * _LONGEST)
        file.seek(start)
        tail = file.read()
        whole = tail.rfind(b"\n") + 1
        if mend and whole < len(tail):
            file.truncate(start + whole)
        last = tail[:whole].rstrip(b"\n").rpartition(b"\n")[2]
    said = _read(last + b"\n") if last else None
    return Head(said["seq"], said["digest"]) if said else Head()


def _read(raw: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    whole = (
        raw.endswith(b"\n") and isinstance(said, dict) and isinstance(said.get("digest"), str) and type(said.get("seq")) is int
    )
    return said if whole else None


def _digest(said: dict[str, Any]) -> str:
    return sha256(_text(said).encode()).hexdigest()


def _text(said: dict[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
