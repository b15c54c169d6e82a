"""Reports that a user names: a file, an address, or the running platform, whose events are asked for page by page."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.text.fetch import shown_address
from musa_pipeline.workspace.files import digest

TOKEN: Final = "MUSA_TOKEN"  # noqa: S105  the name of a variable
"""The variable of the environment whose value a server is told as a bearer token."""
EVENTS: Final = "/context/v1/events"
TYPES: Final = ("musa.incident", "musa.verdict", "musa.finding")
_PAGE: Final = 1_000
_PAGES: Final = 200
"""Pages of one type that are asked for; what is older than those is left."""


@dataclass(frozen=True, slots=True)
class Report:
    """One text to read: how it is called in findings, its name without folders, its content with its digest."""

    shown: str
    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Return the digest of the content."""
        return digest(self.data)


def is_address(named: str) -> bool:
    """Tell whether a word is an address on the network."""
    return named.startswith(("http://", "https://"))


def report_file(named: str, largest: int, problems: Problems) -> Report | None:
    """Return a file that the user named; None after a finding.

    Raises UsageWrong if it cannot be looked at.
    """
    path = Path(named)
    try:
        if not path.exists():
            raise UsageWrong(f"there is no file {named!r}", "give a report of a scanner, an address, or .musa/assure/MODEL")
        if not path.is_file():
            raise UsageWrong(f"{named!r} is not an ordinary file", "give the report itself")
        with path.open("rb") as file:
            data = file.read(largest + 1)  # it may grow while it is read
    except (OSError, ValueError) as error:
        raise UsageWrong(f"{named!r} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > largest:
        said = f"the file is larger than {largest // 2**20} MiB, which is the most that is read"
        problems.report("E011", Span(named), said, help="split it by host or by month, or let the tool leave out what passed")
        return None
    return Report(named, path.name, data)


def reports_at(url: str, largest: int, environment: Mapping[str, str] = os.environ) -> Iterator[Report]:
    """Yield what is at an address: of a host alone, or of its events, all events that say what went wrong; else the one report.

    Raises OutsideFailed; UsageWrong for what is no address.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageWrong(f"{shown_address(url)!r} is no address", "write https://host/report.sarif") from error
    if parts.path in ("", "/") and not parts.query:
        base = f"{parts.scheme}://{parts.netloc}{EVENTS}"
        for each in TYPES:
            yield from _pages(f"{base}?type={each}&limit={_PAGE}", largest, environment)
    elif parts.path.endswith(EVENTS):
        yield from _pages(url, largest, environment)
    else:
        yield _one(url, largest, environment)


def _pages(url: str, largest: int, environment: Mapping[str, str]) -> Iterator[Report]:
    import msgspec

    after = ""
    for _ in range(_PAGES):
        joint = "&" if "?" in url else "?"
        page = _one(f"{url}{joint}after={quote(after)}" if after else url, largest, environment)
        yield page
        try:
            said = msgspec.json.decode(page.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # the reader tells what is wrong with it
            return
        found = said.get("next") if isinstance(said, dict) else None
        if not isinstance(found, str) or not found or found == after:
            return
        after = found


def _one(url: str, largest: int, environment: Mapping[str, str]) -> Report:
    from musa_pipeline.workspace.download import NotFetched, download

    try:
        host = (urlsplit(url).hostname or "").lower()
        data = download(url, named=frozenset({host}), largest=largest, bearer=environment.get(TOKEN, ""))
    except (NotFetched, ValueError) as error:
        way_out = f"is the platform running? a token is taken from {TOKEN}, and told over https or on this machine only"
        raise OutsideFailed(f"{shown_address(url)} {error}", way_out) from error
    return Report(shown_address(url), urlsplit(url).path.rpartition("/")[2] or urlsplit(url).netloc, data)
