"""Beside the road: the gate. Every model is derived anew in memory, judged, and compared with what is committed; nothing is written."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from musa_pipeline.domain.errors import FilesWrong, MusaError, OutsideFailed, UsageWrong
from musa_pipeline.domain.gate import Finding, Measure, Rule, judge
from musa_pipeline.domain.problems import Problem, Problems, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.stages import values
from musa_pipeline.stages.agreement_findings import agreement_findings
from musa_pipeline.stages.applications import applications, no_model
from musa_pipeline.stages.check_models import placed
from musa_pipeline.stages.gate import Gate
from musa_pipeline.stages.pipeline import derive
from musa_pipeline.stages.stale import stale_findings
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.baseline import load_baseline
from musa_pipeline.workspace.given import NOTHING, Given
from musa_pipeline.workspace.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is checked: by whose conditions and against which baseline (None: as musa.yaml says), and at which moment.

    `forgive`: everything that a baseline may hold counts as known, for one is being written.
    """

    now: datetime
    rules: tuple[Rule, ...] | None = None
    baseline: frozenset[str] | None = None
    forgive: bool = False
    given: Given = NOTHING
    out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One model: its findings with errors first, each placed as one opens it from here. `broken`: nothing could be derived; `outside`: because the
    world did not do its part.

    `known`: findings left out because the baseline has them; `mended`: entries of the baseline that are found no more; `keys`: what a
    new baseline says of it; `waived`: gaps that somebody answers for.
    """

    application: str
    file: str
    findings: tuple[Finding, ...]
    broken: bool = False
    outside: bool = False
    language: str = ""
    components: int | None = None
    required: int = 0
    promised: int = 0
    waived: int = 0
    known: int = 0
    mended: int = 0
    keys: frozenset[str] = frozenset()

    @property
    def errors(self) -> int:
        """How many of its findings fail the check."""
        return sum(each.problem.severity is Severity.ERROR for each in self.findings)


def check(named: Iterable[str], asked: Asked) -> Iterator[Judged]:
    """Judge each model by itself; one that cannot be read is judged so, and the next follows.

    Raises UsageWrong for a baseline that is none, and for the condition `new` without one.
    """
    first: dict[Path, Work] = {}
    seen: dict[tuple[Path, str], Path] = {}
    for each in applications(named, asked.out):
        if isinstance(each, Problem):
            yield _unreadable("", each.at.file, [each])
            continue
        one = seen.setdefault((each.out, each.application), each.model)
        if one is not each.model:
            if one != each.model:
                yield _unreadable(each.application, os.path.relpath(each.model), [_called_alike(each, one)])
            continue
        try:
            work = Work(each, asked.given)
        except UsageWrong as wrong:
            yield _unreadable(each.application, each.shown(each.model), [no_model(os.path.relpath(each.model), wrong)])
            continue
        if each.root in first:
            work.take_catalogs_of(first[each.root])
        yield _judged(work, asked)
        if "catalogs" in vars(work):  # else what is wrong with them was not told yet
            first.setdefault(each.root, work)


def _judged(work: Work, asked: Asked) -> Judged:
    file = os.path.relpath(work.place.model)
    made: dict[str, bytes] = {}
    try:
        for files in derive(work):
            made |= files
    except FilesWrong as wrong:
        work.problems.extend(wrong.problems)
    except OutsideFailed as failed:
        return replace(_unreadable(work.place.application, file, [_failed(work, failed)]), outside=True)
    except MusaError as wrong:  # what stops a reader altogether is a finding here, for the next model goes on
        work.problems.report("M003", work.model_at, str(wrong), help=getattr(wrong, "way_out", ""))
    if work.problems.errors:
        return _unreadable(work.place.application, file, placed(work.problems, work.place))
    return _gated(work, asked, made, file)


def _gated(work: Work, asked: Asked, made: dict[str, bytes], file: str) -> Judged:
    rules = work.settings.check.fail_on if asked.rules is None else asked.rules
    gate = Gate(work, asked.now.date())
    found = [*gate.findings(rules), *stale_findings(work, made), *_unverified(work, asked.now, made)]
    found += [*agreement_findings(work, asked.now.date(), made), *_of_readers(work)]
    keys = frozenset(each.key for each in found if each.may_be_known)
    known = keys if asked.forgive else _known(work, asked, rules)
    application = work.place.application
    verdict = judge(found, rules, known=known, at=work.model_at, application=application, coverage=gate.coverage)
    cpim = values.cpim(work)
    return Judged(
        application=application,
        file=file,
        findings=tuple(_here(verdict.findings, work.place)),
        language=cpim.language,
        components=len(cpim.components),
        required=gate.required,
        promised=gate.promised,
        waived=gate.waived,
        known=verdict.known,
        mended=sum(each.startswith(f"{application}: ") for each in known - keys),
        keys=keys,
    )


def _known(work: Work, asked: Asked, rules: Collection[Rule]) -> frozenset[str]:
    name = work.settings.check.baseline
    if asked.baseline is not None:
        return asked.baseline
    if name:
        return load_baseline(work.place.root / name)
    if any(each.measure is Measure.NEW for each in rules):
        raise UsageWrong("the condition 'new' needs a baseline", "give --baseline FILE, or check.baseline in musa.yaml")
    return frozenset()


def _unverified(work: Work, now: datetime, made: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield why committed SLAs do not hold; of the derived one, that it follows from the model is judged with the other documents."""
    from musa_pipeline.stages.verify import unverified

    told = Problems()
    try:
        told.extend(unverified(work, now, made))
    except FilesWrong as wrong:
        told.extend(wrong.problems)
    except (UsageWrong, OutsideFailed) as failed:  # a package or a file that it takes is not here
        told.report("J011", work.model_at, f"whether the SLA holds cannot be judged: {failed.text}", help=failed.way_out)
    derived = f"{work.place.sla}/sla.xml"
    for each in told:
        if each.at.file != derived or each.code not in _FOLLOWS:
            problem = replace(each, severity=Severity.WARNING)
            measures = frozenset({Measure.UNVERIFIED})
            yield Finding(application=work.place.application, problem=problem, about=(each.at.file, each.text), measures=measures)


_FOLLOWS: Final = ("X016", "X018", "A009")


def _of_readers(work: Work) -> Iterator[Finding]:
    """Yield what reading and reasoning told without stopping."""
    for each in work.problems:
        yield Finding(application=work.place.application, problem=each, about=(each.at.file, each.text))


def _here(findings: Iterable[Finding], place: Place) -> Iterator[Finding]:
    """Yield the findings with their files named as one opens them from here, and with their keys."""
    every = list(findings)
    for each, found in zip(every, placed((each.problem for each in every), place), strict=True):
        problem = found
        if Measure.STALE in each.measures and each.problem.at.file.startswith((place.sla, place.playbook)):
            at = each.problem.at  # one that is missing here may be there where the tool is at home
            problem = replace(found, at=Span(os.path.relpath(place.out / at.file), at.line))
        yield replace(each, problem=replace(problem, key=each.key))


def _unreadable(application: str, file: str, problems: Iterable[Problem]) -> Judged:
    found = (Finding(application=application, problem=each, about=(each.at.file, each.text)) for each in problems)
    return Judged(application=application, file=file, findings=tuple(found), broken=True)


def _failed(work: Work, failed: OutsideFailed) -> Problem:
    at = Span(os.path.relpath(work.place.model))
    return Problem(code="J014", at=at, text=failed.text, help=failed.way_out)


def _called_alike(place: Place, other: Path) -> Problem:
    text = f"this model is called {place.application!r}, as {os.path.relpath(other)} is: both would write {place.sla}"
    return Problem(code="J013", at=Span(os.path.relpath(place.model)), text=text, help="give one of their folders another name")
