"""Values of XMI as the grammars of CAMEL text have them."""

import re
from typing import Final

_WHOLE: Final = re.compile(r"-?\d{1,18}")
_NUMBER: Final = re.compile(r"-?(?:\d{1,300}(?:\.\d{0,300})?|\.\d{1,300})(?:[eE][+-]?\d{1,3})?")
_COMPARISONS: Final = {
    "GREATER_THAN": ">",
    "GREATER_EQUAL_THAN": ">=",
    "LESS_THAN": "<",
    "LESS_EQUAL_THAN": "<=",
    "EQUAL": "==",
    "NOT_EQUAL": "<>",
}
EXPECTED: Final = {
    "whole": "a whole number",
    "port": "a whole number",
    "number": "a number",
    "flag": "'true' or 'false'",
    "compare": "a comparison such as 'GREATER_THAN'",
}
"""What fits each form, for findings."""


def value(said: str, form: str) -> str | bool | None:
    r"""Return a value in one form, as its statement has it; None for what says nothing.

    >>> value("it's", ""), value("8080", "port"), value("0", "port"), value("LESS_THAN", "compare"), value("true", "flag")
    ('"it\'s"', '8080', None, '<', True)
    """
    match form:
        case "":
            return quoted(said)
        case "port":
            return said.strip() if said.strip() != "0" else None
        case "compare":
            return _COMPARISONS[said]
        case "flag":
            return said.strip() == "true" or None
        case "dash":
            return said.lower().replace("_", "-")
        case _:
            return said.strip()


def fits(said: str, form: str) -> bool:
    """Tell whether a value can be read in a form."""
    match form:
        case "whole" | "port":
            return bool(_WHOLE.fullmatch(said.strip()))
        case "number":
            return bool(_NUMBER.fullmatch(said.strip()))
        case "compare":
            return said in _COMPARISONS
        case "flag":
            return said.strip() in ("true", "false")
        case _:
            return True


def quoted(said: str) -> str:
    """Return a text in quotes, so that it is read as it stands."""
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
