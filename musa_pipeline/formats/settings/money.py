"""Amounts of money as people write them: EUR a month."""

import re
from typing import Final

from musa_pipeline.domain.metric import Value

_AMOUNT: Final = re.compile(
    r"(?:€|EUR)?\s*([0-9]{1,12}(?:\.[0-9]{1,4})?)\s*(?:€|EUR)?\s*(?:(?:/|per|a)\s*(month|year))?", re.IGNORECASE | re.ASCII
)
_MOST: Final = 1e12


def read_budget(said: Value | str | None) -> float | None:
    """Return the amount in EUR a month; a bare number is one; None if it is no amount in EUR.

    >>> read_budget("900 EUR/month"), read_budget("€1200 per year"), read_budget(900)
    (900.0, 100.0, 900.0)
    >>> read_budget("900 USD"), read_budget("-1"), read_budget(True)
    (None, None, None)
    """
    match said:
        case bool():
            return None
        case int() | float():
            return float(said) if 0 <= said <= _MOST else None
        case str():
            found = _AMOUNT.fullmatch(said.strip())
            if not found:
                return None
            return float(found[1]) / (12 if (found[2] or "").lower() == "year" else 1)
        case _:
            return None
