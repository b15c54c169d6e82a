"""Risks as a report in GitHub Flavored Markdown that one can forward: what is worst and why, what it asks for, what nobody answered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from musa_pipeline.domain.attack import AttackPath, AttackPaths
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_key
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import LONGEST_PATH, Exposure, Factor, Rating, Required, Risk, RiskProfile
from musa_pipeline.domain.threat import LIKELIHOOD
from musa_pipeline.formats.risks.dots import cell
from musa_pipeline.formats.risks.taxonomies import ATTACK, CAPEC, CWE
from musa_pipeline.text.markup import code, head, plain, row

WORST: Final = 12
"""Risks that are told with their reasons."""
LISTED: Final = 150
"""Rows of a table, at most; the rest is counted."""
_PATHS: Final = 10
_NAMES: Final = 6
_DIAGRAM: Final = 50_000
"""Characters of a diagram that GitHub draws, and the lines in it."""
_LINES: Final = 500
_BANDS: Final = ("low", "medium", "high")


def markdown(
    cpim: Cpim,
    profile: RiskProfile,
    catalogs: Catalogs,
    *,
    paths: AttackPaths,
    diagram: str = "",
    residual: ResidualProfile | None = None,
) -> str:
    """Return the report; `diagram` is the application as Mermaid text, left out where it is larger than what is drawn."""
    report = _Report(cpim, profile, catalogs, residual)
    parts = [
        *report.opening(),
        *_diagram(diagram),
        *_paths(paths, catalogs),
        *report.worst(),
        *report.risks(),
        *report.required(),
        *report.organisation(),
        *report.questions(),
        *_reading(residual),
    ]
    return "\n".join(parts).rstrip() + "\n"


class _Report:
    """The parts that speak of risks, with what they need to know at hand."""

    def __init__(self, cpim: Cpim, profile: RiskProfile, catalogs: Catalogs, residual: ResidualProfile | None) -> None:
        self.cpim, self.profile, self.catalogs = cpim, profile, catalogs
        self.left = {each.id: each for each in residual.risks} if residual else {}
        self.factors = {each.id: each.factors for each in profile.factor_sets}
        self.answers: dict[tuple[ComponentId, ThreatId], list[ControlId]] = defaultdict(list)
        for each in profile.required:
            for threat in each.threats:
                self.answers[each.component, threat].append(each.control)
        self.exposures: dict[ComponentId, list[Exposure]] = defaultdict(list)
        for shown in profile.exposures:
            self.exposures[shown.component].append(shown)

    def opening(self) -> Iterator[str]:
        """Yield the title, a sentence, and the risks by rating and in the matrix."""
        risks, roles = self.profile.risks, Counter(each.role for each in self.cpim.components)
        controls = len({each.control for each in self.profile.required})
        parts = [_count(roles[each], name) for each, name in _ROLES.items() if roles[each]]
        yield f"# Risks of {plain(self.profile.application)}"
        yield ""
        asked = f" {_count(len(self.profile.unanswered), 'question')} nobody answered yet." if self.profile.unanswered else ""
        yield f"{_count(len(risks), 'risk')} to {_listed(parts)}; {_count(controls, 'control')} required.{asked}"
        if not risks:
            return
        yield from self._by_rating()
        yield from _matrix(risks)

    def _by_rating(self) -> Iterator[str]:
        yield from ("", *head("rating", "risks", *(("left",) if self.left else ()), "at", right=frozenset({1})))
        by_rating: dict[Rating, Counter[ComponentId]] = {each: Counter() for each in reversed(Rating)}
        for each in self.profile.risks:
            by_rating[each.rating][each.component] += 1
        remain = Counter(each.rating for each in self.left.values())
        for rating, found in by_rating.items():
            names = _few(
                [f"{code(name)} {number}" for name, number in sorted(found.items(), key=lambda each: (-each[1], each[0]))]
            )
            yield row(_strong(rating), str(found.total()), *((str(remain[rating]),) if self.left else ()), names)

    def worst(self) -> Iterator[str]:
        """Yield the worst risks one by one, with what makes them so and what answers them."""
        if self.profile.risks:
            yield from _heading("The worst, and why")
        for number, risk in enumerate(self.profile.risks[:WORST], 1):
            threat = self.catalogs.threat[risk.threat]
            yield f"### {number}. {plain(threat.title)}: {code(risk.component)}"
            yield ""
            rated = f"likelihood {risk.likelihood:.1f}, impact {risk.impact:.1f}"
            known = " · ".join(["", *self._references(risk.threat)])
            yield f"{_strong(risk.rating)} · {rated} · {plain(str(risk.stride).replace('-', ' '))}{known}"
            yield ""
            yield f"It applies because: {plain(risk.because)}."
            yield ""
            yield from (f"- {each}" for each in self._reasons(risk))
            if controls := self.answers[risk.component, risk.threat]:
                yield f"- required against it: {_few([self._control(each) for each in sorted(controls, key=control_key)])}"
            if left := self.left.get(risk.id):
                by = f" by {_few([code(each) for each in left.lowered_by])}" if left.lowered_by else ", nothing granted lowers it"
                yield f"- left: {_strong(left.rating)}{by} (the bar is {left.appetite}; {left.state})"
            yield ""

    def _references(self, threat: ThreatId) -> list[str]:
        known = self.catalogs.threat[threat]
        return [f"[{each}]({kept.address(each)})" for kept in (ATTACK, CWE, CAPEC) for each in kept.of(known)][:_NAMES]

    def _reasons(self, risk: Risk) -> Iterator[str]:
        """Yield the factors that weigh most, of likelihood and of impact, and the ways by which the component is exposed."""
        factors = self.factors.get(risk.factors, ())
        of_likelihood = [each for each in factors if each.name in LIKELIHOOD]
        for group, most in ((of_likelihood, 3), ([each for each in factors if each not in of_likelihood], 2)):
            for each in sorted(group, key=lambda each: (-each.value, not each.moves))[:most]:
                yield _factor(each)
        moved = {move.fact for each in factors for move in each.moves if move.fact}
        for shown in self.exposures[risk.component]:
            if shown.fact in moved and len(shown.path) > 1:
                begin = ["internet"] if shown.fact == "reachable" and len(shown.path) < LONGEST_PATH else []
                yield f"{plain(shown.because)}: {' → '.join([*begin, *map(code, shown.path)])}"

    def _control(self, control: ControlId) -> str:
        known = self.catalogs.control.get(control)
        return f"{code(control)} {plain(known.title)}" if known else code(control)

    def risks(self) -> Iterator[str]:
        """Yield the table of all risks."""
        if not self.profile.risks:
            return
        more = ("left", "state") if self.left else ()
        yield from _heading("All risks")
        yield from head("rating", "component", "threat", "likelihood", "impact", *more, right=frozenset({3, 4}))
        for each in self.profile.risks[:LISTED]:
            title = plain(self.catalogs.threat[each.threat].title)
            left = self.left.get(each.id)
            remains = (str(left.rating), str(left.state)) if left else ("", "") if self.left else ()
            yield row(_strong(each.rating), code(each.component), title, f"{each.likelihood:.1f}", f"{each.impact:.1f}", *remains)
        yield from _rest(len(self.profile.risks), "risk")

    def required(self) -> Iterator[str]:
        """Yield the controls that components must be granted: by the worst risk that each answers, then by how many risks."""
        by_control: dict[ControlId, list[Required]] = defaultdict(list)
        for each in self.profile.required:
            by_control[each.control].append(each)
        order = sorted(by_control, key=lambda each: (*_weight(by_control[each]), control_key(each)))
        if not order:
            return
        yield from _heading("Controls required, worst first")
        yield from head("control", "score", "risks", "for", "against", right=frozenset({1, 2}))
        for control in order[:LISTED]:
            found = by_control[control]
            titles = [plain(self.catalogs.threat[each].title) for each in _often(found)]
            wanted = [*titles, "the model asks for it"] if any(each.wanted for each in found) else titles
            score, risks = str(max(each.score for each in found)), str(sum(len(each.threats) for each in found))
            yield row(self._control(control), score, risks, _few([code(each.component) for each in found]), _few(wanted))
        yield from _rest(len(order), "control")

    def organisation(self) -> Iterator[str]:
        """Yield the controls that only the organisation can implement."""
        found = sorted(
            self.profile.organisation, key=lambda each: (-each.score, -len(each.components), control_key(each.control))
        )
        if not found:
            return
        yield from _heading("For the organisation")
        yield "The risks call for these too; no component can implement them, and none is blamed for their lack."
        yield from ("", *head("control", "score", "called for by", "against", right=frozenset({1})))
        for each in found[:LISTED]:
            titles = [plain(self.catalogs.threat[one].title) for one in each.threats]
            yield row(self._control(each.control), str(each.score), _few([code(one) for one in each.components]), _few(titles))
        yield from _rest(len(found), "control")

    def questions(self) -> Iterator[str]:
        """Yield what nobody answered."""
        found = self.profile.unanswered
        if not found:
            return
        yield from _heading("Open questions")
        yield f"Answers belong into {code('answers.yaml')} beside the model; until then each is taken as said here."
        yield from ("", *head("component", "question", "taken as"))
        for each in found[:LISTED]:
            yield row(code(each.component), plain(self.catalogs.threat[each.threat].question), "yes" if each.assumed else "no")
        yield from _rest(len(found), "question")


_ROLES: Final = {Role.COMPONENT: "component", Role.HOST: "machine"}


def _matrix(risks: Iterable[Risk]) -> Iterator[str]:
    count = Counter(cell(each.likelihood, each.impact) for each in risks)
    names = (("very low", "low", "medium"), ("low", "medium", "high"), ("medium", "high", "critical"))
    yield from ("", *head("impact ↓ likelihood →", *_BANDS))
    for number in (2, 1, 0):
        cells = (f"**{count[at, number]}** {names[number][at]}" if count[at, number] else "" for at in range(3))
        yield row(f"**{_BANDS[number]}**", *cells)


def _diagram(text: str) -> Iterator[str]:
    if text and len(text) <= _DIAGRAM and text.count("\n") <= _LINES:
        yield from (*_heading("The application"), "```mermaid", text.rstrip(), "```")


def _paths(found: AttackPaths, catalogs: Catalogs) -> Iterator[str]:
    if not found.paths and not found.unreached:
        return
    yield from _heading("Ways from the internet to data")
    for number, each in enumerate(found.paths[:_PATHS], 1):
        rated = f"likelihood {each.likelihood:.1f}, impact {each.impact:.1f}"
        yield f"{number}. {_strong(each.rating)} ({rated}, {each.data} data): {_way(each, catalogs)}"
    more = max(len(found.paths) - _PATHS, 0) + found.more
    if more:
        yield from ("", f"And {_count(more, 'way')} more.")
    if found.unreached:
        yield from ("", f"The model shows no way to {_few([code(each) for each in found.unreached])}.")


def _way(path: AttackPath, catalogs: Catalogs) -> str:
    hops = [
        f"{code(each.component)} ({plain(catalogs.threat[each.risk.threat].title)}, {each.risk.rating})"
        if each.risk
        else f"{code(each.component)} (anybody is there)"
        for each in path.hops
    ]
    if len(hops) > 2 * _NAMES:
        hops = [*hops[:_NAMES], f"… {len(hops) - 2 * _NAMES} more …", *hops[-_NAMES:]]
    return " → ".join(["internet", *hops])


def _reading(residual: ResidualProfile | None) -> Iterator[str]:
    yield from _heading("How to read this")
    yield "Likelihood and impact are means of factors from 0 to 9 (OWASP risk rating methodology): below 3 low, below 6 medium, else high."
    yield "Their place in the matrix is the rating. A control's score is that of the worst risk it answers: very low 1, low 3, medium 5,"
    yield "high 7, critical 9. A way is as likely as its least likely step."
    if residual:
        yield "What is left of a risk is its rating with the controls that are granted where the application is planned to run."


def _weight(found: list[Required]) -> tuple[int, int]:
    return -max(each.score for each in found), -sum(len(each.threats) for each in found)


def _often(found: list[Required]) -> list[ThreatId]:
    count = Counter(threat for each in found for threat in each.threats)
    return sorted(count, key=lambda each: (-count[each], each))


def _factor(factor: Factor) -> str:
    moved = factor.before is not None and factor.before != factor.value
    value = f"{factor.before} → {factor.value}" if moved else str(factor.value)
    reasons = "; ".join([factor.because, *(each.because for each in factor.moves if moved)])
    return f"{factor.name} **{value}**: {plain(reasons)}"


def _heading(text: str) -> Iterator[str]:
    yield from ("", f"## {text}", "")


def _strong(rating: Rating) -> str:
    return f"**{rating}**" if rating.score >= Rating.HIGH.score else str(rating)


def _few(written: list[str]) -> str:
    more = f" and {len(written) - _NAMES} more" if len(written) > _NAMES else ""
    return ", ".join(written[:_NAMES]) + more


def _rest(found: int, what: str) -> Iterator[str]:
    if found > LISTED:
        yield from ("", f"And {_count(found - LISTED, what)} more.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(parts: list[str]) -> str:
    return " and ".join(parts) or "nothing"
