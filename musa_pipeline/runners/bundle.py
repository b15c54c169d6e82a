"""The agent as one file that a machine's own Python runs: the same sources give the same bytes."""

import io
import zipfile
from pathlib import Path

import musa_pipeline

FIRST_LINE = b"#!/usr/bin/env python3\n"
BEGIN = """\
import sys

if sys.version_info < (3, 10):
    sys.exit("musa-agent needs Python 3.10 or later")

from musa_pipeline.agent.main import main

sys.exit(main())
"""
PACKAGES = ("agent", "kernel")


def agent_bundle() -> bytes:
    """Return the agent as a Python zip application (PEP 441) with the packages that it is made of."""
    package = Path(musa_pipeline.__file__).parent
    files = {"__main__.py": BEGIN.encode(), "musa_pipeline/__init__.py": (package / "__init__.py").read_bytes()}
    for name in PACKAGES:
        for path in sorted((package / name).rglob("*.py")):
            files[f"musa_pipeline/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as archive:
        for name, data in sorted(files.items()):
            # No time, no owner: 1980 is the first year that a zip file can say.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, data, compresslevel=9)
    return FIRST_LINE + room.getvalue()


def write_agent(place: Path) -> bool:
    """Write the bundle; tell whether the file changed."""
    data = agent_bundle()
    if place.is_file() and place.read_bytes() == data:
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(f".{place.name}.new")
    new.write_bytes(data)
    new.chmod(0o755)
    new.replace(place)
    return True
