"""Two states of one application: its risks, before controls and under them, and the controls that they require."""

from collections.abc import Iterator

from musa_pipeline.domain.comparison import Change, Derived, Effect, Fact, Topic, Turn
from musa_pipeline.domain.ids import ThreatId
from musa_pipeline.domain.residual import ResidualRisk
from musa_pipeline.domain.risk import Factor, Required, Risk


def risks(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    """Yield risks that are new, gone, or rated otherwise; better or worse is what controls leave of them, then what they are without."""
    was, now = _Rated(before), _Rated(after)
    for name in sorted(was.risks.keys() | now.risks.keys()):
        old, new = was.risks.get(name), now.risks.get(name)
        one = new or old
        assert one  # noqa: S101  the name is of one of the two
        facts = _facts(was.told(name), now.told(name))
        because: tuple[str, ...] = ()
        if old is None or new is None:
            effect, turn = (Effect.WORSE, Turn.NEW) if old is None else (Effect.BETTER, Turn.GONE)
            because = (new.because,) if new and new.because else ()
        elif any(each.differs for each in facts):
            effect, turn, because = was.effect(name, now), Turn.MOVED, was.reasons(name, now)
        else:
            continue
        title = now.titles.get(one.threat) or was.titles.get(one.threat, "")
        yield Change(
            topic=Topic.RISK,
            turn=turn,
            effect=effect,
            component=one.component,
            subject=one.threat,
            title=title,
            facts=facts,
            because=because,
            weight=now.heavy(name) if new else was.heavy(name),
        )


class _Rated:
    """The risks of one state by their ids, with what is left of them and the factors they were rated by."""

    def __init__(self, of: Derived | None) -> None:
        self.risks: dict[str, Risk] = {each.id: each for each in of.profile.risks} if of else {}
        self.left: dict[str, ResidualRisk] = {each.id: each for each in of.residual.risks} if of else {}
        self.sets = {each.id: each.factors for each in of.profile.factor_sets} if of else {}
        self.titles = of.titles if of else {}

    def told(self, name: str) -> dict[str, str]:
        risk, left = self.risks.get(name), self.left.get(name)
        if risk is None or left is None:
            return {}
        return {
            "residual": str(left.rating),
            "inherent": str(risk.rating),
            "state": str(left.state),
            "bar": str(left.appetite),
            "likelihood": f"{risk.likelihood:g}",
            "impact": f"{risk.impact:g}",
            "likelihood left": f"{left.likelihood:g}",
            "impact left": f"{left.impact:g}",
        }

    def effect(self, name: str, now: "_Rated") -> Effect:
        """Return whether a risk got worse: above the bar, by what is left, by what it is without controls, in this order."""
        before, after = self._weight(name), now._weight(name)
        return Effect.OTHER if before == after else Effect.WORSE if after > before else Effect.BETTER

    def heavy(self, name: str) -> float:
        """Return how much a risk matters: above the bar or not, its rating under controls, its rating without."""
        over, rest, _, whole, _ = self._weight(name)
        return 100.0 * over + 10 * rest + whole

    def _weight(self, name: str) -> tuple[bool, int, float, int, float]:
        risk, left = self.risks[name], self.left[name]
        whole, rest = risk.likelihood * risk.impact, left.likelihood * left.impact
        return left.over, left.rating.score, round(rest, 6), risk.rating.score, round(whole, 6)

    def reasons(self, name: str, now: "_Rated") -> tuple[str, ...]:
        """Return why a risk is rated otherwise; where nothing of the model explains it, the catalogs do."""
        found = (*self._moved(name, now), *self._lowered(name, now))
        return found or ("the catalogs, or the settings, weigh it otherwise",)

    def _moved(self, name: str, now: "_Rated") -> Iterator[str]:
        """Yield which factors were rated otherwise, and why."""
        old = {each.name: each for each in self._factors(name)}
        for each in now._factors(name):
            if each.name in old and old[each.name].value != each.value:
                why = "; ".join(move.because for move in each.moves) or each.because
                yield f"{each.name.replace('_', ' ')} {old[each.name].value} → {each.value}" + (f": {why}" if why else "")

    def _factors(self, name: str) -> tuple[Factor, ...]:
        return self.sets.get(self.risks[name].factors, ())

    def _lowered(self, name: str, now: "_Rated") -> Iterator[str]:
        """Yield which controls lower it now, or no more."""
        old, new = set(self.left[name].lowered_by), set(now.left[name].lowered_by)
        if new - old:
            yield f"now lowered by {', '.join(sorted(new - old))}"
        if old - new:
            yield f"no longer lowered by {', '.join(sorted(old - new))}"


def _facts(was: dict[str, str], now: dict[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(name=name, before=was.get(name, ""), after=now.get(name, "")) for name in (was or now))


def required(before: Derived | None, after: Derived | None) -> Iterator[Change]:
    """Yield controls that a component requires anew, requires no more, or with another weight."""
    was, now = ({(each.component, each.control): each for each in of.profile.required} if of else {} for of in (before, after))
    titles = {**(before.titles if before else {}), **(after.titles if after else {})}
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        if old and new and old.score == new.score:
            continue
        score = Fact(name="score", before=str(old.score) if old else "", after=str(new.score) if new else "")
        one = new or old
        assert one  # noqa: S101  the key is of one of the two
        yield Change(
            topic=Topic.CONTROL,
            turn=Turn.NEW if old is None else Turn.GONE if new is None else Turn.MOVED,
            effect=Effect.OTHER,
            component=one.component,
            subject=one.control,
            title=titles.get(one.control, ""),
            facts=(score,),
            because=(_why(one, titles),),
            weight=one.score,
        )


def _why(required: Required, titles: dict[str, str]) -> str:
    if required.wanted:
        return "the model asks for it"
    if required.policy:
        return f"the profile asks for it: {required.because}" if required.because else "the profile asks for it"
    return ", ".join(_title(each, titles) for each in required.threats) or required.because


def _title(threat: ThreatId, titles: dict[str, str]) -> str:
    return titles.get(threat, "") or threat
