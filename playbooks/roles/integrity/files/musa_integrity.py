#!/usr/bin/python3
"""Compares files with their hashes by AIDE and appends the result as JSON lines: musa_integrity.py COMPONENT CONFIG FILE

Exit status of AIDE (aide(1)): bits 1 added, 2 removed, 4 changed; 14 and above: it could not check.
"""

import json
import subprocess
import sys
import time


def main(component: str, config: str, book: str) -> int:
    """Check once; 0 also when files differ, for the check itself was made."""
    done = subprocess.run(["/usr/bin/aide", f"--config={config}", "--check"], capture_output=True, text=True, check=False)
    head = {"at": round(time.time(), 3), "agent": "integrity-monitor", "component": component}
    records: list[dict[str, object]] = []
    if 0 <= done.returncode < 14:
        records.append(head | {"metric": "integrity", "value": done.returncode == 0, "unit": ""})
        if done.returncode:
            kinds = [name for bit, name in ((1, "added"), (2, "removed"), (4, "changed")) if done.returncode & bit]
            changed = [line.strip() for line in done.stdout.splitlines() if ": /" in line and line[:1] in "fdlDBFsp|"]
            records.append(head | {"finding": "files-differ", "kinds": kinds, "entries": changed[:100]})
    print(done.stdout if done.returncode else f"{component}: files are as they were")
    print(done.stderr, file=sys.stderr)
    with open(book, "a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in records)
    return 0 if records else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
