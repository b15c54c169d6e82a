"""Two states of one application: what its SLAs promise, what is missing, and the bounds of service levels."""

from collections import defaultdict
from collections.abc import Iterator

from musa_pipeline.domain.agreement_difference import bound_in_words
from musa_pipeline.domain.comparison import Change, Derived, Effect, Fact, Topic, Turn
from musa_pipeline.domain.composition import Gap
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.metric import Operator, Slo

_MOST = 4
"""Reasons of one broken promise that are told; more components fail alike."""


def promises(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    """Yield promises of controls that are broken, new or gone: of the application, and of each component's SLA."""
    was, now = _Promised(before), _Promised(after)
    for component, control in sorted(was.rules.keys() | now.rules.keys()):
        if (component, control) in was.rules and (component, control) in now.rules:
            continue
        title = now.titles.get(control) or was.titles.get(control, "")
        turn, effect, because = _promise(now, component, control)
        yield Change(
            topic=Topic.PROMISE,
            turn=turn,
            effect=effect,
            component=ComponentId(component) if component else None,
            subject=control,
            title=title,
            because=because,
        )


class _Promised:
    """What one state promises, by component ('' for the application) and control, with the rule; what it asks for, and what is missing."""

    def __init__(self, of: Derived | None) -> None:
        self.rules: dict[tuple[str, ControlId], str] = {}
        self.asked: set[tuple[str, ControlId]] = set()
        self.gaps: dict[ControlId, list[Gap]] = defaultdict(list)
        self.components = {each.id for each in of.cpim.components} if of else set[ComponentId]()
        self.titles = of.titles if of else {}
        if of is None:
            return
        for outcome in of.composition.outcomes:
            self.asked.add(("", outcome.control))
            if outcome.promised:
                self.rules["", outcome.control] = f"granted for {', '.join(outcome.granted_for)}" if outcome.granted_for else ""
        for sla in of.slas:
            for term in sla.terms:
                who = f", by {', '.join(term.granted_by)}" if term.granted_by else ""
                self.rules[sla.component or "", term.control] = f"{term.rule}{who}"
        self.asked |= {(each.component, each.control) for each in of.profile.required}
        for gap in of.composition.gaps:
            if gap.control:
                self.gaps[gap.control].append(gap)

    def lacks(self, component: str, control: ControlId) -> tuple[str, ...]:
        """Return why it is not promised: for the application, of each component that fails."""
        gaps = [each for each in self.gaps.get(control, ()) if component in ("", each.component)]
        told = [_reason(each) if component else f"{each.component}: {_reason(each)}" for each in gaps[:_MOST]]
        return (*told, f"{len(gaps) - _MOST} more components fail") if len(gaps) > _MOST else tuple(told)


def _promise(now: _Promised, component: str, control: ControlId) -> tuple[Turn, Effect, tuple[str, ...]]:
    key = component, control
    if key in now.rules:
        return Turn.NEW, Effect.BETTER, (now.rules[key],) if now.rules[key] else ()
    if key in now.asked:
        return Turn.BROKEN, Effect.WORSE, now.lacks(component, control)
    if not now.components:
        return Turn.GONE, Effect.OTHER, ("the model is gone",)
    gone = component and component not in now.components
    return Turn.GONE, Effect.OTHER, ("the component is gone",) if gone else ("nothing asks for it any more",)


def gaps(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    """Yield what is missing now and was not, or the other way; what a broken or a new promise tells is left to it."""
    was, now = _missing(before), _missing(after)
    told = {(each.component or "", each.subject) for each in promises(before, after) if each.turn in (Turn.BROKEN, Turn.NEW)}
    titles = {**(before.titles if before else {}), **(after.titles if after else {})}
    for key in sorted(was.keys() ^ now.keys()):
        component, subject = key
        if key in told:
            continue
        gap = now.get(key) or was[key]
        remedy = gap.remedies[0].changes if key in now and gap.remedies else ()
        way = f"way out: {' and '.join(remedy)}" if remedy else ""
        yield Change(
            topic=Topic.GAP,
            turn=Turn.NEW if key in now else Turn.GONE,
            effect=Effect.WORSE if key in now else Effect.BETTER,
            component=ComponentId(component),
            subject=subject,
            title=titles.get(subject, ""),
            because=tuple(each for each in (_reason(gap), way) if each) if key in now else (),
            weight=gap.score,
        )


def _missing(of: Derived | None) -> dict[tuple[str, str], Gap]:
    return {(each.component, each.control or each.metric or ""): each for each in of.composition.gaps} if of else {}


def _reason(gap: Gap) -> str:
    return gap.reason or "nobody grants it"


def objectives(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    """Yield bounds that are new, gone or another: of the application, and of each component's SLA."""
    was, now = _bounds(before), _bounds(after)
    for key in sorted(was.keys() | now.keys()):
        component, metric, _ = key
        old, new = was.get(key), now.get(key)
        facts = tuple(_facts(old, new))
        if any(each.differs for each in facts):
            yield Change(
                topic=Topic.OBJECTIVE,
                turn=Turn.NEW if old is None else Turn.GONE if new is None else Turn.MOVED,
                effect=_effect(old, new),
                component=ComponentId(component) if component else None,
                subject=metric,
                facts=facts,
                because=(new.because,) if new and new.because else (),
            )


def _bounds(of: Derived | None) -> dict[tuple[str, str, str], Slo]:
    if of is None:
        return {}
    whole = [("", each.slo) for each in of.composition.slos]
    parts = [(sla.component or "", slo) for sla in of.slas for slo in sla.slos]
    return {(component, slo.metric, str(slo.operator)): slo for component, slo in (*whole, *parts)}


def _facts(old: Slo | None, new: Slo | None) -> Iterator[Fact]:
    yield Fact(name="bound", before=bound_in_words(old), after=bound_in_words(new))
    yield Fact(name="alert", before=_alert(old), after=_alert(new))
    yield Fact(name="weight", before=str(old.weight) if old else "", after=str(new.weight) if new else "")


def _alert(slo: Slo | None) -> str:
    return "" if slo is None or slo.alert is None else f"{slo.alert:g} {slo.unit}".rstrip()


def _effect(old: Slo | None, new: Slo | None) -> Effect:
    """Return whether the customer is promised more: a bound that is harder to keep, or one more."""
    if old is None or new is None:
        return Effect.BETTER if old is None else Effect.WORSE
    if old.bound == new.bound or old.unit != new.unit or old.operator is Operator.EQ:
        return Effect.OTHER
    higher = new.bound > old.bound
    return Effect.BETTER if higher is (old.operator in (Operator.GE, Operator.GT)) else Effect.WORSE
