"""Gaps: what is asked for and cannot be promised, worst first, with the reason and the smallest changes that would mend it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from musa_pipeline.composition.changes import AddAgent, Option
from musa_pipeline.composition.ledger import Ledger, required
from musa_pipeline.composition.promises import Promises
from musa_pipeline.composition.prove import Prover
from musa_pipeline.composition.remedies import Remedies
from musa_pipeline.domain.agreement import Slat
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Gap, Proof, Remedy
from musa_pipeline.domain.ids import ComponentId, MetricId, ThreatId
from musa_pipeline.domain.metric import Slo, Weight
from musa_pipeline.domain.risk import RiskProfile

_SCORE = {Weight.LOW: 1, Weight.MEDIUM: 5, Weight.HIGH: 7}


def gaps(ledger: Ledger, prover: Prover, remedies: Remedies, slats: Sequence[Slat], profile: RiskProfile) -> tuple[Gap, ...]:
    """Return every control that somebody requires at every component that lacks it, and every metric that no agent before it measures."""
    found = [*_controls(ledger, prover, remedies), *_metrics(ledger, remedies, slats, profile)]
    place = {control: number for number, control in enumerate(ledger.universe.ids)}

    def worst_first(gap: Gap) -> tuple[int, ComponentId, int, str]:
        return (-gap.score, gap.component, place[gap.control] if gap.control else -1, gap.metric or "")

    return tuple(sorted(found, key=worst_first))


def _controls(ledger: Ledger, prover: Prover, remedies: Remedies) -> Iterator[Gap]:
    wanted = required(ledger)
    for node in ledger.members:
        component = ledger.components[node].id
        for control in ledger.universe.names(ledger.lacking(node, wanted)):
            proof = prover.of_component(component, control)
            term = ledger.terms.get(component, {}).get(control)
            yield Gap(
                component=component,
                control=control,
                reason=_reason(component, proof),
                score=term.score if term else 0,
                asked=term is not None,
                remedies=tuple(map(_remedy, remedies.of(node, control))),
            )


def _remedy(option: Option) -> Remedy:
    match option.changes:
        case (AddAgent(agent=agent),):
            return Remedy(changes=option.words, price=option.price, agent=agent)
        case _:
            return Remedy(changes=option.words, price=option.price)


def _reason(component: ComponentId, proof: Proof) -> str:
    """Say in one sentence who fails: the failing leaves of the proof."""
    blocked = next((each for each in proof.beneath if each.rule == "travels" and not each.holds), None)
    others = [each for each in proof.beneath if each is not blocked and not each.holds]
    claims = list(dict.fromkeys(claim for each in others for claim in _leaves(each)))
    if claims or not blocked:
        return _sentence(claims)
    used = blocked.beneath[0]
    return f"{component} uses {used.claim.partition(' ')[0]}: {_sentence(list(dict.fromkeys(_leaves(used))))}"


def _sentence(claims: Sequence[str]) -> str:
    """Join claims as a person would.

    >>> _sentence(["a fails", "b fails", "c fails"])
    'a fails, b fails and c fails'
    """
    return " and ".join(part for part in (", ".join(claims[:-1]), *claims[-1:]) if part)


def _leaves(proof: Proof) -> Iterator[str]:
    failing = [each for each in proof.beneath if not each.holds]
    if not failing:
        yield proof.claim
    for each in failing:
        yield from _leaves(each)


def _metrics(ledger: Ledger, remedies: Remedies, slats: Sequence[Slat], profile: RiskProfile) -> Iterator[Gap]:
    promises = Promises(ledger)
    risks: dict[tuple[ComponentId, ThreatId], int] = defaultdict(int)
    for risk in profile.risks:
        risks[risk.component, risk.threat] = max(risks[risk.component, risk.threat], risk.rating.score)
    for slat in slats:
        for slo in slat.slos:
            if not promises.measured(slat, slo.metric):
                options = remedies.measuring(slat.component, slo.metric)
                yield Gap(
                    component=slat.component,
                    metric=slo.metric,
                    reason=_unmeasured(ledger.catalogs, remedies, slat.component, slo.metric, possible=bool(options)),
                    score=_score(ledger, slat, slo, risks),
                    remedies=tuple(map(_remedy, options)),
                )


def _unmeasured(catalogs: Catalogs, remedies: Remedies, component: ComponentId, metric: MetricId, *, possible: bool) -> str:
    managed = remedies.managed(component)
    if managed:
        return f"nothing of ours runs on the managed service {managed.title}, so no agent measures {metric} of {component}"
    if possible:
        return f"no agent that measures {metric} stands before {component}"
    known = catalogs.metric.get(metric)
    others = " or ".join(f"a {each.by}" if each.by != "auditor" else "an auditor" for each in known.measured_by) if known else ""
    return f"no agent of the catalog can measure {metric} of {component}" + (f"; {others} could" if others else "")


def _score(ledger: Ledger, slat: Slat, slo: Slo, risks: dict[tuple[ComponentId, ThreatId], int]) -> int:
    """Return the highest score among what the metric shows; of a bound that was only asked for, that of its weight."""
    metric = ledger.catalogs.metric.get(slo.metric)
    if metric is None:
        return _SCORE[slo.weight]
    terms = ledger.terms[slat.component]
    scores = [terms[each.control].score for each in metric.controls if each.control in terms]
    scores += [risks[slat.component, each] for each in metric.threats if (slat.component, each) in risks]
    return max(scores, default=_SCORE[slo.weight])
