"""What a change does, as a comment on a merge request: the sum first, tables that unfold, and never more than a comment may have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from musa_pipeline.cli.render.diff import TITLES, facts, headline, numbers, presence, tally, turned, what, where
from musa_pipeline.domain.comparison import Change, Effect, Topic, Turn
from musa_pipeline.stages.diff import WORK_TREE, Compared, Comparison
from musa_pipeline.stages.diff_side import Unread
from musa_pipeline.stages.words import count
from musa_pipeline.text.markup import code, head, plain, row

MOST_OCTETS: Final = 60_000
"""Of a comment: GitHub takes 65,536 characters, GitLab a million."""
_KEPT: Final = 400
"""Octets kept for the last lines."""
_LONG: Final = 240
"""Characters of one reason."""
_FINDINGS: Final = 10
MARK: Final = "<!-- musa diff -->"
"""By which a job finds the comment that it wrote before."""


@dataclass(slots=True)
class _Part:
    """A table that unfolds: what stands before its rows, the rows, what stands after them; `weight` says who is cut last."""

    weight: int
    before: list[str]
    rows: list[str]
    after: list[str]
    kept: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the part as far as it fits."""
        return [*self.before, *self.kept, *self.after] if self.kept or not self.rows else []


def markdown(found: Comparison) -> str:
    """Return the comment; the same comparison gives the same bytes."""
    opening = list(_opening(found))
    parts = [_table_of_models(found), *(part for each in found.models for part in _parts(each))]
    cut = _fit(parts, MOST_OCTETS - _KEPT - _octets(opening))
    lines = [*opening, *(line for part in parts for line in part.lines())]
    if cut:
        lines += ["", f"*{count(cut, 'row')} did not fit into this comment; `musa -v diff` with the same revisions tells all.*"]
    return "\n".join([*lines, "", MARK]) + "\n"


def _fit(parts: list[_Part], left: int) -> int:
    """Fill the parts, the weightiest first, as far as there is room; return how many rows had none."""
    cut = 0
    for part in sorted(parts, key=lambda each: each.weight):
        left -= _octets([*part.before, *part.after])
        for number, each in enumerate(part.rows):
            if (size := _octets([each])) > left:
                cut += len(part.rows) - number
                break
            part.kept.append(each)
            left -= size
        if not part.kept:
            left += _octets([*part.before, *part.after])
    return cut


def _octets(lines: list[str]) -> int:
    return sum(len(each.encode("utf-8", "backslashreplace")) + 1 for each in lines)


def _opening(found: Comparison) -> Iterator[str]:
    changes = [change for each in found.models for change in each.changes]
    unread = sum(isinstance(each.after, Unread) for each in found.models)
    said = [f"{count(unread, 'model')} cannot be derived"] if unread else []
    differing = [each for each in found.models if each.differs]
    said += [headline(changes)] if changes or not unread else []
    if not changes and differing and not unread:
        said = [f"{count(len(differing), 'model')} changed"]
    worse = unread or any(each.effect is Effect.WORSE for each in changes)
    yield f"### {'✗' if worse else '✓'} Security: {', '.join(said)}"
    yield ""
    sides = (
        (code(name) if name != WORK_TREE else name) + (f" ({commit[:10]})" if commit else "")
        for name, commit in zip((found.before, found.after), found.commits, strict=True)
    )
    yield f"From {' to '.join(sides)}; {len(differing)} of {count(len(found.models), 'model')} changed."


def _table_of_models(found: Comparison) -> _Part:
    columns = ("Model", "Controls promised", "Risks above the bar", "Worst risk", "EUR a month")
    rows = [row(code(each.application), *_standing(each)) for each in found.models if each.differs or _unread(each)]
    return _Part(weight=-1, before=["", *head(*columns)] if rows else [], rows=rows, after=[])


def _standing(each: Compared) -> list[str]:
    if _unread(each):
        return ["cannot be derived", "", "", ""]
    promised, over, worst, price = numbers(each.before, each.after)
    cells = [
        promised.removesuffix(" required controls promised"),
        over.removesuffix(" risks above the bar"),
        worst.removeprefix("worst risk "),
        price.removesuffix(" EUR/month"),
    ]
    if said := presence(each):
        cells[0] += f" ({said})"
    return list(map(plain, cells))


def _unread(each: Compared) -> bool:
    return isinstance(each.before, Unread) or isinstance(each.after, Unread)


def _parts(each: Compared) -> Iterator[_Part]:
    for side, name in ((each.before, "before"), (each.after, "now")):
        if isinstance(side, Unread):
            yield _findings(each, side, name)
    for topic, some in groupby(each.changes, key=lambda change: change.topic):
        yield _topic(each, topic, list(some))


def _findings(each: Compared, side: Unread, name: str) -> _Part:
    title = f"{code(each.application)} cannot be derived as it {'is now' if name == 'now' else 'was before'}"
    rows = [
        row(code(str(problem.at)), plain(problem.code), plain(_short(problem.text)), plain(_short(problem.help)))
        for problem in side.problems[:_FINDINGS]
    ]
    if len(side.problems) > _FINDINGS:
        rows.append(row("", "", f"{len(side.problems) - _FINDINGS} more", ""))
    return _Part(
        weight=-1, before=["", f"**{title}**", "", *head("Where", "Code", "What is wrong", "Way out")], rows=rows, after=[]
    )


def _topic(model: Compared, topic: Topic, found: list[Change]) -> _Part:
    broken = any(each.turn is Turn.BROKEN for each in found)
    title = f"<b>{model.application}</b>: {TITLES[topic]}, {tally(found)}"
    before = [
        "",
        f"<details{' open' if broken else ''}><summary>{title}</summary>",
        "",
        *head("", "Where", "What", "Change", "Why"),
    ]
    return _Part(weight=list(Topic).index(topic), before=before, rows=list(map(_row, found)), after=["", "</details>"])


def _row(each: Change) -> str:
    why = "; ".join(each.because)
    cells = (where(each), what(each), "; ".join(facts(each, most=4)), why)
    return row(turned(each), *(plain(_short(cell)) for cell in cells))


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
