"""JSON artefacts back to frozen values; a file that is wrong, old or of another kind is a finding."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

import msgspec

from musa_pipeline.domain.plan import Plan, Step
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values.kinds import KINDS, VERSION, format_of, span_of

T = TypeVar("T")
_AGAIN = "it is made from the model: `musa run` writes it again"


class _Header(msgspec.Struct):
    format: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step(Step):
    """msgspec cannot read the recursive type of variables; they are checked afterwards."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan(Plan):
    steps: tuple[_Step, ...]


def read_value(data: bytes, type_: type[T], file: str, problems: Problems) -> T | None:
    """Return the value of an artefact; None after a problem.

    Codes: V001 not JSON, V002 another kind of file, V003 another version, V004 not what the schema says.
    """
    kind = next(name for name, each in KINDS.items() if each is type_)
    try:
        header = msgspec.json.decode(data, type=_Header)
        if header.format != format_of(kind):
            problems.report("V002", Span(file), f"this is {header.format!r}, not {format_of(kind)!r}", help=_AGAIN)
            return None
        if header.version != VERSION:
            text = f"version {header.version} of {header.format!r} is not known here, only {VERSION}"
            problems.report("V003", Span(file), text, help=_AGAIN)
            return None
        value = _decoder(kind).decode(data)
        whole: Any = _plan(value) if kind == "plan" else value
        return whole if isinstance(whole, type_) else None
    except (msgspec.ValidationError, RecursionError) as error:
        problems.report("V004", Span(file), f"not a {kind}: {_lowered(str(error))}", help=_AGAIN)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problems.report("V001", Span(file), f"not JSON: {_lowered(str(error))}", help=_AGAIN)
    return None


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_Plan if kind == "plan" else KINDS[kind], dec_hook=_hook)


def _hook(type_: type, said: Any) -> Any:
    if type_ is Span and isinstance(said, str):
        return span_of(said)
    raise ValueError("a place must be text: file:line:column+length")


def _plan(read: _Plan) -> Plan:
    steps = tuple(Step(**{each.name: getattr(step, each.name) for each in fields(Step)}) for step in read.steps)
    if any(_nothing(step.variables) for step in steps):
        raise msgspec.ValidationError("a variable of a step has no value")
    return Plan(**{each.name: getattr(read, each.name) for each in fields(Plan)} | {"steps": steps})


def _nothing(said: Any) -> bool:
    """Tell whether null, which no role takes, is anywhere in the variables."""
    match said:
        case dict():
            return any(map(_nothing, said.values()))
        case list():
            return any(map(_nothing, said))
        case _:
            return said is None


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
