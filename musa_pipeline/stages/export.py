"""Beside the road: a promise in the languages of other tools, from an application of this repository or from an SLA document."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from musa_pipeline.domain.agreement import Member, Sla, Slat
from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.wsag import read_agreement
from musa_pipeline.stages.words import count
from musa_pipeline.workspace.files import digest, inside, read_bytes

if TYPE_CHECKING:
    from musa_pipeline.domain.catalog import Catalogs
    from musa_pipeline.stages.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: the module that writes it, the usual ending of its files, and what people use it for.

    `model`: an SLA document alone does not say enough; the application's model is needed. `status`: it has room for what is measured.
    """

    module: str
    ending: str
    sentence: str
    model: bool = False
    status: bool = False


LANGUAGES: Final[dict[str, Language]] = {
    "html": Language(module="html", ending="html", sentence="a report for people: one page that needs nothing else"),
    "markdown": Language(module="markdown", ending="md", sentence="the same report as Markdown, for a merge request or a wiki"),
    "openslo": Language(
        module="openslo",
        ending="yaml",
        sentence="OpenSLO v1: services, indicators, objectives and alerts; what it has no words for in annotations",
    ),
    "grafana": Language(
        module="grafana",
        ending="json",
        sentence="a dashboard of Grafana: states over time, and a panel for every service level",
    ),
    "macm": Language(
        module="macm",
        ending="macm",
        sentence="the composition model as Cypher text: components, machines, providers, agents, SLAs; read again by musa run",
        model=True,
    ),
    "macm-plain": Language(
        module="macm_plain",
        ending="macm",
        sentence="the same in the words of the published schema alone, without our extension",
        model=True,
    ),
    "prometheus": Language(
        module="prometheus",
        ending="yaml",
        sentence="recording rules and alerts for every service level, over what `musa assure` publishes",
    ),
    "oscal-profile": Language(
        module="oscal_profile",
        ending="json",
        model=True,
        sentence="OSCAL 1.1.3 profile: the controls that the application must have",
    ),
    "oscal-component-definition": Language(
        module="oscal_component_definition",
        ending="json",
        model=True,
        sentence="OSCAL component definition: what components, agents and services implement; the whole as a capability",
    ),
    "oscal-ssp": Language(
        module="oscal_ssp",
        ending="json",
        model=True,
        sentence="OSCAL system security plan: how each control is met, what is inherited from providers, whose duty the rest is",
    ),
    "oscal-ap": Language(
        module="oscal_ap",
        ending="json",
        model=True,
        sentence="OSCAL assessment plan: which controls composition judges, and by what",
    ),
    "oscal-ar": Language(
        module="oscal_ar",
        ending="json",
        model=True,
        status=True,
        sentence="OSCAL assessment results: what is promised, what is not, and why",
    ),
    "oscal-poam": Language(
        module="oscal_poam",
        ending="json",
        model=True,
        sentence="OSCAL plan of action and milestones: gaps, risks above the bar, what mends them, who answers for them",
    ),
}
"""By the name that follows `--to`; a module is imported when its language is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A document, and what it could not carry: one sentence each, told to who asked."""

    data: bytes
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is exported: the promise of the whole and those of its members, in terms of some catalogs.

    `work` is the run on the application; None for a document that nobody knows the model of. The document may be of one
    component: then `whole` is its SLA, and there are no members. `now` is the moment of which documents speak that bear a date;
    `status` a file that `musa status` printed, for what the running platform saw.
    """

    whole: Sla
    parts: tuple[Sla, ...]
    catalogs: "Catalogs"
    work: "Work | None" = None
    now: datetime = datetime.min
    status: str = ""

    @property
    def label(self) -> str:
        """The name under which the platform publishes how the promises stand."""
        return self.work.place.application if self.work else slug(self.whole.application)

    @property
    def controls_left(self) -> tuple[str, ...]:
        """What a language of figures has no words for."""
        promised = len({each.control for sla in (self.whole, *self.parts) for each in sla.terms})
        return (
            (f"{count(promised, 'control')} that {'are' if promised > 1 else 'is'} promised without a figure",)
            if promised
            else ()
        )


def export(subject: Subject, language: str) -> Exported:
    """Return the subject in a language.

    Raises UsageWrong if the language needs the model, and there is none, or has no place for a status that is given.
    """
    known = LANGUAGES[language]
    if known.model and subject.work is None:
        raise UsageWrong(f"{language} needs more than an SLA document says", "name the application or its model, not its SLA")
    if subject.status and not known.status:
        able = ", ".join(name for name, each in LANGUAGES.items() if each.status)
        raise UsageWrong(f"{language} has no place for what is measured", f"leave --status out; it is for {able}")
    write: Callable[[Subject], Exported] = import_module(f"musa_pipeline.stages.exports.{known.module}").write
    return write(subject)


def of_application(work: "Work", now: datetime) -> Subject:
    """Return what a run that composed has to export: the documents as they lie in the repository."""
    from musa_pipeline.stages.agreed import agreed

    whole, parts = agreed(work)
    return Subject(whole=whole, parts=parts, catalogs=work.catalogs, work=work, now=now)


def of_document(path: Path, shown: str, problems: Problems) -> Subject:
    """Return what an SLA document has to export, with the members that lie beside it; what was mended or is not there is reported.

    Raises FilesWrong if it cannot be used, or a member is not the document that was composed (A009, X018).
    """
    whole = _read(path, shown, problems)
    parts = [_member(path, shown, each, problems) for each in whole.members]
    catalogs = _catalogs(path, problems)
    _stop_if_wrong(problems)
    return Subject(whole=whole, parts=tuple(each for each in parts if each), catalogs=catalogs)


def _read(path: Path, shown: str, problems: Problems, named: str = "") -> Sla:
    data = read_bytes(path, shown, problems)
    found = None if data is None else read_agreement(data, shown, problems)
    if data is not None and named and digest(data) != named.lower():
        text = "this is not the document that the composed SLA was made of: its SHA-256 differs"
        problems.report("A009", Span(shown), text, help="bring back the member's document, or compose anew")
    _stop_if_wrong(problems)
    if isinstance(found, Slat):
        raise UsageWrong(f"{shown} is a template: it asks, and promises nothing", "export the SLA that answers it")
    assert found is not None  # noqa: S101  else it was reported
    return found


def _member(path: Path, shown: str, member: Member, problems: Problems) -> Sla | None:
    beside = path.parent / PurePosixPath(member.document)
    if not inside(beside, path.parent):
        text = f"the member {member.component!r} is said to be at {member.document!r}, outside of the document's own folder"
        problems.report("X018", Span(shown), text, help="members stand beside or below the document that names them")
        return None
    if not beside.exists():
        text = f"the member {member.component!r} is not there, and is left out: {member.document!r}"
        problems.warn("X018", Span(shown), text, help="bring its document to have what it promises by itself")
        return None
    return _read(beside, member.document, problems, member.digest)


def _catalogs(path: Path, problems: Problems) -> "Catalogs":
    from musa_pipeline.formats.catalogs import read_catalogs
    from musa_pipeline.workspace.catalogs import catalog_files
    from musa_pipeline.workspace.places import repository

    return read_catalogs(catalog_files(problems, repository(path.absolute().parent)), problems)


def _stop_if_wrong(problems: Problems) -> None:
    if problems.errors:
        raise FilesWrong(problems)
