"""`measured.yaml`, written: what people wrote above `as_of` stays letter by letter, all below it is made anew, sorted."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from musa_pipeline.domain.evidence import Account, Dossier, Evidence

_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OURS: Final = re.compile(r"^(?:as_of|accounts|evidence):", re.MULTILINE)
_THEIRS: Final = re.compile(r"^(?:map|ignore):", re.MULTILINE)
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.()/-]*(?: [A-Za-z0-9_.()/-]+)*")
_CONSTANTS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_HEAD: Final = """\
# What was measured of {application}: `musa risk {application} --measured FILE` adds to it, people review and commit it.
# Above `as_of` is yours: `map: {{10.0.0.7: web}}` says what a host, address or folder is; `ignore: {{id: reason}}` lists false alarms.
"""


def write_measured(dossier: Dossier, application: str, before: str = "") -> bytes:
    """Return the file; `before` is its text, of which the part above `as_of` is kept."""
    found = _OURS.search(before)
    head = before[: found.start()] if found else before or _HEAD.format(application=application)
    if not _THEIRS.search(head):  # somebody put them below; they are kept as values
        head += _flow("map", dossier.places) + _flow("ignore", dossier.ignored)
    lines = [f"as_of: {dossier.as_of}"] if dossier.as_of else []
    if dossier.accounts:
        lines += ["accounts:", *(f"  - {_account(each)}" for each in dossier.accounts)]
    if dossier.evidence:
        lines.append("evidence:")
        for component, rows in groupby(dossier.evidence, key=lambda each: each.component):
            lines.append(f"  {_text(component)}:")
            lines += [f"    - {_row(each)}" for each in rows]
    return (head + "".join(f"{line}\n" for line in lines)).encode()


def _flow(key: str, pairs: Iterable[tuple[str, str]]) -> str:
    listed = ", ".join(f"{_text(name)}: {_text(value)}" for name, value in pairs)
    return f"{key}: {{{listed}}}\n" if listed else ""


def _account(each: Account) -> str:
    parts = [("tool", each.tool), ("form", each.form), ("series", each.series), ("file", each.file)]
    said = [f"{key}: {_text(value)}" for key, value in parts if value]
    said += [f"time: {_time(each.time)}", f"found: {each.found}", f"kept: {each.kept}", f"sha256: {_text(each.sha256)}"]
    return f"{{{', '.join(said)}}}"


def _row(each: Evidence) -> str:
    bearing = each.bearing
    lists = [
        ("weaknesses", bearing.weaknesses),
        ("techniques", bearing.techniques),
        ("controls", bearing.controls),
        ("threats", bearing.threats),
    ]
    said = [f"kind: {each.kind}", f"severity: {each.severity}", f"time: {_time(each.time)}", f"tool: {_text(each.tool)}"]
    said += [f"series: {_text(each.series)}"] if each.series else []
    said += [f"{key}: [{', '.join(map(_text, values))}]" for key, values in lists if values]
    return f"{{{', '.join(said)}, ids: [{', '.join(map(_quoted, each.ids))}]}}"


def _time(seconds: int) -> str:
    return f'"{(_BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")}"'


def _text(word: str) -> str:
    """Return a word as YAML: plain where it can only mean itself, else in quotes.

    >>> _text("SI-10(3)"), _text("no"), _text("0e12"), _text("a: b")
    ('SI-10(3)', '"no"', '"0e12"', '"a: b"')
    """
    if _PLAIN.fullmatch(word) and word.lower() not in _CONSTANTS:
        return word
    return _quoted(word)


def _quoted(word: str) -> str:
    r"""Return a word in double quotes, with the escapes of YAML 1.2 (section 5.7); those of JSON have no signs beyond 16 bits.

    >>> _quoted('a "b" \\ \n é 😀')
    '"a \\"b\\" \\\\ \\U0000000a é 😀"'
    """
    return '"' + "".join(_sign(each) for each in word) + '"'


def _sign(each: str) -> str:
    if each in '"\\':
        return f"\\{each}"
    if each.isprintable():
        return each
    return "\ufffd" if "\ud800" <= each <= "\udfff" else f"\\U{ord(each):08x}"
