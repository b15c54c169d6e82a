"""What is left of risks: before and after the granted controls, against the bar, alone or taken together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import click

from musa_pipeline.cli.render.table import MOST, table
from musa_pipeline.cli.render.words import rating
from musa_pipeline.domain.residual import AggregateRisk, ResidualProfile, ResidualRisk, State
from musa_pipeline.domain.risk import Band, Rating, Risk
from musa_pipeline.risk.owasp import band, rate
from musa_pipeline.risk.residual import together
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

_NAME: Final = 30
"""Letters of an owner's name that are shown."""
_STATES: Final = {State.OPEN: "red", State.MITIGATED: "green", State.ACCEPTED: "yellow", State.TRANSFERRED: "yellow"}


def residual(work: Work) -> str:
    """Each risk before and under the granted controls, those over their bar first."""
    profile, found = values.profile(work), values.residual(work)
    before = {each.id: each for each in profile.risks}
    worst = sorted(found.risks, key=lambda each: not each.over)
    rows = [_row(work, each, before[each.id]) for each in worst[:MOST]]
    rest = len(worst) - MOST
    name = called(work.place)
    more = [f"  … and {rest} more: musa risk {name} --residual --by component, or --residual --format json"] if rest > 0 else []
    head = ["left", "before", "component", "threat", "likelihood", "impact", "bar", "state", "lowered by"]
    return "\n".join([_title(found), f"  {told(found)}", table(rows, head), *more])


def told(found: ResidualProfile) -> str:
    """Return `4 high, 22 medium · 3 over appetite, 1 of them open`."""
    counts = ", ".join(f"{each.residual} {rating(each.rating)}" for each in found.whole.tallies if each.residual) or "nothing"
    if not found.whole.over:
        return f"{counts} · none over appetite"
    decided = found.whole.over - found.whole.open
    return f"{counts} · {click.style(f'{found.whole.over} over appetite', fg='red')}{f', {decided} of them decided' if decided else ''}"


def _title(found: ResidualProfile) -> str:
    whole = found.whole
    return (
        f"{click.style(f'{found.application} · what is left of the risks', bold=True)} · {_moved(whole.inherent, whole.residual)}"
    )


def _moved(before: Rating, after: Rating) -> str:
    return rating(after) if before is after else f"{rating(before)} → {rating(after)}"


def _row(work: Work, each: ResidualRisk, before: Risk) -> list[str]:
    return [
        rating(each.rating),
        rating(each.inherent),
        each.component,
        work.catalogs.threat[each.threat].title,
        _lowered(before.likelihood, each.likelihood),
        _lowered(before.impact, each.impact),
        str(each.appetite),
        click.style(_state(each), fg=_STATES[each.state]),
        ", ".join(each.lowered_by) or "nothing that is granted",
    ]


def _state(each: ResidualRisk) -> str:
    """Return `open`, or `accepted until 2027-04-30 by Jane Doe`."""
    return f"{each.state} until {each.expires} by {each.owner[:_NAME]}" if each.expires else str(each.state)


def _lowered(before: float, after: float) -> str:
    return f"{after:.1f}" if before == after else f"{before:.1f} → {after:.1f}"


def grouped(work: Work, view: str, *, left: bool) -> str:
    """The risks taken together by component, STRIDE class or threat, or counted in the matrix; before controls, or what is left."""
    profile = values.profile(work)
    if view == "matrix":
        pairs = [(each.impact, each.likelihood) for each in (values.residual(work).risks if left else profile.risks)]
        return f"{_heading(profile.application, 'impact and likelihood', left=left)}\n{_matrix(pairs)}"
    return f"{_heading(profile.application, view, left=left)}\n{_left(work, view) if left else _inherent(work, view)}"


def _heading(application: str, view: str, *, left: bool) -> str:
    return click.style(f"{application} · {'what is left of the risks' if left else 'risks'} by {view}", bold=True)


def _matrix(pairs: Iterable[tuple[float, float]]) -> str:
    count: dict[tuple[Band, Band], int] = defaultdict(int)
    for impact, likelihood in pairs:
        count[band(impact), band(likelihood)] += 1
    rows = [[f"impact {each}", *(_cell(each, other, count[each, other]) for other in Band)] for each in reversed(Band)]
    return table(rows, ["", *(f"likelihood {each}" for each in Band)])


def _cell(impact: Band, likelihood: Band, number: int) -> str:
    middle = {Band.LOW: 1.0, Band.MEDIUM: 4.0, Band.HIGH: 7.0}
    return f"{number} {rating(rate(middle[likelihood], middle[impact]))}"


def _inherent(work: Work, view: str) -> str:
    groups: dict[str, list[Risk]] = defaultdict(list)
    for each in values.profile(work).risks:
        groups[_KEYS[view](work, each)].append(each)
    worst = {name: max((each.rating for each in risks), key=lambda each: each.score) for name, risks in groups.items()}
    order = sorted(groups, key=lambda name: (-worst[name].score, -len(groups[name]), name))
    rows = [[rating(worst[name]), name, *_counts(groups[name])] for name in order]
    return table(rows, ["worst", view, *(str(each) for each in reversed(Rating))])


def _counts(risks: Sequence[Risk]) -> list[str]:
    return [str(sum(one.rating is each for one in risks) or "") for each in reversed(Rating)]


def _left(work: Work, view: str) -> str:
    before = {each.id: each for each in values.profile(work).risks}
    groups: dict[str, list[ResidualRisk]] = defaultdict(list)
    for each in values.residual(work).risks:
        groups[_KEYS[view](work, before[each.id])].append(each)
    found = [(name, together(None, risks)) for name, risks in groups.items()]
    rows = [
        [_moved(each.inherent, each.residual), name, *_tallies(each), str(each.over or ""), str(each.open or "")]
        for name, each in sorted(found, key=_worst)
    ]
    return table(rows, ["worst", view, *(str(each) for each in reversed(Rating)), "over", "open"])


def _worst(each: tuple[str, AggregateRisk]) -> tuple[int, int, int, str]:
    return -each[1].residual.score, -each[1].over, -each[1].inherent.score, each[0]


def _tallies(each: AggregateRisk) -> list[str]:
    return [f"{one.inherent} → {one.residual}" if one.inherent or one.residual else "" for one in each.tallies]


_KEYS: Final[dict[str, Callable[[Work, Risk], str]]] = {
    "component": lambda _work, each: each.component,
    "stride": lambda _work, each: str(each.stride),
    "threat": lambda work, each: work.catalogs.threat[each.threat].title,
}
