"""The local file of records, for an agent that has no gateway; it never grows above its bound."""

import json
from collections.abc import Sequence
from pathlib import Path

from musa_pipeline.agent.disk import say
from musa_pipeline.agent.record import Record

MOST_BYTES = 16 * 1024 * 1024
"""Above this the file is set aside as FILE.1, and the one set aside before it is lost: the disk stays free."""


class Book:
    """JSON lines."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        self.path, self.most = path, most

    def put(self, records: Sequence[Record]) -> None:
        """Append records; a full disk loses them and is told."""
        text = "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in records)
        try:
            if self.path.exists() and self.path.stat().st_size > self.most:
                self.path.replace(self.path.with_name(self.path.name + ".1"))
            with self.path.open("a", encoding="utf-8") as book:
                book.write(text)
        except OSError as wrong:
            say(f"{len(records)} records are lost: {wrong}")
