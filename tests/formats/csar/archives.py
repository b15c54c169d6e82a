"""Archives made by hand, honest and not."""

import stat
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.csar import Archive, Entry, find_entry, read_archive

MODEL = """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    vm: {type: tosca.nodes.Compute}
"""
META = "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: a test\nEntry-Definitions: Definitions/app.yaml\n"


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file with these files."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return out.getvalue()


def linked(name: str, target: str) -> bytes:
    """Return a zip file with a symbolic link."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        info = ZipInfo(name)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return out.getvalue()


def said(data: bytes) -> list[str]:
    """Return what is found about an archive."""
    problems = Problems()
    read_archive(data, "app.csar", problems)
    return [str(each) for each in problems]


def opened(data: bytes) -> tuple[Archive | None, Entry | None, list[str]]:
    """Return an archive, its model, and what is found about both."""
    problems = Problems()
    archive = read_archive(data, "app.csar", problems)
    entry = None
    if archive:
        entry = find_entry(archive.names, lambda name: (archive.read(name, problems) or b"").decode(), "app.csar", problems)
    return archive, entry, [str(each) for each in problems]
