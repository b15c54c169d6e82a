"""Beside the road: everything about one derived model that a gate may care for, each at its place in the model."""

from collections.abc import Collection, Iterator
from datetime import date

from musa_pipeline.domain.composition import Gap
from musa_pipeline.domain.gate import Finding, Measure, Rule
from musa_pipeline.domain.ids import ComponentId, ControlId
from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.residual import ResidualRisk
from musa_pipeline.domain.risk import Required
from musa_pipeline.domain.source import Span
from musa_pipeline.stages import values
from musa_pipeline.stages.decisions import InForce, decision_findings
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import called


class Gate:
    """Gathers the findings of a model whose stages were run in this process; `waived` counts the gaps that somebody answers for."""

    def __init__(self, work: Work, today: date) -> None:
        self.work, self.today = work, today
        self.application = work.place.application
        self.name = called(work.place)
        self.holds = InForce(work, today)
        self.places = {each.id: each.at for each in values.cpim(work).components}
        self.gaps = [each for each in values.composition(work).gaps if each.control]
        self.waived = sum(map(self.holds.waives, self.gaps))

    @property
    def required(self) -> int:
        """How many controls are required of the application."""
        return len(values.composition(self.work).outcomes)

    @property
    def promised(self) -> int:
        """How many of them the application promises."""
        return sum(each.promised for each in values.composition(self.work).outcomes)

    @property
    def coverage(self) -> float:
        """The promised share in %; all of none."""
        return 100.0 * self.promised / self.required if self.required else 100.0

    def findings(self, rules: Collection[Rule]) -> Iterator[Finding]:
        """Yield all findings but those about files; rules say which ratings are of interest."""
        residual = {each.id: each for each in values.residual(self.work).risks}
        yield from self._missing()
        yield from self._over(residual)
        for rule in rules:
            if rule.rating is not None:
                yield from self._rated(rule, residual)
        yield from decision_findings(self.work, residual, self.gaps, self.today)
        yield from self._unmeasured()
        yield from self._unanswered()

    def _missing(self) -> Iterator[Finding]:
        named = {
            (each.component, each.control): each for each in values.profile(self.work).required if each.wanted or each.policy
        }
        for gap in self.gaps:
            if gap.control and not self.holds.waives(gap):
                yield self._gap(gap, gap.control, named.get((gap.component, gap.control)))

    def _gap(self, gap: Gap, control: ControlId, named: Required | None) -> Finding:
        title = self.work.catalogs.control[control].title
        why = gap.reason or "nobody grants it"
        explain = f"musa explain {self.name} {gap.component} {control}"
        way = (
            f"{' and '.join(gap.remedies[0].changes)}; `{explain}` proves it"
            if gap.remedies
            else f"`{explain}` says what is lacking"
        )
        if named:
            who = "the model" if named.wanted else f"the profile ({named.policy})"
            text = f"{gap.component} must have {control} {title}, for {who} says so: {why}"
            at = named.wanted or self._at(gap.component)
            return self._finding("J002", at, text, way, (gap.component, control), Measure.MISSING, Measure.MANDATORY)
        verb = "is not granted" if gap.asked else "stands in the way of"
        text = f"{gap.component} {verb} {control} {title}: {why}"
        return self._finding("J001", self._at(gap.component), text, way, (gap.component, control), Measure.MISSING)

    def _over(self, residual: dict[str, ResidualRisk]) -> Iterator[Finding]:
        for each in residual.values():
            if each.over and not self.holds.decided(each.id):
                left = (
                    f"stays {each.rating}"
                    if each.rating is each.inherent
                    else f"is {each.rating} after controls ({each.inherent} before)"
                )
                text = f"{self._risk(each)} {left}, above the bar, which is {each.appetite}"
                way = f"`musa risk {self.name} --residual` shows what lowers it; or somebody answers for it in decisions.yaml"
                yield self._finding("J003", self._at(each.component), text, way, (each.id,), Measure.OVER)

    def _rated(self, rule: Rule, residual: dict[str, ResidualRisk]) -> Iterator[Finding]:
        inherent = rule.measure is Measure.RISK
        for each in residual.values():
            rating = each.inherent if inherent else each.rating
            if rule.reached(rating) and not self.holds.decided(each.id):
                text = f"{self._risk(each)} is {rating}{' before controls' if inherent else ' after controls'} ({rule.text})"
                way = f"`musa risk {self.name}` shows why; or somebody answers for it in decisions.yaml"
                code = "J004" if inherent else "J005"
                yield self._finding(code, self._at(each.component), text, way, (each.id,), rule.measure)

    def _risk(self, each: ResidualRisk) -> str:
        title = self.work.catalogs.threat[each.threat].title
        return f"risk {each.id} ({title})"

    def _unmeasured(self) -> Iterator[Finding]:
        said = {(slat.component, slo.metric): slo.at for slat in values.slats(self.work) for slo in slat.slos if slo.at}
        for gap in values.composition(self.work).gaps:
            if gap.metric:
                text = f"a service level of {gap.component} cannot be watched: {gap.reason}"
                way = " and ".join(gap.remedies[0].changes) if gap.remedies else "promise it only where somebody measures it"
                at = said.get((gap.component, gap.metric)) or self._at(gap.component)
                yield self._finding("J009", at, text, way, (gap.component, gap.metric), Measure.UNMEASURED)

    def _unanswered(self) -> Iterator[Finding]:
        for each in values.profile(self.work).unanswered:
            question = self.work.catalogs.threat[each.threat].question
            text = f"nobody answered for {each.component}: {question} (taken as {'yes' if each.assumed else 'no'})"
            way = f"answer {each.threat} in answers.yaml; `musa risk {self.name}` lists the open questions"
            about = (each.component, each.threat)
            yield self._finding("J010", self._at(each.component), text, way, about, Measure.UNANSWERED, severity=Severity.NOTE)

    def _at(self, component: ComponentId) -> Span:
        return self.places.get(component) or self.work.model_at

    def _finding(
        self,
        code: str,
        at: Span,
        text: str,
        way: str,
        about: tuple[str, ...],
        *of: Measure,
        severity: Severity = Severity.WARNING,
    ) -> Finding:
        problem = Problem(code=code, at=at, text=text, help=way, severity=severity)
        return Finding(application=self.application, problem=problem, about=about, measures=frozenset(of))
