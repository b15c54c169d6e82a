"""What the validator says, as findings: each at the place that its words name, said once, and never with a secret in it."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Facts
from collections.abc import Sequence as Several
from typing import Any, Final

from musa_pipeline.domain.problems import Problem, Severity
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.tosca.conformance.merge import Merged
from musa_pipeline.formats.tosca.p1_read import entries, word
from musa_pipeline.text.commands import holds_secret, is_secret
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

WHO: Final = "tosca-parser"
_CODES: Final = {
    "UnknownFieldError": "N001",
    "MissingRequiredFieldError": "N002",
    "MissingRequiredInputError": "N002",
    "MissingRequiredOutputError": "N002",
    "MissingRequiredParameterError": "N002",
    "MissingDefaultValueError": "N002",
    "InvalidPropertyValueError": "N003",
    "RangeValueError": "N003",
    "TypeMismatchError": "N003",
    "ValidationError": "N003",
    "ValueError": "N003",
    "InvalidSchemaError": "N003",
    "InvalidTOSCAVersionPropertyException": "N003",
    "InvalidTypeError": "N004",
    "InvalidNodeTypeError": "N004",
    "InvalidGroupTargetException": "N004",
    "UnknownInputError": "N004",
    "UnknownOutputError": "N004",
    "KeyError": "N004",
}
_WAYS: Final = {
    "N001": "correct the word, or define it in the type",
    "N002": "add it, or give it a default in the type",
    "N003": "write what the type's definition asks for",
    "N004": "correct the name, or define it",
    "N005": "see the clause of TOSCA 1.3 on what is named",
}
_QUOTED: Final = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_WRONG: Final = re.compile(r"^Output .* contains unknown field \"type\"|^\"-?[0-9]+\" is not a float|[\"']None[\"']")
"""What it says and is not so: outputs have types since 1.3, whole numbers are numbers, and what is unknown yet is not wrong."""
_TOLD: Final = frozenset(
    ["type", "description", "required", "constraints", "entry_schema", "status", "get_input", "get_property", "get_attribute"]
)
"""What may be said of a secret: how it is defined, and where it comes from."""
_DEEP: Final = 40_000
"""Values of one part that are looked through for a word."""
_STOPPED: Final = {
    "time": "it took too long",
    "memory": "it took too much memory",
    "broken": "it ended without an answer",
}


def findings_of(answer: Facts[str, Any], asked: Merged, known: Iterable[Problem], *, strict: bool = False) -> Iterator[Problem]:
    """Yield the findings of a validator's answer; what our own reader said of the same line is not said again."""
    severity = Severity.ERROR if strict else Severity.WARNING
    known = [each for each in known if each.severity is not Severity.NOTE]
    said = {(each.at.file, each.at.line) for each in known}
    unknown = {word for each in known if each.code == "T004" for word in _QUOTED.findall(each.text)}
    unjudged = asked.bare | {str(name) for each in answer.get("broken", ()) for _, name in each["within"]}
    look = _Look(asked)
    seen: set[tuple[Span, str]] = set()
    for each in answer.get("messages", ()):
        kind, text = str(each["kind"]), str(each["text"])
        words = set(_QUOTED.findall(text))
        if kind in ("InvalidTypeError", "InvalidNodeTypeError") and (asked.absent or words & unknown):
            continue  # its definition is in the import that is not here, or its absence was told
        if words & unjudged:
            continue  # nobody knows what a part has that the validator was not given
        if _WRONG.search(text) or kind == "UnsupportedTypeError":
            continue
        code = _CODES.get(kind, "N005")
        at = look.place(text, [str(name) for _, name in each["within"]])
        sentence = look.sentence(text)
        if (at.file, at.line) not in said and (at, sentence) not in seen:
            seen.add((at, sentence))
            yield Problem(code=code, at=at, text=f"{WHO}: {sentence}", help=_WAYS[code], severity=severity)
    if more := answer.get("more"):
        yield _note("N006", asked.at, f"{WHO} says {more} more that are not shown")
    for each in answer.get("broken", ()):
        named = [str(name) for _, name in each["within"]]
        where = f" at {named[-1]!r}" if named else ""
        yield _note("N007", look.place("", named), f"{WHO} broke{where} ({each['kind']}); the rest was judged without that part")
    if reason := answer.get("stopped"):
        yield _note("N006", asked.at, f"{WHO} did not judge this model: {_STOPPED.get(str(reason), str(reason))}")


def _note(code: str, at: Span, text: str) -> Problem:
    return Problem(code=code, at=at, text=text, severity=Severity.NOTE)


class _Look:
    """Finds in the files what a message names."""

    def __init__(self, asked: Merged) -> None:
        self.asked = asked
        self.named: dict[str, tuple[Span, Mapping]] = dict(asked.types)
        for section in ("outputs", "inputs", "groups", "policies", "relationship_templates", "node_templates"):
            for name, body, at in entries(asked.topology.get(section)):
                if isinstance(body, Mapping):
                    self.named[name] = (at, body)
        self._indexes: dict[str, dict[str, Span]] = {}
        self._everything: dict[str, Span] | None = None
        self.secrets = _secrets(asked.topology)

    def place(self, text: str, within: Several[str]) -> Span:
        """Return the place that a message means: the last word it quotes, inside the part that it names or was said in."""
        quoted = [each.strip() for each in _QUOTED.findall(text)]
        wrong_type = [each for each in quoted if each in self.asked.types] if "unknown field" in text else []
        part = next((each for each in (*wrong_type, *reversed(within), *quoted) if each in self.named), None)
        words = [*reversed(quoted), *reversed(within)]
        if part is None:
            return next((self._all()[each] for each in words if each in self._all()), self.asked.at)
        index = self._index(part)
        inside = next((index[each] for each in words if each != part and each in index), None)
        if inside is None and "not found" in text:  # what is asked of a part is written where it is asked
            inside = next((self._all()[each] for each in quoted if each not in self.named and each in self._all()), None)
        return inside or self.named[part][0]

    def sentence(self, text: str) -> str:
        """Return a message as one of our sentences: one line, no full stop, quoted like the rest, no secret in it."""
        text = " ".join(text.replace(" Refer to the definition to verify valid values.", "").split()).rstrip(".")
        for each in self.secrets:
            text = re.sub(rf"([\"']){re.escape(each)}([\"'])", r"\1•••\2", text)
            text = text.replace(each, "•••") if len(each) > 3 else text
        if holds_secret(text):
            return "a value that holds a secret is not as its type says"
        if text.startswith('"Target'):  # the whole of it is quoted
            text = text[1:].removesuffix('"')
        text = re.sub(r'\b(\w+)(type)"', r'\1 \2 "', text)
        text = re.sub(r'"([^"\']*)"', r"'\1'", text)
        return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text

    def _index(self, part: str) -> dict[str, Span]:
        """Return the place of every key and value in a part, the nearest to its top first."""
        if part not in self._indexes:
            self._indexes[part] = _spans(self.named[part][1])
        return self._indexes[part]

    def _all(self) -> dict[str, Span]:
        if self._everything is None:
            found = _spans(self.asked.topology)
            self._everything = {**found, **{key: self.asked.root.keys[key] for key in self.asked.root.entries}}
        return self._everything


def _spans(part: Mapping) -> dict[str, Span]:
    found: dict[str, Span] = {}
    level: list[Node] = [part]
    left = _DEEP
    while level and left > 0:
        below: list[Node] = []
        for node in level:
            left -= 1
            if isinstance(node, Scalar):
                if node.value is not None:
                    found.setdefault(node.text, node.at)
            elif isinstance(node, Sequence):
                below.extend(node.items)
            else:
                for key, value in node:
                    found.setdefault(key, node.keys[key])
                    below.append(value)
        level = below
    return found


def _secrets(topology: Mapping) -> list[str]:
    """Return the values of all that is called a secret, and of what is below it, the longest first, so that none is left in part."""
    found: dict[str, None] = {}
    pending: list[tuple[bool, Node]] = [(False, topology)]
    left = _DEEP * 5
    while pending and left > 0:
        secret, node = pending.pop()
        left -= 1
        if isinstance(node, Scalar):
            if secret and word(node):
                found[node.text] = None
        elif isinstance(node, Sequence):
            pending.extend((secret, each) for each in node.items)
        else:
            pending.extend((is_secret(name) or (secret and name.removeprefix("$") not in _TOLD), value) for name, value in node)
    return sorted(found, key=lambda each: (-len(each), each))
