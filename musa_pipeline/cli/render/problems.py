"""Findings with their place, the line itself, a mark under the word, and the way out."""

import os.path
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from musa_pipeline.cli.render.words import one_line
from musa_pipeline.domain.problems import SECRET_CODES, Problem, Severity
from musa_pipeline.text.commands import holds_secret
from musa_pipeline.workspace.places import repository, shipped

MOST = 40
_SHOWN = 4 * 2**20
"""Octets of a file of which lines are shown."""
_LOOKED_AT = 400
"""Letters of a line in which a secret is looked for; fewer are shown, and a name stands before its secret."""
_SECRET = re.compile(
    r"(?i)(?<![\w.-])([\w.-]*(?:passw|passphrase|secret|token|credential|api_?key|private_?(?:ssh_?)?key)[\w.-]*[\"']?\s*[:=]).*"
)
"""A key that speaks of a secret: the rest of its line is never shown, whatever the finding is about."""
_NO_LINE = SECRET_CODES | {"W007"}
"""Codes whose lines are not shown: secrets, and what a link that leads out of the repository leads to."""
_COLOR = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def render_problems(problems: Iterable[Problem], *, everything: bool = False) -> str:
    """Return all errors, the first warnings, and the count of all."""
    found = list(problems)
    loud = [each for each in found if each.severity is Severity.ERROR]
    soft = [each for each in found if each.severity is not Severity.ERROR]
    shown = loud + (soft if everything else soft[: max(0, MOST - len(loud))])
    lines = _Lines()
    parts = [_render(each, lines) for each in shown]
    if len(shown) < len(found):
        parts.append(f"… and {len(found) - len(shown)} more warnings and notes (musa -v shows them)")
    return "\n".join([*parts, _count(found)])


def _render(problem: Problem, lines: "_Lines") -> str:
    at = problem.at
    head = click.style(f"{problem.severity}[{problem.code}]", fg=_COLOR[problem.severity], bold=True)
    place = f"{lines.named(at.file)}:{at.line}:{at.column}: " if at else ""
    text = f"{click.style(place, bold=True)}{head}: {one_line(problem.text)}"
    way_out = one_line(problem.help)
    line = "" if problem.code in _NO_LINE else lines.line(at.file, at.line)
    if not line.strip():
        return text + (f"\n  help: {way_out}" if way_out else "")
    gutter = f"{at.line:>5} | "
    shown = line.expandtabs(1)[:160]
    mark = " " * (at.column - 1) + "^" * max(1, min(at.length, len(shown) - at.column + 1))
    under = f"{' ' * 5} | {click.style(mark, fg=_COLOR[problem.severity])}" if at.column <= len(shown) + 1 else ""
    help_ = f" {way_out}" if way_out and under else ""
    return f"{text}\n{gutter}{shown}" + (f"\n{under}{help_}" if under else "")


def _count(found: list[Problem]) -> str:
    count = Counter(each.severity for each in found)
    files = len({each.at.file for each in found if each.at})
    codes = sorted({each.code for each in found if each.severity is Severity.ERROR}) or sorted({each.code for each in found})
    words = ", ".join(
        f"{count[each]} {each}{'' if count[each] == 1 else 's'}" for each in Severity if count[each] or each is Severity.ERROR
    )
    return f"{words} in {files} file{'' if files == 1 else 's'} · musa explain {codes[0]}" if codes else words


class _Lines:
    """The lines of the files that findings point at, read once; only to show them."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, list[str]]] = {}

    def _load(self, file: str) -> tuple[str, list[str]]:
        if file not in self._files:
            self._files[file] = (file, [])
            bases = (Path.cwd(), repository(), shipped(), *_BASES)
            for base in bases:
                path = base / file
                if file and path.is_file():  # the first that is there is meant, though it may be too large to be shown
                    shown = path.stat().st_size < _SHOWN
                    self._files[file] = (_from_here(path), _text(path.read_bytes()).splitlines() if shown else [])
                    break
            else:  # in an archive, or nothing that has lines
                first, slash, rest = file.partition("/")
                there = next((each / first for each in bases if first and os.path.lexists(each / first)), None)
                if there is not None:
                    self._files[file] = (_from_here(there) + slash + rest, [])
        return self._files[file]

    def named(self, file: str) -> str:
        """Return the file's path as one can open it from here."""
        return self._load(file)[0]

    def line(self, file: str, number: int) -> str:
        """Return one line, or nothing."""
        lines = self._load(file)[1]
        line = _SECRET.sub(r"\1 •••", lines[number - 1][:_LOOKED_AT]) if 0 < number <= len(lines) else ""
        return "" if holds_secret(line.removesuffix("•••")) else line


def _from_here(path: Path) -> str:
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("../..") else shown


def _text(content: bytes) -> str:
    """Return a file as text, nothing if it is none: the bytes of an archive help nobody."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = content.decode(encoding, "replace")
    return "" if "\0" in text[:_LOOKED_AT] else text


_BASES: list[Path] = []


def look_in(folder: Path) -> None:
    """Let findings of this run be shown with lines of files below a folder (the model's repository)."""
    _BASES.append(folder)
