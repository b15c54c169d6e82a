"""Open questions as a table, one question as it is asked on a terminal, and why it is asked."""

from collections.abc import Iterable, Sequence

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import GRANTED_BY, rating
from musa_pipeline.domain.answers import Grant
from musa_pipeline.domain.condition import reasons, written
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.question import (
    Consequence,
    ControlAt,
    ControlQuestion,
    FactorQuestion,
    Question,
    Questions,
    ThreatQuestion,
)
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.scale import SCALES
from musa_pipeline.stages import values
from musa_pipeline.stages.questions import Asked
from musa_pipeline.stages.questions import open_questions as open_to_all
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called

_SHOWN, _NAMED, _WIDTH, _CLOSING = 20, 4, 100, 5
_RANKED = 1_000
"""Questions that are ranked unasked, within a third of a second; of more only the number is told."""
_APPLICATION = "the application"


def open_questions(work: Work, found: Questions) -> str:
    """The most valuable questions with what each answer would change; the rest is counted."""
    ranked = found.ranked
    title = f"{found.application} · {_counted(found)}"
    if not ranked and not found.controls:
        return f"{click.style(found.application, bold=True)} · nothing is open: every question is answered"
    parts = [click.style(title, bold=True)]
    if ranked:
        rows = [[str(each.value), *_row(each)] for each in ranked[:_SHOWN]]
        head = ["points", "component", "asked about", "taken as", "what it changes", "question"]
        parts += ["", table(rows, head)]
    if len(ranked) > _SHOWN:
        parts.append(f"  … and {len(ranked) - _SHOWN} more: musa risk {called(work.place)} --questions --format json")
    if found.controls:
        parts += ["", click.style("who implements these?", bold=True), table(_controls(work, found.controls[:_SHOWN]))]
    if len(found.controls) > _SHOWN:
        parts.append(f"  … and {len(found.controls) - _SHOWN} more")
    parts += [
        "",
        click.style("  points: what lies between the best and the worst answer, of 1 to 9 for each risk", dim=True),
        f"  musa risk {called(work.place)} --ask asks them one by one and writes answers.yaml",
    ]
    return "\n".join(parts)


def closing(work: Work, profile: RiskProfile) -> list[str]:
    """How many are open, which are worth most, and the next command; nothing if nothing is open."""
    if len(profile.unanswered) > _RANKED:
        opened = count(len(profile.unanswered), "question")
        return ["", click.style(f"{opened} open (answers.yaml)", bold=True), _next(work)]
    ranked = [each for each in open_to_all(work).ranked if isinstance(each, ThreatQuestion) or not each.threat]
    if not ranked:
        return []
    rows = [[count(each.value, "point"), *_row(each)[:2], _row(each)[-1]] for each in ranked[:_CLOSING]]
    title = f"{count(len(ranked), 'question')} open (answers.yaml); worth most"
    return ["", click.style(title, bold=True), table(rows), _next(work)]


def _next(work: Work) -> str:
    return f"  musa risk {called(work.place)} --questions tells what each answer would change, --ask asks them"


def _counted(found: Questions) -> str:
    parts = [
        count(len(found.threats), "open question"),
        count(len(found.factors), "factor") + " that could move a rating",
        count(len(found.controls), "control") + " of which nobody said who implements them",
    ]
    return " · ".join(parts)


def _row(each: ThreatQuestion | FactorQuestion) -> list[str]:
    if isinstance(each, ThreatQuestion):
        change = f"yes: {_short(each.yes)} · no: {_short(each.no)}"
        return [each.component, each.threat, "yes" if each.assumed else "no", change, each.question]
    about = f"{each.factor} of {each.threat}" if each.threat else each.factor
    now = "not counted" if each.now is None else str(each.now)
    return [_alike(each.components), about, now, _moves(each), SCALES[each.factor][0]]


def _alike(components: Sequence[ComponentId]) -> str:
    if not components:
        return _APPLICATION
    more = len(components) - 1
    return components[0] + (f" and {more} alike" if more else "")


def _moves(each: FactorQuestion) -> str:
    if each.threat is None:
        return f"could move {count(each.moves, 'risk')}, {each.least} to {each.most} points in all"
    return f"{each.least} to {each.most} points"


def _short(one: Consequence) -> str:
    words = [rating(one.rating) if one.rating else "no risk"]
    if one.come:
        words.append(f"+{count(len(one.come), 'control')}")
    if one.go:
        words.append(f"−{count(len(one.go), 'control')}")
    return ", ".join(words)


def _controls(work: Work, found: Iterable[ControlQuestion]) -> list[list[str]]:
    return [
        [f"score {each.value}", each.component, each.control, work.catalogs.control[each.control].title, _few(each.threats)]
        for each in found
    ]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def card(work: Work, asked: Asked, left: int) -> str:
    """One question as it is asked: of what, how much hangs on it, the words of the answer."""
    who = click.style(asked.component or _APPLICATION, bold=True)
    match asked.question:
        case ThreatQuestion() as each:
            threat = work.catalogs.threat[each.threat]
            title, question = f"{threat.title} ({threat.stride})", each.question
            more = [f"taken as {'yes' if each.assumed else 'no'} until somebody answers"]
        case FactorQuestion(factor=factor, threat=about) as each:
            title = f"{factor} of {work.catalogs.threat[about].title}" if about else f"{factor}, of business impact"
            question, scale = SCALES[factor]
            more = [table([[str(value), words] for value, words in scale], indent=2)]
            more.append(f"{_moves(each)}; {'not counted' if each.now is None else f'taken as {each.now}'} until somebody answers")
        case ControlQuestion(control=control) as each:
            title = f"{control} {work.catalogs.control[control].title}"
            question = "Who implements it for this component?"
            more = [table([[str(by), GRANTED_BY[by]] for by in Grant], indent=2)]
    worth = click.style(f"{count(left, 'question')} left · worth {count(each.value, 'point')}", dim=True)
    lines = (line for part in more for line in part.split("\n"))
    return "\n".join(
        ["", f"{who} · {title}   {worth}", f"  {question}", *(click.style(f"    {line}", dim=True) for line in lines)]
    )


def prompt(question: Question) -> str:
    """What may be answered."""
    words = {ThreatQuestion: "yes, no", FactorQuestion: "0 to 9", ControlQuestion: ", ".join(Grant)}[type(question)]
    return f"  {click.style(words, bold=True)} [because …] · ? why · skip · back · undo · quit {click.style('›', bold=True)} "


def why(work: Work, asked: Asked) -> str:
    """Why it is asked: the threat, its condition with the facts that hold, sources, and what each answer would do."""
    match asked.question:
        case ThreatQuestion() as each:
            rows = [*_threat(work, asked), ["yes", _long(each.yes)], ["no", _long(each.no)], *_sources(work, asked)]
        case FactorQuestion(threat=None) as each:
            rows = [["counts for", f"every risk of the application that has no answer of its own on {each.factor}"]]
            rows.append(["changes", _moves(each)])
            rows.append(["impact", "the mean of the business factors that somebody answered (docs/risk.md)"])
        case FactorQuestion() as each:
            rows = [
                *_threat(work, asked),
                ["changes", f"{_moves(each)} of this risk"],
                *_default(work, each),
                *_sources(work, asked),
            ]
        case ControlQuestion() as each:
            by_model = "the model or a policy asks for it"
            threats = [f"{work.catalogs.threat[one].title}" for one in each.threats]
            rows = [["required by", ", ".join(threats) or by_model], ["score", f"{each.value} of 9"]]
            rows.append(["nobody", "a gap: it is told as missing, with what would grant it"])
    return "\n".join(_wrapped(rows))


def _threat(work: Work, asked: Asked) -> list[list[str]]:
    each = asked.question
    assert isinstance(each, ThreatQuestion | FactorQuestion)  # noqa: S101  controls have no condition
    assert each.threat and asked.component  # noqa: S101  nor has the application
    threat = work.catalogs.threat[each.threat]
    facts = work.once("facts", lambda: facts_of(values.cpim(work), work.catalogs))[asked.component]
    hold = {**facts, "answer": frozenset({"true"})}
    known = [each for each in reasons(threat.applies, hold) if each != "answer"]
    return [
        ["threat", threat.at.file],
        ["applies", f"when {written(threat.applies)}"],
        ["known", ", ".join(known) or "nothing of it"],
    ]


def _default(work: Work, each: FactorQuestion) -> list[list[str]]:
    profile = values.profile(work)
    risk = next((one for one in profile.risks if one.threat == each.threat and one.component in each.components), None)
    factor = next((one for one in profile.factors_of(risk) if one.name == each.factor), None) if risk else None
    return [["now", f"{factor.value}: {factor.because}"]] if factor else []


def _sources(work: Work, asked: Asked) -> list[list[str]]:
    each = asked.question
    threat = work.catalogs.threat[each.threat] if isinstance(each, ThreatQuestion | FactorQuestion) and each.threat else None
    return [["sources", "; ".join(map(str, threat.sources))]] if threat else []


def _long(one: Consequence) -> str:
    words = [f"the risk is {rating(one.rating)} ({count(one.score, 'point')})" if one.rating else "no risk"]
    if one.come:
        words.append(f"required anew: {_named(one.come)}")
    if one.go:
        words.append(f"no longer required: {_named(one.go)}")
    if one.rating and not one.come:
        words.append("no further control")
    return "; ".join(words)


def _named(found: Sequence[ControlAt]) -> str:
    owners = {each.component for each in found}
    return ", ".join(each.control if len(owners) == 1 else f"{each.control} of {each.component}" for each in found)


def _wrapped(rows: Sequence[Sequence[str]]) -> list[str]:
    wide = max(len(name) for name, _ in rows)
    lines: list[str] = []
    for name, text in rows:
        indent = " " * (wide + 6)
        whole = click.wrap_text(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        lines.append(f"    {click.style(name.ljust(wide), dim=True)}  {whole[len(indent) :]}")
    return lines
