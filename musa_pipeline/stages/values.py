"""The values between stages: each from this run, else from the file its stage wrote."""

from typing import TYPE_CHECKING

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.decision import Decisions
from musa_pipeline.domain.evidence import NOTHING_MEASURED, Dossier
from musa_pipeline.domain.macm import Macm
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.selection import Selection
from musa_pipeline.stages.work import Work

if TYPE_CHECKING:
    from musa_pipeline.risk.assess import Evidence


def cpim(work: Work) -> Cpim:
    """The model."""
    return work.get("cpim", Cpim, f"{work.place.sla}/cpim.json")


def _beside(work: Work, name: str) -> tuple[str | None, str]:
    """Return the text of a file that people keep beside the model, None if there is none; and how it is called in findings."""
    path = work.place.folder / name
    return work.inputs.text(path, optional=True), work.place.shown(path)


def answers(work: Work) -> Answers:
    """What `answers.yaml` beside the model says; read again in every run, for it is small and what it says has places."""
    return work.once("answers", lambda: _answers(work))


def _answers(work: Work) -> Answers:
    text, shown = _beside(work, "answers.yaml")
    if text is None:
        return Answers()
    from musa_pipeline.formats.answers import read_answers
    from musa_pipeline.stages.others import whose

    return read_answers(
        text,
        shown,
        cpim=cpim(work),
        catalogs=work.catalogs,
        problems=work.problems,
        whose=lambda names: whose(work, names),
    )


def decisions(work: Work) -> Decisions:
    """What `decisions.yaml` beside the model says; read again in every run, as the answers are."""
    return work.once("decisions", lambda: _decisions(work))


def _decisions(work: Work) -> Decisions:
    text, shown = _beside(work, "decisions.yaml")
    if text is None:
        return Decisions()
    from datetime import timedelta

    from musa_pipeline.formats.decisions import read_decisions

    return read_decisions(
        text,
        shown,
        cpim=cpim(work),
        catalogs=work.catalogs,
        problems=work.problems,
        at_most=timedelta(days=work.settings.check.longest),
    )


def dossier(work: Work) -> Dossier:
    """What `measured.yaml` beside the model holds; read again in every run, as the answers are."""
    return work.once("dossier", lambda: _dossier(work))


def _dossier(work: Work) -> Dossier:
    text, shown = _beside(work, "measured.yaml")
    if text is None:
        return NOTHING_MEASURED
    from musa_pipeline.formats.measured import read_measured

    return read_measured(text, shown, cpim=cpim(work), catalogs=work.catalogs, problems=work.problems)


def evidence(work: Work) -> "Evidence":
    """The moves that `measured.yaml` makes, as of the day that it names."""
    found = dossier(work)
    if not found.evidence:
        return {}
    from musa_pipeline.risk.evidence import moves

    return moves(found, work.catalogs, work.settings.risk.half_life)


def profile(work: Work) -> RiskProfile:
    """The risks."""
    return work.get("risk", RiskProfile, f"{work.place.sla}/risk.json")


def slats(work: Work) -> tuple[Slat, ...]:
    """The templates; cheaper made again than read back."""
    from musa_pipeline.composition import require

    return work.once("slats", lambda: require(cpim(work), profile(work), answers(work), work.catalogs))


def selection(work: Work) -> Selection:
    """The choice of providers."""
    return work.get("selection", Selection, f"{work.place.sla}/selection.json")


def macm(work: Work) -> Macm:
    """The composition graph."""
    return work.get("macm", Macm, f"{work.place.sla}/macm.json")


def composition(work: Work) -> Composition:
    """What is promised and what is missing."""
    return work.get("composition", Composition, f"{work.place.sla}/gaps.json")


def residual(work: Work) -> ResidualProfile:
    """What the granted controls leave of the risks."""
    return work.get("residual", ResidualProfile, f"{work.place.sla}/residual.json")


def plan(work: Work) -> Plan:
    """The implementation plan."""
    return work.get("plan", Plan, f"{work.place.playbook}/plan.json")


def slas(work: Work) -> tuple[Sla, ...]:
    """The SLAs of the components; cheaper made again than read back."""
    from musa_pipeline.composition import agree

    return work.once(
        "slas",
        lambda: agree(cpim(work), profile(work), slats(work), selection(work), macm(work), composition(work), work.catalogs)[0],
    )


def held_against_sources(work: Work, folder: str) -> str:
    """Return the day on which a catalog was last held against its sources, as its own `reviewed.yaml` says; '' if it does not."""
    from musa_pipeline.formats.catalogs.ages import read_reviews
    from musa_pipeline.workspace.catalogs import review_files

    problems = Problems()  # what is wrong with that file is told by `musa catalog check`
    found = work.once("reviews", lambda: read_reviews(review_files(problems, work.place.root), problems))
    return str(found[folder].day) if folder in found else ""
