"""What a finding's code means: read from the documentation pages, which travel with the tool, so that both say the same."""

import re

from musa_pipeline.workspace.places import shipped

_CODE = re.compile(r"^`?([A-Z]\d{3})`?$")
_BAR = re.compile(r"(?<!\\)\|")


def meanings() -> dict[str, tuple[str, str, str]]:
    """Return code -> (what is wrong, the way out, the page that says so); a column between is how bad it is."""
    found: dict[str, tuple[str, str, str]] = {}
    for page in sorted((shipped() / "docs").rglob("*.md")):
        for line in page.read_text("utf-8").splitlines():
            cells = [each.strip().replace("\\|", "|") for each in _BAR.split(line.strip().strip("|"))]
            if len(cells) >= 3 and (code := _CODE.match(cells[0])):
                *how_bad, meaning, way_out = cells[1:]
                said = f"{meaning} ({', '.join(how_bad)})" if how_bad else meaning
                found.setdefault(code[1], (said, way_out, page.relative_to(shipped()).as_posix()))
    return found
