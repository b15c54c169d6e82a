"""`musa catalog list | show | check | diff | import`: what the tool and the user know."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.clock import day, moment
from musa_pipeline.cli.commands.common import Commands
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, OutsideFailed, UsageWrong

if TYPE_CHECKING:
    from musa_pipeline.domain.catalog import Catalogs

FAMILIES = (
    "controls",
    "threats",
    "exposures",
    "metrics",
    "kinds",
    "scopes",
    "agents",
    "providers",
    "offerings",
    "crosswalks",
    "profiles",
)


@click.group(cls=Commands)
def catalog() -> None:
    """List, show, check, compare and import controls, threats, metrics, offerings and agents.

    The shipped entries, and those of the repository's own catalogs/ folder, which win over them.
    """


@catalog.command("list")
@click.argument("family", type=click.Choice(FAMILIES), required=False)
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How entries are printed.")
@click.pass_obj
def list_(outlet: Outlet, family: str | None, format_: str) -> int:
    """List the entries of one family, or count them all."""
    from musa_pipeline.cli.render.catalog import counts, entries, entries_json

    found = _catalogs()
    if family is None:
        outlet.out(counts(found, FAMILIES))
    else:
        outlet.out(entries_json(found, family) if format_ == "json" else entries(found, family))
    return 0


@catalog.command()
@click.argument("entry")
@click.option("--file", "as_file", is_flag=True, help="Print the entry's own file, to copy and change under your catalogs/.")
@click.pass_obj
def show(outlet: Outlet, entry: str, *, as_file: bool) -> int:
    """Show one entry with everything that refers to it: SC-5, denial-of-service, availability, hetzner, ha, csf-2.0, IAM-02."""
    from musa_pipeline.cli.render.catalog import entry_of

    found = _catalogs()
    outlet.out(_file_of(found, entry) if as_file else entry_of(found, entry))
    named = () if as_file else found.named(entry)
    if len(named) == 1:
        from musa_pipeline.cli.render.crosswalks import wording
        from musa_pipeline.workspace.wording import wording_of

        outlet.out(wording(wording_of(found.controls, named[0])))
    return 0


def _file_of(catalogs: "Catalogs", entry: str) -> str:
    """Return the text of the file that defines an entry: a repository's own file of the same name wins over it."""
    from musa_pipeline.cli.render.catalog import place_of
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.workspace.catalogs import catalog_files

    place = place_of(catalogs, entry)
    return f"# {place}\n{catalog_files(Problems())[place].rstrip()}"


@catalog.command()
@click.option("--as-of", metavar="DAY", callback=day, help="Judge ages as of this day; else today.")
@click.option("--strict", is_flag=True, help="Warnings count too (exit code 1), and so do metrics that nobody measures or links.")
@click.pass_obj
def check(outlet: Outlet, as_of: date | None, *, strict: bool) -> int:
    """Check every entry: structure by JSON Schema, ids, ranges, sources, contradictions, and how old each catalog is.

    Metrics that nobody measures, or that show no control, are named. Exit code 2 if there are errors.
    """
    from musa_pipeline.cli.render.metrics import summary
    from musa_pipeline.cli.render.problems import render_problems
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.formats.catalogs import check_ages, check_catalogs, coverage_of, report_coverage
    from musa_pipeline.workspace.catalogs import catalog_files, review_files, schema_files

    problems = Problems()
    files = catalog_files(problems)
    found = check_catalogs(files, schema_files(), problems)
    today = moment(as_of).date()
    check_ages(found, files, review_files(problems), today, problems)
    if problems.errors:
        raise FilesWrong(problems)
    coverage = coverage_of(found)
    if strict or outlet.verbose:
        report_coverage(coverage, problems)
    if len(problems):
        outlet.err(render_problems(problems, everything=outlet.verbose))
    outlet.out(f"{len(files)} files, every entry has its source, nothing contradicts, nothing is too old")
    outlet.out(summary(coverage))
    return 1 if strict and len(problems) else 0


@catalog.command()
@click.argument("before")
@click.argument("after", required=False)
@click.option("--all", "everything", is_flag=True, help="List the changes that concern nothing here, too.")
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How changes are printed.")
@click.pass_obj
def diff(outlet: Outlet, before: str, after: str | None, *, everything: bool, format_: str) -> int:
    """Say what another version of the control catalog changes, and for which components, SLAs and entries of this repository.

    BEFORE and AFTER are official OSCAL catalogs, files of catalogs/controls, or ids as nist-800-53-r4; one alone is compared
    with the catalog in force, as what would take its place.

    Exit code 1 if a component or an SLA here names a control that changes, else 0.
    """
    from musa_pipeline.cli.render.catalog_diff import difference as shown
    from musa_pipeline.cli.render.catalog_diff import difference_json
    from musa_pipeline.cli.render.problems import render_problems
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.stages.catalog_diff import difference
    from musa_pipeline.workspace.places import repository

    problems = Problems()
    found = difference(before, after, _catalogs(), repository(), problems)
    if len(problems):
        outlet.err(render_problems(problems, everything=outlet.verbose))
    outlet.out(difference_json(found) if format_ == "json" else shown(found, everything=everything))
    return 1 if any(each.components or each.documents for each in found.touched) else 0


def _catalogs() -> "Catalogs":
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.formats.catalogs import read_catalogs
    from musa_pipeline.workspace.catalogs import catalog_files

    problems = Problems()
    found = read_catalogs(catalog_files(problems), problems)
    if problems.errors:
        raise FilesWrong(problems)
    return found


@catalog.group("import")
def import_() -> None:
    """Make catalog entries from official files; running it again over the same files changes nothing.

    Results go to the catalogs/ folder of the repository that you are in.
    """


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@import_.command()
@_file
@click.option("--revision", type=click.Choice(["4", "5"]), help="Revision of SP 800-53; the catalog's own title tells it.")
@click.option(
    "--baseline", "baselines", multiple=True, metavar="NAME=FILE", help="An OSCAL profile: low, moderate, high or privacy."
)
@click.option("--date", default="", help="The day the document is of.")
@click.option("--name", default="", help="What a profile is called in the catalogs; else its title.")
@click.pass_obj
def oscal(outlet: Outlet, file: Path, revision: str | None, baselines: tuple[str, ...], date: str, name: str) -> int:
    """An official OSCAL file (JSON): the catalog of NIST SP 800-53, or a profile of it.

    Of a catalog, the facts go to the repository, and its prose to your cache, from where `musa catalog show` and `musa explain`
    read it. Of a profile, the controls it selects go to the crosswalks.
    """
    from musa_pipeline.formats.oscal import read_document

    data = _bytes(file)
    document = read_document(file.name, data)
    if document.profile:
        if baselines:
            raise UsageWrong(f"{file} is a profile", "--baseline goes with a catalog")
        return _profile(outlet, data, name, date)
    profiles: dict[str, str] = {}
    for each in baselines:
        which, _, path = each.partition("=")
        if which not in ("low", "moderate", "high", "privacy") or not path:
            raise UsageWrong(f"--baseline {each!r} is not NAME=FILE", "names are low, moderate, high and privacy")
        profiles[which] = _read(Path(path))
    return _control_catalog(outlet, data, revision, profiles, date)


def _control_catalog(outlet: Outlet, data: bytes, revision: str | None, profiles: dict[str, str], date: str) -> int:
    from musa_pipeline.domain.source import Source
    from musa_pipeline.formats.oscal import import_controls, read_wording, revision_of
    from musa_pipeline.workspace.files import digest
    from musa_pipeline.workspace.wording import keep_wording

    revision = revision or revision_of(data)
    found = _catalogs()
    known = next((each for each in (found.controls, *found.older) if each.revision == revision), None)
    sha256 = digest(data)
    worded = read_wording(data)
    if worded:
        keep_wording(sha256, worded)
        outlet.out(f"the words of {len(worded)} controls are in your cache, for musa catalog show and musa explain")
    if known and known.sha256.get("catalog") == sha256 and not profiles:
        outlet.out(f"its facts are those of {known.id} in the catalogs; nothing else changed")
        return 0
    source = Source(document=f"NIST SP 800-53 rev {revision} in OSCAL", version="", link=_OFFICIAL.get(revision, ""), date=date)
    return _write(
        outlet,
        lambda: {f"catalogs/controls/nist-800-53-r{revision}.json": import_controls(data, profiles, revision, source, known)},
    )


def _profile(outlet: Outlet, data: bytes, name: str, date: str) -> int:
    from musa_pipeline.domain.ids import slug
    from musa_pipeline.formats.catalogs.crosswalk_imports import import_baseline
    from musa_pipeline.formats.oscal import read_profile

    found = read_profile(data, _catalogs().control)
    if found.unknown:
        outlet.err(f"{len(found.unknown)} ids are no controls in force and are left out: {', '.join(found.unknown[:12])}")
    title, day = found.title, date or found.date
    framework = slug(name or title)
    if not day:
        raise UsageWrong("the profile does not say of which day it is", "give --date YYYY-MM-DD")
    return _write(
        outlet,
        lambda: {f"catalogs/crosswalks/{framework}.yaml": import_baseline(framework, title, found.version, day, found.controls)},
    )


_OFFICIAL = {
    "4": "https://csrc.nist.gov/pubs/sp/800/53/r4/upd3/final",
    "5": "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
}


@import_.command("musa-sla-generator")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def musa_sla_generator(outlet: Outlet, folder: Path) -> int:
    """Threats, control links, minimum risks and metrics of the MUSA SLA Generator (five TSV tables); our own keys are kept."""
    from musa_pipeline.formats.musa2016 import import_musa

    names = ("threats.tsv", "threat_controls.tsv", "controls_minrisk.tsv", "metrics.tsv", "stride_controls.tsv")
    tables = {name: _read(folder / name) for name in names}
    found = _catalogs()
    if not found.older:
        raise UsageWrong(
            "revision 4 of SP 800-53 is not in the catalogs, and the tables speak its ids",
            "import it first: musa catalog import oscal",
        )

    def make() -> dict[str, str]:
        from musa_pipeline.domain.problems import Problems
        from musa_pipeline.workspace.catalogs import catalog_files

        return import_musa(tables, catalog_files(Problems()), found.controls, found.older[0])

    return _write(outlet, make)


@import_.command()
@click.argument("framework", type=click.Choice(["attack", "ccm-4", "csf-2.0", "iso-27001-2022"]))
@_file
@click.pass_obj
def crosswalk(outlet: Outlet, framework: str, file: Path) -> int:
    """A published map of another framework to SP 800-53, ids only.

    attack: JSON of the Center for Threat-Informed Defense; ccm-4: Prowler's facts (JSON); csf-2.0: NIST's concept crosswalk (CSV);
    iso-27001-2022: NIST's OLIR pairs (JSON).
    """
    from musa_pipeline.formats.catalogs.crosswalk_imports import IMPORTS

    return _write(outlet, lambda: {f"catalogs/crosswalks/{framework}.yaml": IMPORTS[framework](_read(file))})


@import_.command()
@_file
@click.pass_obj
def fedramp(outlet: Outlet, file: Path) -> int:
    """The FedRAMP rev 5 baselines, LI-SaaS among them, from facts (JSON: level -> version, controls)."""
    from musa_pipeline.formats.catalogs.crosswalk_imports import import_fedramp

    text = _read(file)
    levels = ("LOW", "MODERATE", "HIGH", "LI-SaaS")
    return _write(
        outlet, lambda: {f"catalogs/crosswalks/fedramp-{each.lower()}.yaml": import_fedramp(text, each) for each in levels}
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageWrong(f"{path} cannot be read: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageWrong(f"{path} cannot be read: {error.strerror}") from error


def _write(outlet: Outlet, make: Callable[[], dict[str, str]]) -> int:
    from musa_pipeline.workspace.files import write_all
    from musa_pipeline.workspace.places import repository

    try:
        files = make()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UsageWrong(f"this is not the file that this import expects: {error}", "see docs/formats/catalogs.md") from error
    root = repository()
    if not root.is_dir():
        raise OutsideFailed(f"{root} is not there")
    changed = write_all(root, {name: text.encode() for name, text in files.items()})
    outlet.out(f"{len(files)} entries read, {len(changed)} files changed" + "".join(f"\n  {name}" for name in changed[:20]))
    return 0
