"""Which files of a folder are models: by their first lines, without reading them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from musa_pipeline.workspace.archives import metadata_of
from musa_pipeline.workspace.files import encoding_of
from musa_pipeline.workspace.places import MODEL_ENDINGS

_HEAD = 256 * 1024
"""Octets looked at; the sections of a model begin long before."""
_KEY = r"(?:^|[{,])[ \t]*[\"']?(?:%s)[\"']?\s*:"
"""A key at the beginning of a line, or in a mapping in braces."""
_TOPOLOGY = re.compile(_KEY % "topology_template|service_template|node_templates", re.MULTILINE)
_VERSION = re.compile(_KEY % "tosca_definitions_version", re.MULTILINE)
_CAMEL = re.compile(r"^\s*(?:camel|deployment|requirement|organisation|provider)\s+model\b", re.MULTILINE)
_XMI = re.compile(r"<\s*(?:\w+:)?(?:CamelModel|XMI)\b")
_OTM = re.compile(r"^(?:\s*[{,]?\s*\"|[\"']?)otmVersion[\"']?\s*:\s*[\"'\d]", re.MULTILINE)
_MACM = re.compile(r"^[ \t]*(?:CREATE|MERGE)\s*\(", re.MULTILINE | re.IGNORECASE)
_ARCHIVES = (".csar", ".zip")
_MANIFEST = re.compile(r"^(?:TOSCA-Metadata/TOSCA\.meta|[^/]+\.ya?ml)$", re.IGNORECASE)
PASSED_OVER = {"node_modules", "__pycache__", "sla", "playbooks", "catalogs", "policies"}
"""Folders that hold no model: derived documents, and what people write beside models."""


def models_below(folder: Path) -> Iterator[Path]:
    """Yield the models in a folder and below, in the order of their names; links are not followed, hidden folders left out.

    An archive that was unpacked is one model: its folder.
    """
    for here, folders, files in os.walk(folder):
        if metadata_of(Path(here)):
            folders.clear()
            yield Path(here)
            continue
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in PASSED_OVER)
        for name in sorted(files):
            path = Path(here) / name
            if not name.startswith(".") and not path.is_symlink() and is_model(path):
                yield path


def is_model(path: Path) -> bool:
    """Tell whether a file has something to deploy, as far as its first lines say; a file of types alone has not."""
    ending = path.suffix.lower()
    try:
        if not path.is_file():  # whoever opens a pipe waits for somebody to write into it
            return False
        if ending in _ARCHIVES:
            return _is_archive(path)
        if ending not in (*MODEL_ENDINGS, ".json"):
            return False
        with path.open("rb") as file:
            data = file.read(_HEAD)
    except OSError:
        return False
    head = data.decode(encoding_of(data), "replace").replace("\r", "\n")
    if ending == ".camel":
        return bool(_CAMEL.search(head)) or head.lstrip().startswith("<")
    if ending == ".xmi":
        return bool(_XMI.search(head))
    if ending == ".macm":
        return bool(_MACM.search(head))
    if ending in (".otm", ".json"):
        return bool(_OTM.search(head))
    if _OTM.search(head):
        return True
    return bool(_VERSION.search(head)) and (bool(_TOPOLOGY.search(head)) or len(data) == _HEAD)


def _is_archive(path: Path) -> bool:
    """Tell whether an archive holds TOSCA; its directory alone is looked at."""
    if path.suffix.lower() == ".csar":
        return True
    try:
        with ZipFile(path) as archive:
            return any(_MANIFEST.match(each) for each in archive.namelist()[:10_000])
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False
