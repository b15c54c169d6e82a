"""Values of metrics as the document spells them: yes and no, whole numbers, decimal numbers."""

import math
import re

from musa_pipeline.domain.metric import Value

_WHOLE = re.compile(r"[-+]?[0-9]{1,400}", re.ASCII)
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def spell(value: Value) -> str:
    """Return a value as text that `value_of` reads back with the same type.

    >>> spell(True), spell(24), spell(24.0)
    ('yes', '24', '24.0')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value)


def spell_bound(bound: float) -> str:
    """Return the end of a metric's range, without a needless fraction.

    >>> spell_bound(100.0), spell_bound(0.5)
    ('100', '0.5')
    """
    return str(int(bound)) if float(bound).is_integer() else repr(bound)


def value_of(text: str) -> Value | None:
    """Return the value that a text spells, None when it is none.

    >>> value_of("no"), value_of(" 99.5 "), value_of("AES_128")
    (False, 99.5, None)
    """
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    if len(text) < 400 and _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    return None
