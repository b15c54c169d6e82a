"""Places of location models as ISO 3166 codes or regional groups."""

from typing import Any, Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.places import GROUPS
from musa_pipeline.formats.camel.draft import Reading
from musa_pipeline.formats.camel.names import unquoted

_ISO: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
    CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
    GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UK UM US UY UZ VA VC VE VG
    VI VN VU WF WS YE YT ZA ZM ZW
"""
"""ISO 3166-1 alpha-2, and UK as people write it."""
_ENGLISH: Final = """
    austria=AT belgium=BE bulgaria=BG croatia=HR cyprus=CY czechia=CZ czech-republic=CZ denmark=DK estonia=EE
    finland=FI france=FR germany=DE greece=GR hungary=HU ireland=IE italy=IT latvia=LV lithuania=LT luxembourg=LU malta=MT
    netherlands=NL the-netherlands=NL poland=PL portugal=PT romania=RO slovakia=SK slovenia=SI spain=ES sweden=SE iceland=IS
    liechtenstein=LI norway=NO switzerland=CH united-kingdom=GB great-britain=GB united-states=US united-states-of-america=US
    usa=US us-east=US us-west=US canada=CA australia=AU japan=JP singapore=SG india=IN brazil=BR south-africa=ZA israel=IL
    turkey=TR ukraine=UA serbia=RS china=CN south-korea=KR new-zealand=NZ mexico=MX
    european-union=EU european-economic-area=EEA europe=EUROPE
"""
_CODES: Final = frozenset(_ISO.split())
_TITLES: Final = {title: code for title, _, code in (each.partition("=") for each in _ENGLISH.split())}


def countries_of(reading: Reading, requirement: Any) -> frozenset[str]:
    """Return the codes of the places that a location requirement allows."""
    found: set[str] = set()
    for ref in requirement.locations:
        place = reading.node(ref)
        if place is None:
            continue
        codes = _codes(reading, place, set())
        if not codes:
            text = f"place {ref.meant.path!r} is no country or group of countries that is known"
            known = ", ".join(GROUPS)
            reading.problems.report("K040", ref.meant.at, text, help=f"name it by its ISO 3166 code, or one of {known}")
        found |= codes
    return frozenset(found)


def _codes(reading: Reading, place: Any, seen: set[int]) -> set[str]:
    """Return the code of a place: its id, its name, or for a cloud's location and an unknown region the countries it stands for."""
    if id(place) in seen:
        return set()
    seen.add(id(place))
    code = place.named.name.upper()
    titles = [unquoted(each) for each in (getattr(place, "title", ""), *getattr(place, "others", ())) if each]
    said = [_TITLES[slug(each)] for each in (*titles, place.named.name) if slug(each) in _TITLES]
    if code in GROUPS or code in _CODES:
        return {"GB" if code == "UK" else code}
    if said:
        return {said[0]}
    if titles and titles[0].upper() in GROUPS:
        return {titles[0].upper()}
    if type(place).__name__ == "CloudLocation":
        above = reading.node(place.region) or reading.node(place.above)
        return _codes(reading, above, seen) if above else set()
    inside = [
        each
        for kind in ("Country", "Region")
        for each in reading.all(kind)
        if any(reading.node(up) is place for up in each.parents)
    ]
    return {code for each in inside for code in _codes(reading, each, seen)}
