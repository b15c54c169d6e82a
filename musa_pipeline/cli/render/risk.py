"""Risks as tables: worst first, what they are exposed by, the controls that answer most, what is open."""

from collections import Counter
from collections.abc import Sequence, Sized

import click

from musa_pipeline.cli.render.exposure import exposure_rows
from musa_pipeline.cli.render.questions import closing
from musa_pipeline.cli.render.stages import organisation
from musa_pipeline.cli.render.table import MOST, table
from musa_pipeline.cli.render.words import rating
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.risk import Rating, RiskProfile
from musa_pipeline.risk.rank import Ranked, ranked
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

LINES = 12
"""Of lists that only support what stands above, so many lines are shown."""
LOCATION = ControlId("SA-9(5)")
"""Processing, Storage, and Service Location: the control by which a risk asks where data are."""


def risk(work: Work) -> str:
    """Risks worst first, what exposes whom, required controls, where data must stay, open questions."""
    profile = values.profile(work)
    rows = [
        [
            rating(each.rating),
            each.component,
            work.catalogs.threat[each.threat].title,
            f"{each.likelihood:.1f}",
            f"{each.impact:.1f}",
            str(each.stride),
        ]
        for each in profile.risks[:MOST]
    ]
    parts = [
        f"{_title(f'{profile.application} · risks')} · {_counted(profile)}",
        table(rows, ["rating", "component", "threat", "likelihood", "impact", "class"]),
        *_more(work, profile.risks, MOST, f"--by component, or musa risk {called(work.place)} --format json"),
        *_measured(work),
        *_exposures(work, profile),
        *_controls(work, profile),
        *_places(work, profile),
        *organisation(work, profile.organisation),
        *closing(work, profile),
        *_further(work, profile),
    ]
    return "\n".join(parts)


def _counted(profile: RiskProfile) -> str:
    """Return `16 critical, 3 low`."""
    found = Counter(each.rating for each in profile.risks)
    return ", ".join(f"{found[each]} {rating(each)}" for each in reversed(Rating) if each in found) or "none"


def _further(work: Work, profile: RiskProfile) -> list[str]:
    """How to ask why the worst one is rated as it is, and what is left."""
    if not profile.risks:
        return []
    called_so, worst = called(work.place), profile.risks[0]
    return [
        f"  musa explain {called_so} {worst.component} {worst.threat} tells where the first number comes from",
        f"  musa risk {called_so} --residual tells what the granted controls leave",
    ]


def _title(text: str) -> str:
    return click.style(text, bold=True)


def _measured(work: Work) -> list[str]:
    from musa_pipeline.cli.render.measured import in_short

    said = in_short(work)
    return ["", said] if said else []


def _exposures(work: Work, profile: RiskProfile) -> list[str]:
    rows = exposure_rows(profile.exposures)
    return ["", _title("what the graph exposes"), table(rows[: 2 * LINES]), *_more(work, rows, 2 * LINES)] if rows else []


def _controls(work: Work, profile: RiskProfile) -> list[str]:
    """The controls of the whole by what they answer, then the names for each component in the same order."""
    found = ranked(profile, values.cpim(work), work.catalogs)
    whole = found.pop(None, ())
    if not whole:
        return []
    rows = [_control(work, number, each) for number, each in enumerate(whole[: 2 * LINES], 1)]
    return [
        "",
        _title(f"{len(whole)} controls required, those that answer most first (! asked for by the model, § by policy)"),
        table(rows, ["", "control", "", "points", "worst", "where", "answers"]),
        *([f"  … and {rest} more, named below"] if (rest := len(whole) - 2 * LINES) > 0 else []),
        "",
        _title("of each component, those that answer most first"),
        table([[str(name), _names(found[name])] for name in sorted(found, key=str)[:MOST]]),
        *_more(work, found, MOST),
    ]


def _control(work: Work, number: int, each: Ranked) -> list[str]:
    where = ", ".join(each.components[:2]) + (f" (+{len(each.components) - 2} more)" if len(each.components) > 2 else "")
    answers = ", ".join(each.threats[:3]) + (f" (+{len(each.threats) - 3} more)" if len(each.threats) > 3 else "")
    title = work.catalogs.control[each.control].title
    return [str(number), _marked(each), title, f"{each.worth:.1f}", str(each.score), where, answers]


def _names(controls: Sequence[Ranked]) -> str:
    return ", ".join(map(_marked, controls))


def _marked(each: Ranked) -> str:
    return f"{each.control}{'!' if each.wanted else ''}{'§' if each.policy else ''}"


def _places(work: Work, profile: RiskProfile) -> list[str]:
    """Where data must stay: what the model says, and what the risks ask where it says nothing."""
    asked: set[ComponentId] = {name for each in profile.organisation if each.control == LOCATION for name in each.components}
    asked |= {each.component for each in profile.required if each.control == LOCATION}
    rows = []
    for each in values.cpim(work).components:
        if each.data and (each.countries or each.id in asked):
            where = f"only in {', '.join(sorted(each.countries))}" if each.countries else "the model names no place"
            held = ", ".join(f"{one.name} ({one.classification})" for one in each.data)
            rows.append([each.id, where, held, f"{LOCATION} called for by its risks" if each.id in asked else ""])
    return ["", _title("where data must stay"), table(rows)] if rows else []


def _more(work: Work, rows: Sized, shown: int, by: str = "--format json") -> list[str]:
    rest = len(rows) - shown
    return [f"  … and {rest} more: musa risk {called(work.place)} {by}"] if rest > 0 else []
