"""The whole questionnaire: business impact once, then each component; every mistake is a finding at its very word."""

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

from musa_pipeline.domain.answers import Answers, ComponentAnswers, ControlAnswer, FactorAnswer, QuestionAnswer
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import ThreatId, control_key
from musa_pipeline.domain.metric import Slo
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.domain.threat import BUSINESS, FACTORS
from musa_pipeline.formats.answers.controls import read_control
from musa_pipeline.formats.answers.names import Names
from musa_pipeline.formats.answers.said import Said
from musa_pipeline.formats.answers.slos import read_slo
from musa_pipeline.text.expect import mapping_of, only, read_optional, value_of, way_out
from musa_pipeline.text.quantity import read_flag
from musa_pipeline.text.yaml import Mapping, Node

T = TypeVar("T")
ALL = "all"
_STRANGERS = 3
"""Fewer unknown components are misspelt ones."""
Whose: TypeAlias = Callable[[frozenset[str]], str]
"""The names of components -> the application that has most of them, '' if nobody knows."""
_PARTS = ("questions", "factors", "controls", "slos")


def nobody_knows(_names: frozenset[str]) -> str:
    """Return that no other model is known."""
    return ""


def read_answers(
    text: str, file: str, *, cpim: Cpim, catalogs: Catalogs, problems: Problems, whose: Whose = nobody_knows
) -> Answers:
    """Return what can be understood of the answers; sorted, so that the order of the file means nothing.

    `whose` tells which other model has components of some names, for a file that stands beside the wrong one.

    Codes: Q001 wrong shape, Q002 unknown key, Q003 component, Q004 threat, Q005 factor, Q006 value of a factor, Q007 neither
    yes nor no, Q008 control, Q009 control withdrawn, Q010 who implements it, Q011 answered twice, Q012 metric, Q013 bound,
    Q014 operator, Q015 alert on the wrong side, Q016 weight, Q017 answers for another model.
    """
    return _Reader(cpim, catalogs, problems, whose).read(read_optional(text, file, problems))


class _Reader:
    def __init__(self, cpim: Cpim, catalogs: Catalogs, problems: Problems, whose: Whose) -> None:
        self.catalogs, self.problems, self.whose = catalogs, problems, whose
        self.application, self.strange = cpim.name, False
        self.names = Names(cpim)

    def read(self, tree: Node | None) -> Answers:
        whole = mapping_of(tree, "answers.yaml", "Q001", self.problems)
        if whole is None:
            return Answers()
        only(whole, ("business", "components"), "answers.yaml", "Q002", self.problems)
        self._look_for_strangers(whole.get("components"))
        business = self._factors(whole.get("business"), None, BUSINESS, "'business'")
        parts = self._each(whole.get("components"), "'components'", self._component)
        unique = self._once(parts, lambda each: each.component, lambda each: f"component {each.component!r}")
        return Answers(business=tuple(business), components=tuple(sorted(unique, key=lambda each: each.component)))

    def _look_for_strangers(self, node: Node | None) -> None:
        """Tell once that a file is for another model, instead of each component that this one does not have."""
        named = node.keys if isinstance(node, Mapping) else {}
        strangers = [name for name in named if self.names.find(name) is None]
        self.strange = len(strangers) >= _STRANGERS and 2 * len(strangers) > len(named)
        if self.strange:
            fits = self.whose(frozenset(strangers))
            way = f"they fit {fits!r}: put the file beside that model" if fits else "name components that `musa model` shows"
            some = ", ".join(map(repr, strangers[:_STRANGERS])) + (" …" if len(strangers) > _STRANGERS else "")
            text = f"{len(strangers)} of {len(named)} components are none of {self.application!r}: {some}; these answers are for another model"
            self.problems.report("Q017", named[strangers[0]], text, help=way)

    def _each(self, node: Node | None, what: str, read: Callable[[str, Span, Node], Iterable[T]]) -> list[T]:
        mapping = mapping_of(node, what, "Q001", self.problems)
        if mapping is None:
            return []
        return [each for name, value in mapping for each in read(name, mapping.keys[name], value)]

    def _once(self, found: list[T], key: Callable[[T], object], what: Callable[[T], str]) -> list[T]:
        """Keep the first answer to each question; a name may be spelt in several ways."""
        kept: dict[object, T] = {}
        for each in found:
            first = kept.setdefault(key(each), each)
            if first is not each:
                at: Span = each.at  # type: ignore[attr-defined]
                place: Span = first.at  # type: ignore[attr-defined]
                self.problems.report("Q011", at, f"{what(each)} is answered twice", help=f"the first is at line {place.line}")
        return list(kept.values())

    def _component(self, name: str, at: Span, node: Node) -> Iterable[ComponentAnswers]:
        known = self.names.find(name)
        if known is None and self.strange:
            return
        if known is None:
            way = way_out(name, self.names.ids, "name a component of the model", self.problems)
            self.problems.report("Q003", at, f"the model has no component {name!r}", help=way)
            return
        answers = mapping_of(node, f"component {name!r}", "Q001", self.problems)
        if answers is None:
            return
        only(answers, _PARTS, f"component {name!r}", "Q002", self.problems)
        yield ComponentAnswers(
            component=known,
            questions=self._questions(answers.get("questions")),
            factors=tuple(self._each(answers.get("factors"), "'factors'", self._threat_factors)),
            controls=self._controls(answers.get("controls")),
            slos=self._slos(answers.get("slos")),
            at=at,
        )

    def _threat(self, name: str, at: Span, others: tuple[str, ...] = ()) -> ThreatId | None:
        if name in self.catalogs.threat:
            return ThreatId(name)
        known = [*others, *self.catalogs.threat]
        titled = self.catalogs.threat_titled.get(name.casefold())
        other = "`musa catalog list threats` shows the known ones"
        way = f"write its id, {titled}" if titled else way_out(name, known, other, self.problems)
        self.problems.report("Q004", at, f"no catalog has the threat {name!r}", help=way)
        return None

    def _questions(self, node: Node | None) -> tuple[QuestionAnswer, ...]:
        found = self._each(node, "'questions'", self._question)
        return tuple(sorted(found, key=lambda each: each.threat))

    def _question(self, name: str, at: Span, node: Node) -> Iterable[QuestionAnswer]:
        threat = self._threat(name, at)
        said = Said(node, "answer", f"the answer on {name!r}", self.problems)
        if said.node is None:
            return
        yes = read_flag(value_of(said.node))
        if yes is None:
            text = f"the answer on {name!r} is {said.form}, neither yes nor no"
            self.problems.report("Q007", said.node.at, text, help="write yes or no, or {answer: yes, because: ...}")
        elif threat:
            yield QuestionAnswer(threat=threat, yes=yes, because=said.because, at=at)

    def _threat_factors(self, name: str, at: Span, node: Node) -> Iterable[FactorAnswer]:
        threat = None if name == ALL else self._threat(name, at, (ALL,))
        found = self._factors(node, threat, FACTORS, repr(name))
        return found if threat or name == ALL else ()

    def _factors(self, node: Node | None, threat: ThreatId | None, known: tuple[str, ...], what: str) -> list[FactorAnswer]:
        def read(name: str, at: Span, value: Node) -> Iterable[FactorAnswer]:
            if name not in known:
                way = way_out(name, known, f"known here: {', '.join(known)}", self.problems)
                self.problems.report("Q005", at, f"{what} has no factor {name!r}", help=way)
            said = Said(value, "value", f"factor {name!r}", self.problems)
            number = value_of(said.node)
            if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= 9:
                if name in known:
                    yield FactorAnswer(factor=name, value=number, threat=threat, because=said.because, at=at)
            elif said.node is not None:
                text = f"factor {name!r} is {said.form}, its scale is 0 to 9"
                self.problems.report("Q006", said.node.at, text, help="write a whole number from 0 to 9")

        return sorted(self._each(node, what, read), key=lambda each: known.index(each.factor))

    def _controls(self, node: Node | None) -> tuple[ControlAnswer, ...]:
        def read(name: str, at: Span, value: Node) -> Iterable[ControlAnswer]:
            return read_control(name, at, value, self.catalogs, self.problems)

        found = self._each(node, "'controls'", read)
        unique = self._once(found, lambda each: each.control, lambda each: f"control {each.control!r}")
        return tuple(sorted(unique, key=lambda each: control_key(each.control)))

    def _slos(self, node: Node | None) -> tuple[Slo, ...]:
        def read(name: str, at: Span, value: Node) -> Iterable[Slo]:
            return read_slo(name, at, value, self.catalogs, self.problems)

        found = self._each(node, "'slos'", read)
        unique = self._once(found, lambda each: each.metric, lambda each: f"metric {each.metric!r}")
        return tuple(sorted(unique, key=lambda each: each.metric))
