"""What reports tell, whatever form they have: files, the platform's pages, or what it remembers in its folder."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.evidence import Observation, Told
from musa_pipeline.formats.measured import LARGEST, form_of, read_report, records_of, unpacked
from musa_pipeline.formats.measured.form import Form
from musa_pipeline.workspace.reports import TYPES, Report, is_address, report_file, reports_at

if TYPE_CHECKING:
    from musa_pipeline.domain.event import Event
    from musa_pipeline.stages.work import Work

_MOST_EVENTS: Final = 100_000


class Reports:
    """Reads the reports that are named on a line."""

    def __init__(self, work: "Work") -> None:
        self.work = work

    def told(self, named: str) -> Iterator[tuple[str, str, str, Told]]:
        """Yield what each tool tells, with the report as people call it, its name, and its SHA-256 (empty for a folder's)."""
        if (Path(named) / "context.sqlite").is_file():
            yield named, "context.sqlite", "", self._remembered(Path(named) / "context.sqlite")
            return
        for report in reports_at(named, LARGEST) if is_address(named) else self._file(named):
            data = unpacked(report.data, report.shown, self.work.problems)
            if data is None:
                continue
            is_ours = data.lstrip()[:1] != b"<" and form_of(data) is Form.EVENTS
            tools = (
                (self._events(data, report.shown),)
                if is_ours or _is_empty_page(data)
                else read_report(data, report.name, self.work.problems)
            )
            for told in tools:
                yield report.shown, report.name, report.sha256, told

    def _file(self, named: str) -> Iterable[Report]:
        report = report_file(named, LARGEST, self.work.problems)
        return (report,) if report else ()

    def _remembered(self, place: Path) -> Told:
        """Return what `musa assure` remembers of an application."""
        from musa_pipeline.context.open import open_context
        from musa_pipeline.context.port import ContextAway

        try:
            with closing(open_context("embedded", place)) as context:
                events = [each for kind in TYPES for each in context.told(which=kind, most=_MOST_EVENTS)]
        except ContextAway as error:
            raise OutsideFailed(f"{place} cannot be read now: {error}", "try again, or give the platform's address") from error
        passed_over: Counter[str] = Counter()
        found = [one for each in events if (one := self._observed(each, passed_over))]
        return _of_ours(found, passed_over)

    def _events(self, data: bytes, shown: str) -> Told:
        """Return what a file of CloudEvents tells, each line or item by itself."""
        import msgspec

        from musa_pipeline.formats.events import Corrupt, read_event

        passed_over: Counter[str] = Counter()
        found = []
        for at, record in records_of(data, shown, self.work.problems):
            event = read_event(msgspec.json.encode(record))
            if isinstance(event, Corrupt):
                self.work.problems.warn("E003", at, f"no event can be read here: {event.why}", help="the others are read")
            elif one := self._observed(event, passed_over):
                found.append(one)
        return _of_ours(found, passed_over)

    def _observed(self, event: "Event", passed_over: Counter[str]) -> Observation | None:
        from musa_pipeline.domain.event import Finding
        from musa_pipeline.domain.verdict import Incident, Verdict
        from musa_pipeline.formats.events import Corrupt, read_payload
        from musa_pipeline.risk.told import of_finding, of_incident, of_verdict

        if event.type not in TYPES:
            passed_over[f"an event of the type {event.type[:40]}"] += 1
            return None
        match read_payload(event):
            case Incident() as incident:
                return of_incident(incident, self.work.catalogs)
            case Finding() as finding:
                return of_finding(finding)
            case Verdict() as verdict:
                said = of_verdict(verdict, self.work.catalogs)
                if isinstance(said, Observation):
                    return said
                passed_over[said] += 1
            case Corrupt(why=_):
                passed_over["an event whose content cannot be read"] += 1
        return None


def _is_empty_page(data: bytes) -> bool:
    """Tell whether this is a page of the platform's events without any."""
    return len(data) < 200 and data.lstrip().startswith(b"{") and b'"events":[]' in data.replace(b" ", b"")


def _of_ours(found: list[Observation], passed_over: Counter[str]) -> Told:
    said = tuple(sorted(passed_over.items()))
    return Told(form="CloudEvents", tool="musa", series="", time=None, observations=tuple(found), passed_over=said)
