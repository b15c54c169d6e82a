"""What a change does, as people read it on a terminal: model by model, topic by topic, what is worse first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import click

from musa_pipeline.cli.render.problems import render_problems
from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.comparison import Change, Effect, Fact, Standing, Topic, Turn, meets
from musa_pipeline.stages.diff import Compared, Comparison
from musa_pipeline.stages.diff_side import Unread
from musa_pipeline.stages.words import count
from musa_pipeline.text.markup import one_line

MOST: Final = 8
"""Changes of one topic that are shown without -v."""
_LONG: Final = 120
TITLES: Final = {
    Topic.PROMISE: "promises",
    Topic.GAP: "what is missing",
    Topic.RISK: "risks",
    Topic.OBJECTIVE: "service levels",
    Topic.COST: "cost",
    Topic.PROVIDER: "providers",
    Topic.AGENT: "agents",
    Topic.DECISION: "decisions",
    Topic.CONTROL: "required controls",
    Topic.MODEL: "the model",
}
MARKS: Final = {Turn.BROKEN: "✗", Turn.NEW: "+", Turn.MOVED: "~", Turn.GONE: "-"}
_COLORS: Final = {Effect.WORSE: "red", Effect.BETTER: "green", Effect.OTHER: "yellow"}
_HEADLINE: Final[tuple[tuple[str, str, Topic, Turn | None, Effect | None], ...]] = (
    ("promise", "broken", Topic.PROMISE, Turn.BROKEN, None),
    ("promise", "gone", Topic.PROMISE, Turn.GONE, None),
    ("gap", "new", Topic.GAP, Turn.NEW, None),
    ("risk", "worse", Topic.RISK, None, Effect.WORSE),
    ("service level", "weaker", Topic.OBJECTIVE, None, Effect.WORSE),
    ("promise", "new", Topic.PROMISE, Turn.NEW, None),
    ("gap", "closed", Topic.GAP, Turn.GONE, None),
    ("risk", "better", Topic.RISK, None, Effect.BETTER),
    ("service level", "stronger", Topic.OBJECTIVE, None, Effect.BETTER),
    ("placement", "changed", Topic.PROVIDER, None, None),
)


def met(found: Comparison, conditions: Sequence[str]) -> dict[str, int]:
    """Return how often each condition is met; a model that only one side has, or could read, is a change too."""
    return {each: sum(_met(model, each) for model in found.models) for each in conditions}


def _met(model: Compared, condition: str) -> int:
    number = sum(meets(change, condition) for change in model.changes)
    return number or int(condition == "any" and model.differs)


def headline(changes: Iterable[Change]) -> str:
    """Return what matters most of some changes, in a few words: `2 promises broken, 1 risk worse`."""
    every = list(changes)
    said = []
    for noun, word, topic, turn, effect in _HEADLINE:
        number = sum(each.topic is topic and turn in (None, each.turn) and effect in (None, each.effect) for each in every)
        said += [f"{count(number, noun)} {word}"] if number else []
    if said or not every:
        return ", ".join(said) or "nothing changes"
    return f"{count(len(every), 'change')}, none of a promise, a risk or a provider"


def comparison(found: Comparison, met: Mapping[str, int], *, everything: bool, quiet: bool) -> str:
    """Return the whole comparison; `quiet`: only what is worse, and the sum."""
    parts = [_head(found)] if not quiet else []
    parts += [_model(each, everything=everything, quiet=quiet) for each in found.models if each.differs or _broken(each)]
    return "\n\n".join([each for each in parts if each] + [_sum(found, met)])


def _head(found: Comparison) -> str:
    sides = (
        f"{click.style(one_line(name), bold=True)}" + (click.style(f" {commit[:10]}", dim=True) if commit else "")
        for name, commit in zip((found.before, found.after), found.commits, strict=True)
    )
    return " → ".join(sides)


def _broken(each: Compared) -> bool:
    return isinstance(each.before, Unread) or isinstance(each.after, Unread)


def _model(each: Compared, *, everything: bool, quiet: bool) -> str:
    head = f"{click.style(each.application, bold=True)}  {click.style(one_line(each.file), dim=True)}"
    if _broken(each):
        sides = [(name, side) for name, side in (("before", each.before), ("now", each.after)) if isinstance(side, Unread)]
        told = [
            f"{click.style(f'cannot be derived as it is {name}' if name == 'now' else 'could not be derived as it was', fg='red')}\n"
            + render_problems(side.problems, everything=everything)
            for name, side in sides
        ]
        return "\n".join([head, *told])
    changes = [change for change in each.changes if not quiet or change.effect is Effect.WORSE]
    lines = [f"{head}  {presence(each) or headline(each.changes)}", f"  {' · '.join(numbers(each.before, each.after))}"]
    brief = bool(presence(each)) and not everything
    for topic, some in groupby(changes, key=lambda change: change.topic):
        lines += list(_topic(topic, list(some), everything=everything))[: 1 if brief else None]
    return "\n".join(lines)


def presence(each: Compared) -> str:
    """Return that a model is new, or gone; nothing where both sides have it."""
    if each.before is None:
        return "this model is new"
    return "this model is gone" if each.after is None else ""


def _topic(topic: Topic, found: list[Change], *, everything: bool) -> Iterator[str]:
    yield f"  {click.style(TITLES[topic], bold=True)}: {tally(found)}"
    shown = found if everything else found[:MOST]
    yield table([_row(each, everything=everything) for each in shown], indent=4)
    if len(shown) < len(found):
        yield click.style(f"    … and {len(found) - len(shown)} more (musa -v diff shows them)", dim=True)


def _row(each: Change, *, everything: bool) -> list[str]:
    mark = click.style(turned(each), fg=_COLORS[each.effect])
    why = "; ".join(map(one_line, each.because if everything else each.because[:1]))
    short = why if everything or len(why) < _LONG else f"{why[: _LONG - 1]}…"
    row = [mark, where(each), what(each), "; ".join(facts(each, most=99 if everything else 3))]
    return [*row, click.style(short, dim=True)] if short else row


def turned(each: Change) -> str:
    """Return what became of the subject, with a mark; of what moved, which way."""
    return f"{MARKS[each.turn]} {_word(each)}"


def tally(found: Iterable[Change]) -> str:
    """Return how many changes are of which kind: `4 broken, 1 new`."""
    return ", ".join(f"{number} {word}" for word, number in Counter(map(_word, found)).items())


def _word(each: Change) -> str:
    return str(each.effect if each.turn is Turn.MOVED and each.effect is not Effect.OTHER else each.turn)


def where(each: Change) -> str:
    """Return whom a change concerns: a component, or the application."""
    return each.component or "the application"


def what(each: Change) -> str:
    """Return the subject of a change with its title, if it has one of its own."""
    if each.subject == each.component:
        return ""
    return one_line(f"{each.subject} {each.title}").strip()


def facts(each: Change, *, most: int) -> list[str]:
    """Return what is other than before; of what is new or gone, the weightiest."""
    if each.turn is Turn.MOVED or each.topic is Topic.MODEL:
        return [_fact(fact, each) for fact in each.facts if fact.differs][:most]
    return [_fact(fact, each) for fact in each.facts if fact.before or fact.after][: min(most, 2)]


def _fact(fact: Fact, of: Change) -> str:
    before, after = _unlike(fact) if of.topic is Topic.MODEL else (fact.before, fact.after)
    said = [one_line(side) or "nothing" for side in (before, after)] if before or after else []
    value = " → ".join(said) if of.turn is Turn.MOVED else one_line(after or before)
    return value if fact.name == of.subject else f"{fact.name} {value}"


def _unlike(fact: Fact) -> tuple[str, str]:
    """Return both sides without the parts that they share, but for the first, which names what it is about."""
    before, after = fact.before.split(", "), fact.after.split(", ")
    if not fact.before or not fact.after:
        return fact.before, fact.after
    one = [each for number, each in enumerate(before) if number == 0 or each not in after]
    other = [each for number, each in enumerate(after) if (number == 0 and each != before[0]) or each not in before]
    return ", ".join(one), ", ".join(other)


def numbers(before: Standing | Unread | None, after: Standing | Unread | None) -> list[str]:
    """Return how an application stands, with an arrow where it moved."""
    sides = [each for each in (before, after) if isinstance(each, Standing)]
    if not sides:
        return []

    def both(values: Iterable[str]) -> str:
        return " → ".join(dict.fromkeys(values))

    return [
        f"{_share([(each.promised, each.required) for each in sides])} required controls promised",
        f"{_share([(each.over, each.risks) for each in sides])} risks above the bar",
        f"worst risk {both(str(each.worst) for each in sides)}",
        f"{both(f'{each.price:.2f}' for each in sides)} EUR/month",
    ]


def _share(sides: Sequence[tuple[int, int]]) -> str:
    """Return `31 → 29 of 52`, or `31 of 52 → 29 of 50`."""
    if len({whole for _, whole in sides}) == 1:
        return f"{' → '.join(dict.fromkeys(str(part) for part, _ in sides))} of {sides[0][1]}"
    return " → ".join(f"{part} of {whole}" for part, whole in sides)


def _sum(found: Comparison, met: Mapping[str, int]) -> str:
    differing = sum(each.differs for each in found.models)
    models = count(len(found.models), "model")
    if lost := sum(isinstance(each.after, Unread) for each in found.models):
        head = click.style("wrong", fg="red", bold=True)
        return f"{head}: {count(lost, 'model')} cannot be derived · {differing} of {models} changed"
    if "any" in met:
        if not differing and not any(map(_broken, found.models)):
            return f"{click.style('nothing changes', fg='green', bold=True)}: {models} compared"
        return f"{differing} of {models} changed"
    failed = [f"{name} ({number})" for name, number in met.items() if number]
    if failed:
        return f"{click.style('failed', fg='red', bold=True)}: {', '.join(failed)} · {differing} of {models} changed"
    return f"{click.style('passed', fg='green', bold=True)}: no {', no '.join(met)} · {differing} of {models} changed"
