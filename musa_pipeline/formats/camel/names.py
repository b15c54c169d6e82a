"""Names of a CAMEL model and what its references mean: a reference fits a name by its last parts, from inner to outer scope."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.lexing import Places
from musa_pipeline.formats.camel.meanings import COMPONENTS, EXPECTED, a, expected, title
from musa_pipeline.formats.camel.statements import Statement

LONGEST: Final = 1_000
"""Characters of a reference that count."""
_SUGGESTIONS: Final = 20
"""References that get a did-you-mean; looking for one is slow among many names, and nobody reads the hundredth."""


@dataclass(slots=True, eq=False)
class Named:
    """Anything that has a name, and what is named within it; `node` is its statement, None for a sub-model."""

    name: str
    kind: str
    at: int
    up: "Named | None" = None
    node: Any = None
    within: dict[str, list["Named"]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Its name with those around it, joined by dots."""
        return f"{self.up.path}.{self.name}" if self.up else self.name


@dataclass(slots=True, eq=False)
class Reference:
    """A reference as written: where, from within which name, and what it means if that is clear."""

    path: str
    at: Span
    scope: Named
    kinds: frozenset[str]
    target: Named | None = None


class Names:
    """Every name and reference of one model. `add` takes statements as they are read, `resolve` comes after all of them."""

    def __init__(self, root: Named, places: Places, problems: Problems) -> None:
        self.root, self.places, self.problems = root, places, problems
        self.references: list[Reference] = []
        self._by_end: dict[str, list[Named]] = defaultdict(list)
        self._fitting: dict[tuple[str, frozenset[str]], list[Named]] = {}
        self._suggested = 0
        self.lost: set[str] = set()  # names that stand where an error kept us from reading
        self.whole = True
        self.lenient = False  # whether what nothing is made of may mean nothing
        self.absent: set[str] = set()  # models that are not here
        self.statements: dict[str, list[Any]] = defaultdict(list)
        self._enter(root)

    def model(self, part: str, name: str, at: int, root: Named | None = None) -> Named:
        """Add a sub-model of this camel model, or of one that it imports."""
        return self._enter(Named(name, f"{part.rstrip('3')} model", at, root or self.root))

    def imported(self, name: str, at: int) -> Named:
        """Add another camel model, whose names mean something in this one."""
        return self._enter(Named(name, "camel model", at))

    def unknown_models(self) -> dict[str, Reference]:
        """Return the first reference to each model that nothing here is called after."""
        found: dict[str, Reference] = {}
        for each in self.references:
            first, _, rest = each.path.partition(".")
            if rest and first not in found and first not in self._by_end and not self._fits(each):
                found[first] = each
        self._fitting.clear()  # what is read next may have what was missing
        return found

    def has(self, name: str) -> bool:
        """Tell whether anything is called so."""
        return name in self._by_end

    def _fits(self, reference: Reference) -> bool:
        return bool(self._inward(reference) or self._ending(reference))

    def add(self, node: Any, scope: Named) -> None:
        """Add a statement: all of its parts get `named`, every reference its `meant`."""
        waiting = deque([(node, scope)])
        while waiting:
            each, around = waiting.popleft()
            kind = type(each).__name__
            name = getattr(each, "name", None)
            inner = around
            if isinstance(name, str) and name and kind != "Data":
                inner = self._enter(Named(unquoted(name), kind, each.at, around, each))
            each.named = inner
            self.statements[kind].append(each)
            expected = EXPECTED.get(kind, {})
            for attribute in each.said:
                for child in _objects(getattr(each, attribute)):
                    if type(child).__name__ == "Ref":
                        self._refer(child, inner, expected.get(attribute, frozenset()))
                    else:
                        waiting.append((child, inner))

    def resolve(self) -> None:
        """Find what every reference means; report those that mean nothing, or too much."""
        self._fitting.clear()
        for each in self.references:
            each.target = self._meant(each)

    def _enter(self, named: Named) -> Named:
        self._by_end[named.name].append(named)
        if named.up:
            beside = named.up.within.setdefault(named.name, [])
            if any(each.kind == named.kind for each in beside):
                where = self.places.at(named.at)
                text = f"a second {title(named.kind)} is called {named.name!r}"
                severity = Severity.WARNING if self.lenient and named.kind not in COMPONENTS else Severity.ERROR
                self.problems.report("K012", where, text, help="name it otherwise", severity=severity)
                return named
            beside.append(named)
            self._by_end[f"{named.up.name}.{named.name}"].append(named)
        return named

    def _refer(self, node: Any, scope: Named, kinds: frozenset[str]) -> None:
        written = node.path
        path = ".".join(part.strip().lstrip("^") for part in written.split("."))[:LONGEST]
        node.meant = Reference(path, self.places.at(node.at, len(written)), scope, kinds)
        self.references.append(node.meant)

    def _meant(self, reference: Reference) -> Named | None:
        found = self._inward(reference) or self._ending(reference)
        if len(found) == 1:
            return found[0]
        if found:
            said = " and ".join(repr(each.path) for each in sorted(found, key=lambda each: each.at)[:2])
            self.problems.report(
                "K011", reference.at, f"{reference.path!r} may mean {said}", help="write more of the name, from its model on"
            )
            return None
        if self.whole and reference.path.rpartition(".")[2] not in self.lost and not self.is_absent(reference):
            self._dangling(reference)
        return None

    def is_absent(self, reference: Reference) -> bool:
        """Tell whether a reference leads into a model that is not here."""
        return "." in reference.path and reference.path.partition(".")[0] in self.absent

    def _inward(self, reference: Reference) -> list[Named]:
        scope: Named | None = reference.scope
        parts = reference.path.split(".")
        while scope:
            found = [each for each in _descend(scope, parts) if not reference.kinds or each.kind in reference.kinds]
            if found:
                return found[:1] if not reference.kinds else found
            scope = scope.up
        return []

    def _ending(self, reference: Reference) -> list[Named]:
        key = (reference.path, reference.kinds)
        if key not in self._fitting:
            end = ".".join(reference.path.split(".")[-2:])
            found = [each for each in self._by_end.get(end, []) if not reference.kinds or each.kind in reference.kinds]
            if reference.path != end:
                found = [each for each in found if f".{each.path}".endswith(f".{reference.path}")]
            self._fitting[key] = found if reference.kinds else found[:1]
        return self._fitting[key]

    def _dangling(self, reference: Reference) -> None:
        last = reference.path.rpartition(".")[2]
        others = self._by_end.get(last, [])
        fitting = [each for each in others if not reference.kinds or each.kind in reference.kinds]
        wanted = expected(reference.kinds)
        severity = Severity.WARNING if self.lenient and not self._matters(reference) else Severity.ERROR
        if others and not fitting:
            text = f"{reference.path!r} is {a(title(others[0].kind))}, where {wanted} is expected"
            self.problems.report("K010", reference.at, text, severity=severity)
            return
        text = f"{reference.path!r} means nothing in this model"
        self.problems.report("K010", reference.at, text, help=self._similar(reference, last, fitting), severity=severity)

    def _matters(self, reference: Reference) -> bool:
        """Tell whether something of the model would be lost with what a reference means."""
        first = self._by_end.get(reference.path.partition(".")[0], [])
        return bool(reference.kinds) and not any(each.up is None and each is not self.root for each in first)

    def _similar(self, reference: Reference, last: str, fitting: list[Named]) -> str:
        self._suggested += 1
        found = ""
        if fitting:
            found = near(reference.path, [f"{each.up.name}.{each.name}" for each in fitting[:_SUGGESTIONS] if each.up])
        elif self._suggested <= _SUGGESTIONS:
            named = (each for several in self._by_end.values() for each in several)
            found = near(last, sorted({each.name for each in named if not reference.kinds or each.kind in reference.kinds}))
        wanted = expected(reference.kinds)
        return found or (f"{wanted} is expected" if wanted else "")


def unquoted(text: str) -> str:
    r"""Return a text as meant: without quotes and escapes.

    >>> unquoted("'it\\'s'"), unquoted("plain")
    ("it's", 'plain')
    """
    if text[:1] not in ("'", '"'):
        return text.removeprefix("^")
    escapes = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
    said: list[str] = []
    letters = iter(text[1:-1])
    for letter in letters:
        if letter == "\\":
            following = next(letters, "")
            said.append(escapes.get(following, following))
        else:
            said.append(letter)
    return "".join(said)


def _descend(scope: Named, parts: list[str]) -> list[Named]:
    here = scope.within.get(parts[0], [])
    if len(parts) == 1:
        return here
    found = [deeper for each in here for deeper in _descend(each, parts[1:])]
    return found or scope.within.get(".".join(parts), [])


def _objects(value: Any) -> Iterator[Any]:
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, Statement):
            yield each
