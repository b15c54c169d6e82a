"""Values as far as the file itself decides them: inputs, properties, functions of them; everything else is unknown.

TOSCA 1.3, section 4; TOSCA 2.0, section 10. What only a deployment can tell stays an expression.
"""

from typing import Final, NamedTuple, Protocol, TypeAlias

from musa_pipeline.formats.tosca import operators
from musa_pipeline.formats.tosca.p1_read import Findings, word
from musa_pipeline.text.commands import is_secret
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, plain

_DEEPEST: Final = 70
_MOST: Final = 500_000
"""Function calls evaluated in one run; each place is evaluated once for each template, so that honest models need few."""
_LONGEST: Final = 10_000
_LONGEST_EXPRESSION: Final = 200
_PARTS: Final = 200
_DEPLOYED: Final = frozenset({"get_operation_output", "get_secret", "get_env", "get_ensemble_metadata", "get_dir"})
_EVALUATING: Final = frozenset({"eval", "vars", "select", "foreach", "trace", "strict"})
"""An expression of Unfurl, and what may stand beside it; only a deployment knows its value."""
_REFERRING: Final = frozenset({"get_input", "get_property", "get_attribute", "get_artifact", "get_nodes_of_type"}) | _DEPLOYED
_MAKING: Final = frozenset({"concat", "join", "token"})
KEYWORDS: Final = frozenset({"SELF", "HOST", "SOURCE", "TARGET", "ORCHESTRATOR"})


class Ends(NamedTuple):
    """Where a relationship's own values stand: its source and target, and what SELF means there."""

    source: str
    target: str
    properties: Mapping


Me: TypeAlias = str | Ends
"""The template that SELF means, or the relationship."""


class Around(Protocol):
    """What functions ask of the topology; names of templates are full names, '' means none."""

    def input(self, name: str, me: str) -> tuple[Node | None, str]:
        """Return the value of an input of the topology that `me` is in, and whose SELF it speaks of."""

    def find(self, name: str, me: str) -> str:
        """Return the template that a name means where `me` is."""

    def raw(self, template: str, name: str) -> Node | None:
        """Return a property as written, else its type's default."""

    def raw_attribute(self, template: str, name: str) -> Node | None:
        """Return an attribute as written."""

    def raw_capability(self, template: str, capability: str, name: str) -> Node | None:
        """Return a property of a capability as written, else its type's default."""

    def raw_offered(self, template: str, name: str) -> Node | None:
        """Return a property of the only one of its capabilities that has it, as written or by default."""

    def met(self, template: str, requirement: str) -> tuple[str, str, Mapping] | None:
        """Return the template, its capability and the relationship's properties that a requirement leads to."""

    def host(self, template: str) -> str:
        """Return what a template runs on."""

    def of_type(self, written: str) -> list[str]:
        """Return the templates of a type."""

    def artifact(self, template: str, name: str) -> Node | None:
        """Return an artifact of a template or of its type."""


def function_of(node: Node | None) -> str:
    """Return the name of the function that a node calls, without `$`; '' if it is plain data."""
    if not isinstance(node, Mapping):
        return ""
    if "eval" in node.entries and node.entries.keys() <= _EVALUATING:
        return "eval"
    if len(node.entries) != 1:
        return ""
    [(name, argument)] = node.entries.items()
    if name.startswith("$$"):
        return ""
    if name.startswith("$"):
        return name[1:]
    if name in _MAKING:
        return name if isinstance(argument, Sequence) else ""
    return name if name in _REFERRING and not isinstance(argument, Mapping) else ""


def expression(node: Node | None) -> str:
    """Return a value as one line of YAML in flow style, cut where it is long."""
    text = _flow(node, [_PARTS])
    return text if len(text) <= _LONGEST_EXPRESSION else text[: _LONGEST_EXPRESSION - 1] + "…"


class Values:
    """Evaluates the functions on one topology; None is unknown."""

    def __init__(self, around: Around, findings: Findings) -> None:
        self.around, self.findings = around, findings
        self._left, self._depth, self._cut = _MOST, 0, False
        self._known: dict[tuple[int, str, str], Node | None] = {}
        self._open: set[tuple[int, str, str]] = set()
        self._kept: list[Node] = []

    def node(self, node: Node | None, me: Me = "") -> Node | None:
        """Return what a function stands for, other nodes as they are."""
        if not isinstance(node, Mapping) or (
            len(node.entries) != 1 and "eval" not in node.entries
        ):  # nearly all: no call is made for what is plain
            return node
        name = function_of(node)
        if not name:
            return node
        key = (id(node), me, "") if isinstance(me, str) else (id(node), me.source, me.target)
        if key in self._known:
            return self._known[key]
        self._left -= 1
        if key in self._open:
            if name == "get_attribute":  # a deployment knows it, and it may start as the property of its name
                return None
            text = f"{expression(node)} leads back to itself; its value is unknown"
            report = self.findings.warn if name == "get_input" else self.findings.fault  # a value may be given from outside
            report("T062", node.at, text, "end the circle at a value")
            return None
        if self._depth >= _DEEPEST or self._left < 0:
            self._cut = True
            return None
        self._open.add(key)
        self._depth += 1
        try:
            found = self._call(name, next(iter(node.entries.values())), node, me)
        finally:
            self._depth -= 1
            self._open.discard(key)
        if not self._cut:  # from nearer to its end, the same chain may be short enough
            self._known[key] = found
        self._cut = self._cut and self._depth > 0
        return found

    def scalar(self, node: Node | None, me: Me = "") -> Scalar | None:
        """Return the scalar a node stands for; None if it is none, or unknown."""
        found = node if node is None or isinstance(node, Scalar) else self.node(node, me)
        return found if isinstance(found, Scalar) and found.value is not None else None

    def text(self, node: Node | None, me: Me = "") -> str:
        """Return the text a node stands for; '' if unknown."""
        found = self.scalar(node, me)
        return found.text if found else ""

    def deep(self, node: Node | None, me: Me = "", depth: int = 0) -> Node | None:
        """Return a node with every function in it evaluated; what is unknown is left out."""
        found = self.node(node, me)
        if depth > _DEEPEST or not isinstance(found, Mapping | Sequence):
            return found
        if isinstance(found, Sequence):
            parts = [self.deep(each, me, depth + 1) for each in found.items]
            return Sequence([each for each in parts if each is not None], found.at)
        inner = {name: self.deep(value, me, depth + 1) for name, value in found}
        return Mapping({name: value for name, value in inner.items() if value is not None}, found.keys, found.at)

    def plain(self, node: Node | None, me: Me = "") -> operators.Plain:
        """Return the plain value of a node; None if any part of it is unknown."""
        if not self._decided(node, me, 0):
            return None
        return plain(self.deep(node, me))

    def _decided(self, node: Node | None, me: Me, depth: int) -> bool:
        found = self.node(node, me)
        if found is None or depth > _DEEPEST:
            return False
        parts = found.items if isinstance(found, Sequence) else found.entries.values() if isinstance(found, Mapping) else ()
        return all(self._decided(each, me, depth + 1) for each in parts)

    def _call(self, name: str, argument: Node, node: Mapping, me: Me) -> Node | None:
        match name:
            case "get_input" | "get_property" | "get_attribute" if self._is_secret(argument, me):
                return None  # a password goes nowhere, neither into a finding nor into what is derived
            case "get_input":
                return self._input(argument, me)
            case "get_property" | "get_attribute":
                return self._property(argument, me, attribute=name == "get_attribute")
            case "get_artifact":
                return self._artifact(argument, me)
            case "get_nodes_of_type":
                names = self.around.of_type(self.text(argument, me))
                return Sequence([Scalar(each, each, argument.at) for each in names], argument.at)
            case "concat" | "join":
                return self._concat(argument, me)
            case "token":
                return self._token(argument, me)
            case _ if name in operators.NAMES:
                given = argument.items if isinstance(argument, Sequence) else [argument]
                return self._made(operators.call(name, [self.plain(each, me) for each in given]), node)
        return None

    def _is_secret(self, argument: Node, me: Me) -> bool:
        path = [self._step(each, me) for each in _items(argument)]
        return bool(path) and is_secret(path[-1])

    def _input(self, argument: Node, me: Me) -> Node | None:
        path = _items(argument)
        name = self.text(path[0], me) if path else ""
        value, whose = self.around.input(name, _self(me))
        return self._walk(value, path[1:], whose, me)

    def _walk(self, value: Node | None, path: list[Node], whose: Me, me: Me) -> Node | None:
        """Return what stands below keys and places of a list; the value speaks of `whose` SELF, the path of mine."""
        value = self.node(value, whose)
        for each in path:
            key = self.scalar(each, me)
            if key is None:
                return None
            if isinstance(value, Mapping):
                value = self.node(value.get(key.text), whose)
            elif isinstance(value, Sequence) and isinstance(key.value, int) and 0 <= key.value < len(value.items):
                value = self.node(value.items[key.value], whose)
            else:
                return None
        return value

    def _property(self, argument: Node, me: Me, *, attribute: bool) -> Node | None:
        path = _items(argument)
        if len(path) < 2:
            return None
        entity, rest = self.text(path[0], me), path[1:]
        if isinstance(me, Ends):
            if entity == "SELF":
                return self._walk(me.properties, rest, me, me)
            if entity in {"SOURCE", "TARGET"}:
                return self._of(me.source if entity == "SOURCE" else me.target, rest, me, attribute, 0)
        if entity == "HOST":
            return self._of_host(_self(me), rest, me, attribute)
        return self._of(_self(me) if entity == "SELF" else self.around.find(entity, _self(me)), rest, me, attribute, 0)

    def _of_host(self, name: str, path: list[Node], me: Me, attribute: bool) -> Node | None:
        """Search upwards from the host of a template until one knows the property (TOSCA 1.3, section 4.1)."""
        seen: set[str] = set()
        while (name := self.around.host(name)) and name not in seen and len(seen) < _DEEPEST:
            seen.add(name)
            if (found := self._of(name, path, me, attribute, 0)) is not None:
                return found
        return None

    def _of(self, name: str, path: list[Node], me: Me, attribute: bool, steps: int) -> Node | None:
        """Return a property of a template, of one of its capabilities, or of what one of its requirements leads to."""
        if not name or not path or steps > _DEEPEST:
            return None
        first, rest = self._step(path[0], me), path[1:]
        if first in {"CAPABILITY", "RELATIONSHIP"} and rest:
            first, rest = self._step(rest[0], me), rest[1:]
            if not rest:  # TOSCA 2.0, 8.5: in a filter, a property of the capability that the requirement asks for
                return self._walk(self.around.raw_offered(name, first), rest, name, me)
        else:
            found = self.around.raw_attribute(name, first) if attribute else None
            if (found := found or self.around.raw(name, first)) is not None:
                return self._walk(found, rest, name, me)
        if not rest:
            return None
        if (found := self.around.raw_capability(name, first, self._step(rest[0], me))) is not None:
            return self._walk(found, rest[1:], name, me)
        met = self.around.met(name, first)
        if met is None:
            return None
        target, capability, properties = met
        if self._step(rest[0], me) == "TARGET":
            return self._of(target, rest[1:], me, attribute, steps + 1)
        for there in (self.around.raw_capability(target, capability, self._step(rest[0], me)) if capability else None,):
            if there is not None:
                return self._walk(there, rest[1:], target, me)
        if (own := properties.get(self._step(rest[0], me))) is not None:
            return self._walk(own, rest[1:], Ends(name, target, properties), me)
        return self._of(target, rest, me, attribute, steps + 1)

    def _step(self, node: Node, me: Me) -> str:
        """Return one name of a path; of `[name, index]` in TOSCA 2.0 the name."""
        return self.text(node.items[0] if isinstance(node, Sequence) and node.items else node, me)

    def _artifact(self, argument: Node, me: Me) -> Node | None:
        path = [self.text(each, me) for each in _items(argument)]
        if len(path) < 2:
            return None
        if len(path) > 2 and path[2] and path[2] != "LOCAL_FILE":
            return Scalar(path[2], path[2], argument.at)
        name = _self(me) if path[0] == "SELF" else self.around.find(path[0], _self(me))
        found = self.around.artifact(name, path[1]) if name else None
        return self.node(found.get("file") if isinstance(found, Mapping) else found, name)

    def _concat(self, argument: Node, me: Me) -> Node | None:
        if not isinstance(argument, Sequence):
            return None
        parts, between = argument.items, ""
        if parts and isinstance(parts[0], Sequence):  # join: [[a, b], separator]
            between = word(parts[1]) if len(parts) > 1 else ""
            parts = parts[0].items
        texts = [self.node(each, me) for each in parts]
        if not all(isinstance(each, Scalar) and each.value is not None for each in texts):
            return None
        return self._text(between.join(each.text for each in texts if isinstance(each, Scalar)), argument)

    def _token(self, argument: Node, me: Me) -> Node | None:
        given = [self.scalar(each, me) for each in _items(argument)]
        if len(given) != 3 or any(each is None for each in given):
            return None
        text, signs, place = (each for each in given if each)
        for sign in signs.text[1:]:
            text = Scalar(None, text.text.replace(sign, signs.text[0]), text.at)
        parts = text.text.split(signs.text[0]) if signs.text else [text.text]
        inside = isinstance(place.value, int) and 0 <= place.value < len(parts)
        return self._text(parts[int(place.text)], argument) if inside else None

    def _text(self, text: str, node: Node) -> Scalar | None:
        return self._made(text, node) if len(text) < _LONGEST else None  # type: ignore[return-value]

    def _made(self, value: operators.Plain, node: Node) -> Node | None:
        """Return a plain value as a node in the place of the function; it is kept, so that no other gets its identity."""
        if value is None:
            return None
        made = node_of(value, node)
        self._kept.append(made)
        return made


def node_of(value: operators.Plain, place: Node) -> Node:
    """Return a plain value as a tree at the place of another node."""
    if isinstance(value, dict):
        names = {str(name): node_of(each, place) for name, each in value.items()}
        return Mapping(names, dict.fromkeys(names, place.at), place.at)
    if isinstance(value, list | tuple):
        return Sequence([node_of(each, place) for each in value], place.at)
    known = value if isinstance(value, str | int | float | bool) or value is None else str(value)
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return Scalar(known, text, place.at)


def _self(me: Me) -> str:
    return me if isinstance(me, str) else me.source


def _items(node: Node) -> list[Node]:
    return node.items if isinstance(node, Sequence) else [node] if isinstance(node, Scalar) else []


def _flow(node: Node | None, left: list[int]) -> str:
    left[0] -= 1
    if left[0] < 0:
        return "…"
    if isinstance(node, Sequence):
        return f"[{', '.join(_flow(each, left) for each in node.items[: left[0] + 1])}]"
    if isinstance(node, Mapping):
        pairs = list(node)[: left[0] + 1]
        return "{" + ", ".join(f"{name}: {_flow(value, left)}" for name, value in pairs) + "}"
    return node.text if node else ""
