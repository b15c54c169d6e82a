"""All catalogs read in the order in which they name each other, with every mistake reported in one run."""

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Protocol, TypeVar

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.catalogs.agents import read_agent
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.controls import NONE, read_controls
from musa_pipeline.formats.catalogs.exposures import read_exposure
from musa_pipeline.formats.catalogs.kinds import read_kind
from musa_pipeline.formats.catalogs.metrics import read_metric
from musa_pipeline.formats.catalogs.offerings import read_offerings
from musa_pipeline.formats.catalogs.offerings_crosswalk import read_crosswalks
from musa_pipeline.formats.catalogs.profiles import check_bases, read_profile
from musa_pipeline.formats.catalogs.references import Controls
from musa_pipeline.formats.catalogs.scopes import read_scope
from musa_pipeline.formats.catalogs.threats import read_threat
from musa_pipeline.text.yaml import Mapping as Tree
from musa_pipeline.text.yaml import Node, read_yaml

FOLDERS = ("kinds", "scopes", "threats", "exposures", "metrics", "agents", "profiles")
ENDINGS = (".yaml", ".yml")


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Value = TypeVar("Value", bound=_Named)


def read_catalogs(files: Mapping[str, str], problems: Problems) -> Catalogs:
    """Return every entry of these files, path -> text; of two files with the same folder and name the later one counts.

    Codes besides the readers' own: C008 the file is not called as its entry, C009 an id twice.
    """
    chosen = {(folder, name): path for path in files for folder, name in [place_of(path)] if folder}
    by_folder: dict[str, list[str]] = {}
    for (folder, _), path in sorted(chosen.items()):
        by_folder.setdefault(folder, []).append(path)

    def entries(folder: str, read: Callable[[Tree], Value]) -> tuple[Value, ...]:
        trees = ((path, read_yaml(files[path], path, problems)) for path in by_folder.get(folder, ()))
        return tuple(_unique(trees, read, problems))

    in_force, older = _control_catalogs(files, by_folder.get("controls", ()), problems)
    controls = Controls(in_force, problems)
    kinds = entries("kinds", lambda tree: read_kind(tree, problems))
    conditions = Conditions([each.id for each in kinds], problems)
    threats = entries("threats", lambda tree: read_threat(tree, conditions, controls, problems))
    exposures = entries("exposures", lambda tree: read_exposure(tree, conditions, problems))
    threat_ids = frozenset(each.id for each in threats)
    metrics = entries("metrics", lambda tree: read_metric(tree, conditions, controls, threat_ids, problems))
    metric_ids = frozenset(each.id for each in metrics)
    taken: dict[ControlId, str] = {}
    scopes = entries("scopes", lambda tree: read_scope(tree, conditions, controls, taken, problems))
    agents = entries("agents", lambda tree: read_agent(tree, conditions, controls, metric_ids, problems))
    offered, walked = (
        {path: tree for path in by_folder.get(name, ()) if (tree := read_yaml(files[path], path, problems)) is not None}
        for name in ("offerings", "crosswalks")
    )
    crosswalks = read_crosswalks(walked, {each.id: each for each in in_force.controls}, problems)
    providers, offerings = read_offerings(
        offered, in_force, problems, kinds=frozenset(each.id for each in kinds), crosswalks=crosswalks
    )
    agent_ids = frozenset(each.id for each in agents)
    profiles = entries("profiles", lambda tree: read_profile(tree, conditions, controls, problems, agent_ids))
    check_bases(profiles, crosswalks, problems)
    return Catalogs(
        controls=in_force,
        older=older,
        scopes=scopes,
        kinds=kinds,
        threats=threats,
        exposures=exposures,
        metrics=metrics,
        agents=agents,
        providers=providers,
        offerings=offerings,
        crosswalks=tuple(crosswalks[each] for each in sorted(crosswalks)),
        profiles=profiles,
    )


def place_of(path: str) -> tuple[str, str]:
    """Return folder and name of a catalog file; no folder for what is no entry."""
    *folders, file = path.replace("\\", "/").split("/")
    name, dot, ending = file.rpartition(".")
    folder = folders[-1] if folders else ""
    wanted = (".json",) if folder == "controls" else ENDINGS
    if dot + ending in wanted and folder in (*FOLDERS, "controls", "offerings", "crosswalks"):
        return folder, name
    return "", ""


def _unique(trees: Iterator[tuple[str, Node | None]], read: Callable[[Tree], Value], problems: Problems) -> Iterator[Value]:
    """Yield the entries by id, each id once."""
    found: dict[str, Value] = {}
    for path, tree in trees:
        if tree is None:
            continue
        if not isinstance(tree, Tree):
            problems.report("C001", tree.at, "a catalog file must hold one entry, a mapping")
            continue
        value = read(tree)
        _, name = place_of(path)
        at = tree.keys.get("id", Span(path))
        if value.id and value.id != name:
            problems.report(
                "C008", at, f"the entry is {value.id!r}, its file {name!r}", help=f"rename the file to {value.id}.yaml"
            )
        if value.id in found:
            problems.report("C009", at, f"a second entry {value.id!r}", help="give each its own id")
        elif value.id:
            found[value.id] = value
    yield from sorted(found.values(), key=attrgetter("id"))


def _control_catalogs(
    files: Mapping[str, str], paths: list[str] | tuple[str, ...], problems: Problems
) -> tuple[ControlCatalog, tuple[ControlCatalog, ...]]:
    """Return the catalog in force, which is the highest revision, and the others, newest first."""
    read = [read_controls(files[path], path, problems) for path in paths]
    found = sorted((each for each in read if each), key=lambda each: (each.revision.zfill(9), each.id), reverse=True)
    if not found and not paths:
        where = Span("catalogs/controls")
        problems.report("C013", where, "there is no control catalog", help="make one by 'musa catalog import'")
    return (found[0], tuple(found[1:])) if found else (NONE, ())
