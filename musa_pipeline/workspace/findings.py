"""What a finding's code means: read from the documentation pages, which travel with the tool, so that both say the same."""

import re

from musa_pipeline.workspace.places import shipped

_ROW = re.compile(r"^\|\s*`?([A-Z]\d{3})`?\s*\|\s*(.+?)\s*\|\s*(.*?)\s*\|\s*$")


def meanings() -> dict[str, tuple[str, str, str]]:
    """Return code -> (what is wrong, the way out, the page that says so)."""
    found: dict[str, tuple[str, str, str]] = {}
    for page in sorted((shipped() / "docs").rglob("*.md")):
        for line in page.read_text("utf-8").splitlines():
            if row := _ROW.match(line):
                found.setdefault(row[1], (row[2], row[3], page.relative_to(shipped()).as_posix()))
    return found
