"""Countries and groups of countries, by ISO 3166-1 alpha-2 code."""

from collections.abc import Iterable
from typing import Final

_ALL: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
    CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
    GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG
    VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_ALL.split())
"""ISO 3166-1 alpha-2."""
_EU: Final = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
GROUPS: Final[dict[str, frozenset[str]]] = {
    "EU": frozenset(_EU.split()),
    "EEA": frozenset(f"{_EU} IS LI NO".split()),
    "EUROPE": frozenset(f"{_EU} IS LI NO CH GB".split()),
}


def place_code(written: str) -> str:
    """Return the code of a country or group as people write it, UK for GB; '' if it is none.

    >>> place_code("uk"), place_code("EU"), place_code("Atlantis")
    ('GB', 'EU', '')
    """
    code = written.strip().upper()
    code = "GB" if code == "UK" else code
    return code if code in COUNTRIES or code in GROUPS else ""


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
