"""What one SLA promises that another does not: control by control, bound by bound, in sentences."""

from collections.abc import Iterator
from dataclasses import replace

from musa_pipeline.domain.agreement import Sla, Slat
from musa_pipeline.domain.metric import Operator, Slo, Value

_WORDS = {
    Operator.EQ: "just",
    Operator.GE: "at least",
    Operator.LE: "at most",
    Operator.GT: "more than",
    Operator.LT: "less than",
}


def departures(said: Sla | Slat, given: Sla | Slat) -> Iterator[str]:
    """Yield where a document departs from what its inputs give; the last sentence is for what is no promise."""
    found = False
    for sentence in (*_terms(said, given), *_objectives(said, given), *_rest(said, given)):
        found = True
        yield sentence
    if not found:
        yield "it promises the same in other words: titles, reasons or definitions differ"


def _terms(said: Sla | Slat, given: Sla | Slat) -> Iterator[str]:
    word = "asks for" if isinstance(said, Slat) else "promises"
    theirs = {each.control: each for each in said.terms}
    ours = {each.control: each for each in given.terms}
    for control in sorted(theirs.keys() - ours.keys()):
        yield f"it {word} {control}, which its inputs do not give"
    for control in sorted(ours.keys() - theirs.keys()):
        yield f"it lacks {control}, which its inputs give"
    for control in sorted(theirs.keys() & ours.keys()):
        mine, other = ours[control], theirs[control]
        if mine != other:
            yield f"it {word} {control} with another {', '.join(_unlike(other, mine))} than its inputs give"


def _unlike(one: object, other: object) -> list[str]:
    names = (name for name in type(one).__dataclass_fields__ if name != "at")  # type: ignore[attr-defined]
    return [name.replace("_", " ") for name in names if getattr(one, name) != getattr(other, name)]


def _objectives(said: Sla | Slat, given: Sla | Slat) -> Iterator[str]:
    theirs = {(each.metric, each.operator): each for each in said.slos}
    ours = {(each.metric, each.operator): each for each in given.slos}
    for metric, operator in sorted(theirs.keys() | ours.keys()):
        one, other = theirs.get((metric, operator)), ours.get((metric, operator))
        if one == other:
            continue
        if other is None:
            yield f"it bounds {metric} ({bound_in_words(one)}), which its inputs do not"
        elif one is None:
            yield f"it has no bound on {metric}, where its inputs give {bound_in_words(other)}"
        elif replace(one, weight=other.weight, because=other.because, alert=other.alert) != other:
            yield f"its bound on {metric} is {bound_in_words(one)}; its inputs give {bound_in_words(other)}"
        else:
            yield f"its bound on {metric} has another weight, alert or reason than its inputs give"


def bound_in_words(slo: Slo | None) -> str:
    """Return `at least 99.5 %`; nothing for no bound."""
    return "" if slo is None else f"{_WORDS[slo.operator]} {_value(slo.bound)} {slo.unit}".rstrip()


def _value(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _rest(said: Sla | Slat, given: Sla | Slat) -> Iterator[str]:
    if isinstance(said, Sla) and isinstance(given, Sla):
        theirs, ours = ({each.component: each for each in one.members} for one in (said, given))
        for name in sorted(theirs.keys() ^ ours.keys()):
            yield f"its member {name!r} is {'not in the model' if name in theirs else 'missing'}"
        for name in sorted(theirs.keys() & ours.keys()):
            if theirs[name] != ours[name]:
                yield f"its member {name!r} is another document than its inputs give"
        if said.resources != given.resources:
            yield "it runs elsewhere: its resources are not those that its inputs give"
    if said.threats != given.threats:
        yield "its threats are not those that its inputs give"
