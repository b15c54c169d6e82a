"""Countries and groups of countries, by ISO 3166-1 alpha-2 code."""

from collections.abc import Iterable
from typing import Final

_EU = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
GROUPS: Final[dict[str, frozenset[str]]] = {
    "EU": frozenset(_EU.split()),
    "EEA": frozenset(f"{_EU} IS LI NO".split()),
    "EUROPE": frozenset(f"{_EU} IS LI NO CH GB".split()),
}


def expand(places: Iterable[str]) -> frozenset[str]:
    """Return the countries meant: groups replaced by their members, UK by GB.

    >>> "FR" in expand(["EU"]), expand(["uk"])
    (True, frozenset({'GB'}))
    """
    found: set[str] = set()
    for place in places:
        code = place.strip().upper()
        found |= GROUPS.get(code, frozenset({"GB" if code == "UK" else code}))
    return frozenset(found)
