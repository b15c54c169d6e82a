"""Fetches a server by Maven into `.cache/servers`, once, and proves every file by its SHA-256 before anything is run."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support import ROOT, lacking, need

HERE = Path(__file__).resolve().parent
CACHE = ROOT / ".cache" / "servers"


def installed(name: str, unpack: Callable[[Path], None] | None = None) -> Path:
    """Return the folder of a server's files, fetched now if this version is not there yet; `unpack` turns them into what is run."""
    need("java", "mvn", "bash")
    pom, sums = HERE / f"{name}.pom.xml", HERE / f"{name}.sha256"
    version = hashlib.sha256(pom.read_bytes() + sums.read_bytes()).hexdigest()[:16]
    place = CACHE / name / version
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes run beside each other; one of them fetches
        if not place.exists():
            shutil.rmtree(CACHE / name, ignore_errors=True)  # older versions, and what an interrupted run left
            fresh = place.with_suffix(".part")
            fresh.mkdir(parents=True)
            _fetch(pom, fresh)
            _prove(fresh, sums)
            if unpack:
                unpack(fresh)
            fresh.rename(place)
    return place


def java_home() -> Path:
    """Return the folder of the Java that `java` is."""
    return Path(os.path.realpath(shutil.which("java") or "java")).parent.parent


def _fetch(pom: Path, into: Path) -> None:
    words = [
        "mvn",
        "-B",
        "-q",
        "-f",
        str(pom),
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={into}",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=900)
    if done.returncode:
        lacking(f"maven cannot fetch {pom.name}: {(done.stdout + done.stderr).strip()[-600:]}")


def _prove(folder: Path, sums: Path) -> None:
    said = dict(reversed(line.split()) for line in sums.read_text("utf-8").splitlines())
    found = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}
    if found != said:
        wrong = sorted(name for name in said.keys() | found.keys() if said.get(name) != found.get(name))
        raise AssertionError(f"{sums.name}: not the files that were agreed: {', '.join(wrong)}")
