"""Elements of XMI to the statements that CAMEL text would have, references already led to what they mean."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.formats.camel.meanings import a, expected, title
from musa_pipeline.formats.camel.names import Named, Names
from musa_pipeline.formats.camel.statements import shapes, statement
from musa_pipeline.formats.camel.xmi.links import Links
from musa_pipeline.formats.camel.xmi.marks import Marks
from musa_pipeline.formats.camel.xmi.table import Class, Feature
from musa_pipeline.formats.camel.xmi.tree import Element
from musa_pipeline.formats.camel.xmi.values import EXPECTED, fits, quoted, value
from musa_pipeline.text.commands import holds_secret

_DEEPEST: Final = 150
"""Elements within elements over all files."""
_QUIET: Final = "quiet"
_UNREAD: Final = "Other"
"""The class of what is known and never read."""
_MOST_UNKNOWN: Final = 100
"""Features and classes that are not known and told one by one."""
_NAMELESS: Final = frozenset({"InternalComponent", "VM", "External", "Software", "Container", "Platform"})
_LAST_WORD: Final = re.compile(r"[A-Z]?[^A-Z]*$")
_XMI: Final = ("xmi:", "xsi:", "xmlns", "xml:")
Hook = Callable[["Builder", Any, Element], list[Any]]
"""Adds to a statement what its element says in another way; returns what stands beside it."""


@dataclass(slots=True, eq=False)
class _Pending:
    """A reference whose target may not be read yet."""

    ref: Any
    element: Element
    attribute: str
    said: str
    whole: str
    target: Element | None = None


class Builder:
    """Walks over the elements of a model with the table of its dialect, and adds statements to the names."""

    def __init__(
        self, table: dict[str, Class], hooks: dict[str, Hook], names: Names, marks: Marks, links: Links, problems: Problems
    ) -> None:
        self.table, self.hooks, self.names, self.marks, self.links, self.problems = table, hooks, names, marks, links, problems
        self.used: set[tuple[Element, str]] = set()
        self._entered: set[Element] = set()
        self._pending: list[_Pending] = []
        self._orphans: list[tuple[Any, Any]] = []
        self._unknown: dict[tuple[str, str], tuple[Element, str, int]] = {}

    def read(self, root: Element, declared: str) -> None:
        """Read a root element and all that is in it."""
        self._add(self._statements(root, declared, self.names.root, 0)[1], self.names.root)

    def finish(self) -> None:
        """Lead every reference to what it means, and tell what could not be understood."""
        for inner, outer in self._orphans:
            if hasattr(outer, "named"):
                self.names.add(inner, outer.named)
        for each in self._pending:
            self._resolve(each)
        self._tell_unknown()
        self.links.tell_absent()

    def _tell_unknown(self) -> None:
        for index, ((kind, feature), (element, attribute, count)) in enumerate(self._unknown.items()):
            at = element.document.at(element, attribute)
            if index == _MOST_UNKNOWN:
                said = f"{len(self._unknown) - index} more features are not known; they are left out"
                self.problems.warn("K064", at, said, help="is this a camel model?")
                return
            times = f" ({count} times)" if count > 1 else ""
            if feature:
                said = f"{kind} has no feature {_short(feature)!r} that is known{times}; it is left out"
                help_ = near(feature, self.table[kind].features)
            else:
                said = f"class {_short(kind)!r} is not known{times}; it is read as what stands around it expects"
                help_ = near(kind, self.table)
            self.problems.warn("K064", at, said, help=help_)

    def reference(self, element: Element, attribute: str, said: str, whole: str = "") -> Any:
        """Return a reference that is resolved in the end; `whole` is the attribute's text, where it may be one id with blanks."""
        ref = statement("Ref", self.marks.mark(element, attribute), path=said)
        self._pending.append(_Pending(ref, element, attribute, said, whole or said))
        return ref

    def made_up(self, element: Element, made: Any) -> Any:
        """Return a reference to a statement that no element of its own says."""
        there = Element(element.tag, {}, element.up, element.document)
        there.named = made
        ref = statement("Ref", self.marks.mark(element), path=element.tag)
        self._pending.append(_Pending(ref, element, "", "", "", there))
        return ref

    def within(self, inner: Any, outer: Any) -> None:
        """Add a statement that its grammar does not have within the other, where it is in XMI."""
        self._orphans.append((inner, outer))

    def _add(self, found: list[Any], scope: Named) -> None:
        for each in found:
            self.names.add(each, scope)

    def _statements(
        self, element: Element, declared: str, scope: Named, depth: int, *, attached: bool = False
    ) -> tuple[Any, list[Any]]:
        """Return the statement of an element, if it has one, and all that stand beside those around it."""
        if element in self._entered or depth > _DEEPEST:
            self.problems.report(
                "K068", self.marks.at(self.marks.mark(element)), "this is contained twice, or in itself", help="contain it once"
            )
            return None, []
        self._entered.add(element)
        known = self._class(element, declared, attached=attached)
        if known.rule == ".":
            return None, []
        if known.rule.startswith("="):
            part = known.rule[1:]
            name = next((element.attributes[each] for each in known.names if element.attributes.get(each)), "")
            made = self.names.model(part, name or f"{element.tag}.{_index(element)}", self.marks.mark(element))
            element.named = made
            _, beside = self._fill(None, element, known, made, depth)
            self._add(beside, made)
            return None, []
        if known.rule == "-":
            return self._fill(None, element, known, scope, depth)
        made = statement(known.rule, self.marks.mark(element))
        element.named = made
        if "name" in shapes()[known.rule] and known.names != ("",):
            made.name = quoted(self._name(element, known))
        _, beside = self._fill(made, element, known, scope, depth)
        hook = self.hooks.get(known.name)
        return made, [*beside, *hook(self, made, element)] if hook else beside

    def _name(self, element: Element, known: Class) -> str:
        name = next((element.attributes[each] for each in known.names if element.attributes.get(each, "").strip()), "")
        if not name and known.rule in _NAMELESS:
            said = f"{a(title(known.rule))} without a name"
            self.problems.warn(
                "K069", element.document.at(element), said, help="give it a name: findings and plans speak of it by that"
            )
        return name or f"{element.tag}.{_index(element)}"

    def _class(self, element: Element, declared: str, *, attached: bool) -> Class:
        """Return the class of an element; one that is part of a statement can only be of the kind that belongs there."""
        kind, expects = element.kind, self.table[declared]
        if kind and kind not in self.table and expects.rule != ".":
            self._tell(kind, "", element, "xsi:type")
        known = self.table.get(kind, expects)
        if attached and expects.rule != "-" and _family(known.rule) != _family(expects.rule):
            text = f"{a(title(known.rule))} stands where {a(title(expects.rule))} is expected, and is read as that"
            self.problems.warn("K066", element.document.at(element, "xsi:type"), text, help="take the xsi:type away")
            return expects
        return known

    def _fill(self, made: Any, element: Element, known: Class, scope: Named, depth: int) -> tuple[Any, list[Any]]:
        """Give a statement what its element says; return it, and what stands beside it."""
        beside: list[Any] = []
        for attribute, said in element.attributes.items():
            feature = known.features.get(attribute)
            if feature:
                beside += self._say(made, element, attribute, feature, said)
            elif attribute not in known.names and attribute not in ("href", "name") and not attribute.startswith(_XMI):
                self._tell(known.name, attribute, element, attribute)
        for part in element.parts:
            feature = known.features.get(part.tag)
            if feature is None:
                self._tell(known.name, part.tag, part, "")
            elif feature.sign == "+":
                beside += self._contain(made, part, feature, scope, depth)
            elif "href" in part.attributes or "xmi:idref" in part.attributes:
                attribute = "href" if "href" in part.attributes else "xmi:idref"
                if feature.to:
                    self.used.add((part, attribute))
                    beside += self._refer(made, part, attribute, feature, part.attributes[attribute])
            elif part.text:
                beside += self._say(made, part, "", feature, part.text)
        if made is not None:
            self._left_out(made, element, known)
        return made, beside

    def _left_out(self, made: Any, element: Element, known: Class) -> None:
        """Give a statement the values that XMI does not write because they are the usual ones; tell what must be there."""
        for feature in known.features.values():
            if not feature.rest or getattr(made, feature.to, True) not in (None, []):
                continue
            if feature.sign and feature.rest == _QUIET:
                self._set(made, feature.to, statement("Ref", self.marks.mark(element), path=feature.name))
            elif feature.sign:
                said = f"{a(title(known.rule))} without {feature.name!r}; it is left out"
                self.problems.warn("K069", element.document.at(element), said, help=f"say its {feature.name}")
                self._set(made, feature.to, statement("Ref", self.marks.mark(element), path=feature.name))
            elif feature.name not in element.attributes:
                self._set(
                    made, feature.to, value(feature.rest.removeprefix("-") if not feature.form else feature.rest, feature.form)
                )

    def _contain(self, made: Any, part: Element, feature: Feature, scope: Named, depth: int) -> list[Any]:
        if feature.inner == _UNREAD:
            return []
        self.used.add((part, "href"))
        target = self.links.follow(part)
        if target is None:
            if not self.links.leads_away(part.attributes["href"]):
                self._nowhere(part, "href", part.attributes["href"], Severity.ERROR)
            return []
        inner, beside = self._statements(target, feature.inner, scope, depth + 1, attached=bool(feature.to and made))
        if inner is None:
            return beside
        if feature.to and made is not None:
            if feature.to in shapes()[type(made).__name__]:
                self._set(made, feature.to, inner)
            else:
                self.within(inner, made)
            return beside
        return [inner, *beside]

    def _say(self, made: Any, element: Element, attribute: str, feature: Feature, said: str) -> list[Any]:
        """Give a statement one value, reference or command."""
        if feature.sign in (">", "^"):
            self.used.add((element, attribute))
            found: list[Any] = []
            for token in said.split():
                found += self._refer(made, element, attribute, feature, token, said)
            return found
        if made is None or feature.sign == "+" or (not feature.to and feature.sign != "!"):
            return []
        at = self.marks.mark(element, attribute)
        if feature.sign == "!":
            made.commands.append(statement("Command", at, operation=feature.inner, run=quoted(said)))
        elif feature.form == "range":
            self._range(made, element, feature)
        elif feature.form == "described":
            self._set(made, feature.to, statement("Described", at, text=quoted(said)))
        elif not fits(said, feature.form):
            shown = repr(said) if len(said) < 100 and not holds_secret(said) else "this"
            self.problems.report("K069", self.marks.at(at), f"{shown} is not {EXPECTED[feature.form]}")
            if feature.rest:
                self._set(made, feature.to, value(feature.rest, feature.form))
        else:
            self._set(made, feature.to, value(said, feature.form))
        return []

    def _range(self, made: Any, element: Element, feature: Feature) -> None:
        bounds = []
        for attribute in feature.bounds:
            said = element.attributes.get(attribute, "").strip()
            if said and not fits(said, "number"):
                at = element.document.at(element, attribute)
                self.problems.report("K069", at, f"{said[:100]!r} is not {EXPECTED['number']}")
                said = ""
            bounds.append(said)
        low, high = bounds
        self._set(made, feature.to, statement("Range", self.marks.mark(element), low=low or "0", high=high or None))

    def _refer(self, made: Any, element: Element, attribute: str, feature: Feature, said: str, whole: str = "") -> list[Any]:
        ref = self.reference(element, attribute, said, whole)
        if feature.sign == "^":
            return [statement(feature.inner, self.marks.mark(element, attribute), **{feature.to: ref})]
        if made is not None and feature.to:
            self._set(made, feature.to, ref)
        return []

    def _set(self, made: Any, attribute: str, said: Any) -> None:
        several = shapes()[type(made).__name__].get(attribute)
        if several is None:
            return  # text of this dialect has no words for it
        if several:
            getattr(made, attribute).append(said)
        else:
            setattr(made, attribute, said)

    def _resolve(self, pending: _Pending) -> None:
        meant = getattr(pending.ref, "meant", None)
        if meant is None:
            return  # of a statement that was left out
        element = pending.element

        def where() -> Any:
            return element.document.at(element, pending.attribute)

        found = pending.target or self.links.find(element.document, pending.said, where)
        if found is None and pending.whole != pending.said and "//" not in pending.whole:
            found = self.links.find(element.document, pending.whole, where)
        if found is not None:
            found = self.links.follow(found)
        if found is None:
            meant.path = _shown(pending.said)
            if not self.links.leads_away(pending.said):
                severity = Severity.ERROR if meant.kinds else Severity.WARNING
                self._nowhere(element, pending.attribute, pending.said, severity)
            return
        named = found.named if isinstance(found.named, Named) or found.named is None else found.named.named
        if named is None:
            return  # it is there, and not read
        meant.path = named.path
        if meant.kinds and named.kind not in meant.kinds:
            said = f"{named.name!r} is {a(title(named.kind))}, where {expected(meant.kinds)} is expected"
            self.problems.report("K066", where(), said, help="lead it to what it is meant for")
            return
        meant.target = named

    def _nowhere(self, element: Element, attribute: str, said: str, severity: Severity) -> None:
        at = element.document.at(element, attribute)
        text = f"{_shown(said)!r} leads to nothing in this model"
        self.problems.report("K065", at, text, help="export the model anew, or mend the reference", severity=severity)

    def nowhere(self, element: Element, attribute: str, said: str) -> None:
        """Warn of a reference that leads nowhere and that we have no use for."""
        self._nowhere(element, attribute, said, Severity.WARNING)

    def _tell(self, kind: str, feature: str, element: Element, attribute: str) -> None:
        first, its, count = self._unknown.get((kind, feature)) or (element, attribute, 0)
        self._unknown[(kind, feature)] = (first, its, count + 1)


def _index(element: Element) -> int:
    beside = element.up.parts if element.up else []
    return next((index for index, each in enumerate(beside) if each is element), 0)


def _family(rule: str) -> str:
    """Return the last word of a rule: a script configuration and a cluster configuration are of one family."""
    return "Attribute" if rule == "Certifiable" else _LAST_WORD.search(rule)[0]  # type: ignore[index]


def _short(word: str) -> str:
    return word if len(word) <= 60 else f"{word[:60]}…"


def _shown(said: str) -> str:
    """Return a reference as it may be shown: an address can hold a password."""
    return said[:200] if not holds_secret(said) else "an address"
