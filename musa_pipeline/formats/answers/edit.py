"""One more answer in `answers.yaml`, put where it belongs: every sign that people wrote stays, comments and anchors too."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from musa_pipeline.domain.answers import ControlAnswer, FactorAnswer, QuestionAnswer
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.errors import MusaError
from musa_pipeline.domain.ids import ComponentId, control_id
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.answers.names import Names
from musa_pipeline.formats.answers.read import ALL
from musa_pipeline.text.yaml import plain, read_yaml
from musa_pipeline.text.yaml_places import Entry, Form, Part, places

Answer: TypeAlias = QuestionAnswer | FactorAnswer | ControlAnswer
HEAD = """\
# What the model of {name} does not say. Every answer is optional; `musa risk {name} --questions` tells
# which are open, `musa risk {name} --ask` asks them one by one and writes here what was answered.
"""
_STEP = 2


class NotSafe(MusaError):
    """The answer cannot be put in without changing something else that stands in the file. `lines` are to be added by hand."""

    def __init__(self, lines: str) -> None:
        super().__init__(lines)
        self.lines = lines

    def __str__(self) -> str:
        return "the answer cannot be written without changing what else stands there"


def with_answer(text: str, component: ComponentId | None, answer: Answer, cpim: Cpim) -> str:
    """Return the text of the file with one answer more; an answer that is there already is replaced.

    `component` is None for what is said of the application. Whatever else the file says, and every line that does not get the
    answer, is unchanged: the result is read again to prove it. Raises NotSafe where there is no such place.
    """
    path, value = path_of(component, answer), written(answer)
    same = _same(component, answer, cpim)
    before = _read(text)
    wanted = None if before is None else _and(before, path, _read(value), same, 0)
    for change in (_set, _beside_alias) if wanted is not None else ():
        changed = change(text, path, value, same)
        if changed is not None and _read(changed) == wanted:
            return changed
    raise NotSafe("\n".join(_lines(path, value, 0)))


def path_of(component: ComponentId | None, answer: Answer) -> tuple[str, ...]:
    """Return the keys under which an answer stands."""
    match answer:
        case FactorAnswer(factor=factor) if component is None:
            return ("business", factor)
        case FactorAnswer(factor=factor, threat=threat):
            return ("components", str(component), "factors", threat or ALL, factor)
        case QuestionAnswer(threat=threat):
            return ("components", str(component), "questions", threat)
        case ControlAnswer(control=control):
            return ("components", str(component), "controls", control)


def written(answer: Answer) -> str:
    """Return an answer as one word, or with its reason as a mapping on one line.

    >>> written(FactorAnswer(factor="skill", value=6, because="it is easy"))
    '{value: 6, because: "it is easy"}'
    """
    match answer:
        case QuestionAnswer(yes=yes):
            key, word = "answer", "yes" if yes else "no"
        case FactorAnswer(value=value):
            key, word = "value", str(value)
        case ControlAnswer(by=by):
            key, word = "by", str(by)
    return f"{{{key}: {word}, because: {quoted(answer.because)}}}" if answer.because else word


def quoted(text: str) -> str:
    r"""Return a text in double quotes, every sign that is not printed written as its number.

    >>> print(quoted('a "b" \\ \x1b'))
    "a \"b\" \\ \x1b"
    """
    return '"' + "".join(_sign(each) for each in text) + '"'


def _sign(each: str) -> str:
    if each in '"\\':
        return "\\" + each
    if each.isprintable():
        return each
    number = ord(each)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


Same: TypeAlias = Callable[[int, str], str]
"""Level of the file and key as somebody wrote it -> the key as we write it."""


def _same(component: ComponentId | None, answer: Answer, cpim: Cpim) -> Same:
    names = Names(cpim)

    def same(level: int, key: str) -> str:
        if level == 1 and component is not None:
            return names.find(key) or key
        if level == len(path_of(component, answer)) - 1 and isinstance(answer, ControlAnswer):
            return control_id(key) or key
        return key

    return same


def _set(text: str, path: tuple[str, ...], value: str, same: Same) -> str | None:
    """Put the answer in: at the end of the deepest mapping of its path, or over the answer that is there."""
    part = places(text)
    if part is None or (part.form is Form.SCALAR and part.start == part.end):
        return _joined(text, len(text), _lines(path, value, 0))
    for level, key in enumerate(path):
        if part.form not in (Form.BLOCK, Form.FLOW):
            return None
        entry = _entry(part, level, key, same)
        if entry is None:
            return _added(text, part, path[level:], value)
        rest = path[level + 1 :]
        if not rest:
            return _replaced(text, entry, value)
        if _is_empty(text, entry.value):
            return _filled(text, part, entry, rest, value)
        part = entry.value
    return None


def _beside_alias(text: str, path: tuple[str, ...], value: str, same: Same) -> str | None:
    """Where an alias stands on the way, merge it: `*shared` becomes `{<<: *shared, key: value}`."""
    part = places(text)
    for level, key in enumerate(path[:-1]):
        entry = _entry(part, level, key, same) if part else None
        if entry is None:
            return None
        part = entry.value
        if part.form is Form.ALIAS:
            alias = text[part.start : part.end]
            return f"{text[: part.start]}{{<<: {alias}, {_flow(path[level + 1 :], value)}}}{text[part.end :]}"
    return None


def _entry(part: Part, level: int, key: str, same: Same) -> Entry | None:
    exact = part.entry(key)  # spellings are costly to compare
    return exact or next((each for each in part.entries if same(level, each.key) == key), None)


def _added(text: str, part: Part, path: tuple[str, ...], value: str) -> str:
    """Add a key behind the last one of a mapping."""
    if part.form is Form.FLOW:
        if not part.entries:
            return f"{text[: part.end - 1]}{_flow(path, value)}{text[part.end - 1 :]}"
        last = max(part.entries[-1].end, part.entries[-1].value.end)
        return f"{text[:last]}, {_flow(path, value)}{text[last:]}"
    return _joined(text, _below(text, part.end), _lines(path, value, part.column))


def _replaced(text: str, entry: Entry, value: str) -> str | None:
    part = entry.value
    if "\n" in text[part.start : part.end] or part.form in (Form.BLOCK, Form.LIST):
        return None  # what spans lines may hold comments
    before = "" if text[part.start - 1 : part.start].isspace() else " "
    return f"{text[: part.start]}{before}{value}{text[part.end :]}"


def _filled(text: str, part: Part, entry: Entry, path: tuple[str, ...], value: str) -> str:
    """Give a key that has nothing yet its first answer."""
    if part.form is Form.BLOCK and entry.value.start == entry.value.end:
        return _joined(text, _below(text, max(entry.end, entry.value.end)), _lines(path, value, part.column + _STEP))
    at = entry.value
    before = "" if text[at.start - 1 : at.start].isspace() else " "
    return f"{text[: at.start]}{before}{{{_flow(path, value)}}}{text[at.end :]}"


def _is_empty(text: str, part: Part) -> bool:
    return part.form is Form.SCALAR and text[part.start : part.end] in ("", "~", "null", "Null", "NULL")


def _below(text: str, position: int) -> int:
    """Return where the line after a position begins; the position itself if it begins one."""
    if position and text[position - 1] == "\n":
        return position
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _joined(text: str, position: int, lines: list[str]) -> str:
    """Put whole lines in, with the line ends of the file."""
    end = "\r\n" if "\r\n" in text else "\n"
    before = text[:position]
    if before and not before.endswith("\n"):
        before += end
    return before + "".join(line + end for line in lines) + text[position:]


def _lines(path: tuple[str, ...], value: str, indent: int) -> list[str]:
    last = len(path) - 1
    return [f"{' ' * (indent + _STEP * level)}{key}:{f' {value}' if level == last else ''}" for level, key in enumerate(path)]


def _flow(path: tuple[str, ...], value: str) -> str:
    for key in reversed(path[1:]):
        value = f"{{{key}: {value}}}"
    return f"{path[0]}: {value}"


@lru_cache(maxsize=2)  # what was written is what is read before the next answer; nobody changes a tree
def _read(text: str) -> object:
    """Return what a text says; None if something is wrong with it."""
    problems = Problems()
    tree = plain(read_yaml(text, "", problems))
    if any(each.code != "Y006" for each in problems):
        return None
    return {} if tree is None else tree


def _and(tree: object, path: tuple[str, ...], value: object, same: Same, level: int) -> object:
    """Return what the file is to say: all that it says, and the answer."""
    if not path:
        return value
    mapping = dict(tree) if isinstance(tree, dict) else {}
    first = path[0]
    key = first if first in mapping else next((each for each in mapping if same(level, each) == first), first)
    mapping[key] = _and(mapping.get(key), path[1:], value, same, level + 1)
    return mapping
