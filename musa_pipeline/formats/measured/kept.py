"""`measured.yaml` beside the model, read: people's words on places and false alarms, and the evidence that was kept."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, TypeVar

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.evidence import Account, Bearing, Dossier, Evidence, EvidenceKind
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId, control_id, slug
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.measured.times import read_moment
from musa_pipeline.text.expect import form_of, mapping_of, only, read_optional, text_of, value_of, way_out
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

T = TypeVar("T")
_WHOLE: Final = ("map", "ignore", "as_of", "accounts", "evidence")
_ACCOUNT: Final = ("tool", "form", "series", "file", "time", "sha256", "found", "kept")
_ROW: Final = ("kind", "severity", "time", "tool", "series", "controls", "weaknesses", "techniques", "threats", "ids")
_LONGEST_ID: Final = 64


def read_measured(text: str, file: str, *, cpim: Cpim, catalogs: Catalogs, problems: Problems) -> Dossier:
    """Return what can be understood of the file; sorted, so that its order means nothing.

    Codes: E005 wrong shape, E006 unknown key, E007 unknown component, E008 unknown word, E009 no time, E010 the same finding twice.
    """
    return _Reader(cpim, catalogs, problems).read(read_optional(text, file, problems))


class _Reader:
    def __init__(self, cpim: Cpim, catalogs: Catalogs, problems: Problems) -> None:
        self.catalogs, self.problems = catalogs, problems
        self.components = {str(each.id): each.id for each in cpim.components}
        self.named = {each.name: each.id for each in cpim.components}
        self.seen: dict[tuple[str, str, str], Span] = {}

    def read(self, tree: Node | None) -> Dossier:
        whole = mapping_of(tree, "measured.yaml", "E005", self.problems)
        if whole is None:
            return Dossier()
        only(whole, _WHOLE, "measured.yaml", "E006", self.problems)
        places = [
            (name, found)
            for name, at, node in self._pairs(whole, "map")
            if (found := self._component(text_of(node), node.at or at))
        ]
        ignored = [(name, text_of(node)) for name, _, node in self._pairs(whole, "ignore")]
        evidence = [
            row
            for name, at, node in self._pairs(whole, "evidence")
            if (component := self._component(name, at))
            for each in self._list(node, f"the evidence of {name!r}")
            if (row := self._row(component, each))
        ]
        accounts = [read for each in self._list(whole.get("accounts"), "'accounts'") if (read := self._account(each))]
        return Dossier(
            as_of=self._day(whole.get("as_of")),
            places=tuple(sorted(places)),
            ignored=tuple(sorted(ignored)),
            accounts=tuple(sorted(accounts, key=lambda each: (each.tool, each.series, each.file, each.sha256))),
            evidence=tuple(sorted(evidence, key=lambda each: (each.component, each.ids))),
            at=whole.keys.get("as_of", whole.at),
        )

    def _pairs(self, whole: Mapping, key: str) -> Iterable[tuple[str, Span, Node]]:
        mapping = mapping_of(whole.get(key), repr(key), "E005", self.problems)
        return [(name, mapping.keys[name], node) for name, node in mapping] if mapping else ()

    def _list(self, node: Node | None, what: str) -> Iterable[Mapping]:
        if isinstance(node, Sequence):
            return [each for one in node if (each := mapping_of(one, f"an item of {what}", "E005", self.problems))]
        if node is not None and not (isinstance(node, Scalar) and node.value is None):
            self.problems.report(
                "E005", node.at, f"{what} must be a list, not {form_of(node)}", help="write `- {kind: ...}` lines"
            )
        return ()

    def _component(self, name: str, at: Span) -> ComponentId | None:
        found = self.components.get(name) or self.named.get(name) or self.components.get(slug(name)) if name else None
        if found is None:
            way = way_out(name, self.components, "name a component or machine of the model", self.problems)
            self.problems.report("E007", at, f"the model has no component {name!r}", help=way)
        return found

    def _day(self, node: Node | None) -> date | None:
        if node is None:
            return None
        try:
            return date.fromisoformat(text_of(node))
        except ValueError:
            self.problems.report("E009", node.at, f"'as_of' cannot be {form_of(node)}", help="write a day such as 2026-01-31")
            return None

    def _time(self, mapping: Mapping) -> int | None:
        node = mapping.get("time")
        moment = read_moment(text_of(node)) if node else None
        if moment is None:
            said = form_of(node) if node else "nothing"
            at = node.at if node else mapping.at
            self.problems.report("E009", at, f"'time' cannot be {said}", help='write a time such as "2026-01-31T12:00:00Z"')
            return None
        return int(moment)

    def _text(self, mapping: Mapping, key: str) -> str:
        node = mapping.get(key)
        if node is not None and not isinstance(node, Scalar):
            self.problems.report("E005", node.at, f"{key!r} must be text, not {form_of(node)}")
        return text_of(node)

    def _word(self, mapping: Mapping, key: str, make: Callable[[str], T], known: Iterable[str]) -> T | None:
        said = self._text(mapping, key)
        try:
            return make(said)
        except ValueError:
            words = list(map(str, known))
            node = mapping.get(key)
            way = way_out(said, words, f"one of {', '.join(words)}", self.problems)
            self.problems.report("E008", node.at if node else mapping.at, f"{key!r} cannot be {said!r}", help=way)
            return None

    def _texts(self, mapping: Mapping, key: str) -> list[Scalar]:
        node = mapping.get(key)
        listed = node.items if isinstance(node, Sequence) else [node] if node is not None else []
        for each in listed:
            if not isinstance(each, Scalar):
                self.problems.report("E005", each.at, f"{key!r} must be a list of words, not {form_of(each)}")
        return [each for each in listed if isinstance(each, Scalar)]

    def _account(self, said: Mapping) -> Account | None:
        only(said, _ACCOUNT, "an account", "E006", self.problems)
        time = self._time(said)
        found, kept = (value_of(said.get(key)) for key in ("found", "kept"))
        if time is None:
            return None
        return Account(
            tool=self._text(said, "tool"),
            form=self._text(said, "form"),
            series=self._text(said, "series"),
            file=self._text(said, "file"),
            time=time,
            sha256=self._text(said, "sha256"),
            found=found if isinstance(found, int) else 0,
            kept=kept if isinstance(kept, int) else 0,
            at=said.at,
        )

    def _row(self, component: ComponentId, said: Mapping) -> Evidence | None:
        only(said, _ROW, "evidence", "E006", self.problems)
        kind = self._word(said, "kind", EvidenceKind, EvidenceKind)
        severity = self._word(said, "severity", Rating, Rating)
        time = self._time(said)
        whose = (self._text(said, "tool"), self._text(said, "series"))
        ids = [each.text for each in self._texts(said, "ids") if self._first(whose, each)]
        if kind is None or severity is None or time is None or not ids:
            return None
        return Evidence(
            component=component,
            kind=kind,
            severity=severity,
            time=time,
            tool=self._text(said, "tool"),
            series=self._text(said, "series"),
            bearing=self._bearing(said),
            ids=tuple(sorted(ids)),
            at=said.at,
        )

    def _first(self, whose: tuple[str, str], name: Scalar) -> bool:
        key = (*whose, name.text)
        if first := self.seen.get(key):  # an alias repeats a finding at its very place
            said = f"finding {name.text[:_LONGEST_ID]!r} is here twice"
            self.problems.report("E010", name.at, said, help=f"the first is at line {first.line}")
            return False
        self.seen[key] = name.at
        return True

    def _bearing(self, said: Mapping) -> Bearing:
        controls: list[ControlId] = []
        for each in self._texts(said, "controls"):
            found = control_id(each.text)
            if found in self.catalogs.control:
                controls.append(ControlId(str(found)))
            else:
                self.problems.report(
                    "E008", each.at, f"there is no control {each.text!r}", help="`musa catalog list controls` shows them"
                )
        threats: list[ThreatId] = []
        for each in self._texts(said, "threats"):
            if each.text in self.catalogs.threat:
                threats.append(ThreatId(each.text))
            else:
                way = way_out(each.text, self.catalogs.threat, "`musa catalog list threats` shows the known ones", self.problems)
                self.problems.report("E008", each.at, f"no catalog has the threat {each.text!r}", help=way)
        return Bearing(
            controls=tuple(sorted(set(controls))),
            weaknesses=tuple(sorted({each.text for each in self._texts(said, "weaknesses")})),
            techniques=tuple(sorted({each.text for each in self._texts(said, "techniques")})),
            threats=tuple(sorted(set(threats))),
        )
