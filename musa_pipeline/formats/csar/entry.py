"""Which file of an archive, or of an unpacked one, is the model."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.csar.meta import Meta, read_meta

METAS: Final = ("TOSCA-Metadata/TOSCA.meta", "TOSCA.meta")
"""Where the file stands that names the model: TOSCA 1.x, TOSCA 2.0."""

_YAML: Final = (".yaml", ".yml", ".tosca")
_TOPOLOGY: Final = re.compile(r"^\s*[\"']?(?:topology_template|service_template|node_templates)[\"']?\s*:", re.MULTILINE)
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """The model's file, and further definitions that belong to it."""

    name: str
    others: tuple[str, ...] = ()


def find_entry(names: Collection[str], text: Callable[[str], str | None], file: str, problems: Problems) -> Entry | None:
    """Return the model of an archive with these names; None, after an error, if it cannot be told.

    `text` returns the text of an entry, or None after an error. Codes: Z007 which file is the model, Z008 a file that the
    archive does not have, Z009 a line of TOSCA.meta, Z011 TOSCA in XML.
    """
    by_small = {each.casefold(): each for each in names}
    for each in METAS:
        found = by_small.get(each.casefold())
        if found is not None:
            said = text(found)
            if said is None:
                return None
            place = found if file == "." else f"{file}/{found}"
            meta = read_meta(said, place, problems)
            if meta.values.get("Entry-Definitions"):
                return _named(meta, names, text, problems)
            problems.warn("Z009", Span(place), "Entry-Definitions is missing", help=_WAY_OUT)
    return _at_root(names, text, file, problems)


_WAY_OUT: Final = "write 'Entry-Definitions: Definitions/app.yaml' in TOSCA-Metadata/TOSCA.meta"


def _named(meta: Meta, names: Collection[str], text: Callable[[str], str | None], problems: Problems) -> Entry | None:
    name = meta.values["Entry-Definitions"].strip("\"'").removeprefix("./").removeprefix("/")
    at = meta.at["Entry-Definitions"]
    if name not in names:
        help_ = near(name, names) or f"name one of its files, or put {name!r} into the archive"
        problems.report("Z008", at, f"the archive has no file {name!r}, which is to be the model", help=help_)
        return None
    if (text(name) or "").lstrip().startswith("<"):
        problems.report("Z011", at, "the model is TOSCA in XML, which is not read", help="export it as TOSCA in YAML")
        return None
    others = []
    for each in meta.others:
        if each in names:
            others.append(each)
        else:
            problems.warn("Z008", meta.at["Other-Definitions"], f"the archive has no file {each!r}", help=near(each, names))
    return Entry(name, tuple(each for each in dict.fromkeys(others) if each != name))


def _at_root(names: Collection[str], text: Callable[[str], str | None], file: str, problems: Problems) -> Entry | None:
    """Return the one YAML file at the root (TOSCA 1.3, section 6.3); of several, the one that has a topology.

    An archive whose files all lie in one folder is looked at from that folder.
    """
    top = ""
    while True:
        here = sorted(each for each in names if each.startswith(top) and "/" not in each[len(top) :] and _is_yaml(each))
        folders = {each[len(top) :].partition("/")[0] for each in names if each.startswith(top) and "/" in each[len(top) :]}
        files = any("/" not in each[len(top) :] for each in names if each.startswith(top))
        if here or files or len(folders) != 1:
            break
        top += folders.pop() + "/"
    if len(here) > 1:
        with_topology = [each for each in here if _TOPOLOGY.search(text(each) or "")]
        here = with_topology or here
    if len(here) == 1:
        return Entry(here[0])
    if not here:
        problems.report("Z007", Span(file), "nothing says which file of the archive is the model", help=_WAY_OUT)
    else:
        listed = ", ".join(here[:_SHOWN]) + (" …" if len(here) > _SHOWN else "")
        problems.report("Z007", Span(file), f"several files of the archive could be the model: {listed}", help=_WAY_OUT)
    return None


def _is_yaml(name: str) -> bool:
    return name.lower().endswith(_YAML)
