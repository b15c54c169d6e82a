"""What composition found, and what the running platform saw if somebody gives it, as OSCAL assessment results."""

from pathlib import Path

from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.oscal.results import write_results
from musa_pipeline.formats.oscal.watched import Watched, read_watched
from musa_pipeline.stages.export import Exported, Subject
from musa_pipeline.stages.exports.oscal import system
from musa_pipeline.workspace.files import read_bytes


def write(subject: Subject) -> Exported:
    """Return the results. Raises UsageWrong if the status is none, or another application's."""
    watched = _watched(Path(subject.status), subject.label) if subject.status else None
    return Exported(data=write_results(system(subject), watched).encode())


def _watched(path: Path, application: str) -> Watched:
    problems = Problems()
    data = read_bytes(path, str(path), problems)
    if data is None:
        raise FilesWrong(problems)
    way_out = f"write it with `musa status {application} --format json > {path.name}`"
    try:
        found = read_watched(data)
    except ValueError as error:
        raise UsageWrong(f"{str(path)!r} is not what `musa status --format json` prints: {error}", way_out) from error
    if found.application != application:
        raise UsageWrong(f"{str(path)!r} is the status of {found.application!r}, not of {application}", way_out)
    return found
