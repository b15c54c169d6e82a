"""Places of location models as ISO 3166 codes or regional groups."""

import re
from collections import defaultdict
from typing import Any, Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.places import GROUPS, place_code
from musa_pipeline.formats.camel.draft import Reading
from musa_pipeline.formats.camel.names import unquoted

_ENGLISH: Final = """
    austria=AT belgium=BE bulgaria=BG croatia=HR cyprus=CY czechia=CZ czech-republic=CZ denmark=DK estonia=EE
    finland=FI france=FR germany=DE greece=GR hungary=HU ireland=IE italy=IT latvia=LV lithuania=LT luxembourg=LU malta=MT
    netherlands=NL the-netherlands=NL poland=PL portugal=PT romania=RO slovakia=SK slovenia=SI spain=ES sweden=SE iceland=IS
    liechtenstein=LI norway=NO switzerland=CH united-kingdom=GB great-britain=GB united-states=US united-states-of-america=US
    usa=US us-east=US us-west=US canada=CA australia=AU japan=JP singapore=SG india=IN brazil=BR south-africa=ZA israel=IL
    turkey=TR ukraine=UA serbia=RS china=CN south-korea=KR new-zealand=NZ mexico=MX
    england=GB scotland=GB wales=GB northern-ireland=GB bosnia-and-herzegovina=BA albania=AL montenegro=ME north-macedonia=MK
    moldova=MD armenia=AM belarus=BY russia=RU russian-federation=RU kazakhstan=KZ argentina=AR chile=CL colombia=CO
    peru=PE uruguay=UY egypt=EG morocco=MA tunisia=TN kenya=KE nigeria=NG saudi-arabia=SA united-arab-emirates=AE qatar=QA
    hong-kong=HK taiwan=TW thailand=TH vietnam=VN malaysia=MY indonesia=ID philippines=PH pakistan=PK bangladesh=BD korea=KR
    european-union=EU european-economic-area=EEA europe=EUROPE
"""
_TITLES: Final = {title: code for title, _, code in (each.partition("=") for each in _ENGLISH.split())}
_SIDE: Final = "(?:north|south|east|west|central)"
_OF_PROVIDERS: Final = re.compile(
    rf"(?:[a-z]{{2}}|europe|asia|africa|australia|{_SIDE}america)(?:gov)?{_SIDE}+[0-9]*[a-z]?|{_SIDE}+(?:us|uk|europe|asia|india)[0-9]*"
)
"""How providers call their regions, signs between words left out: `eu-west-1`, `europe-west4`, `northeurope`."""


class Geography:
    """The places of a model: what each means by itself, and which lie within it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.within: dict[int, list[Any]] = defaultdict(list)
        for place in (*reading.all("Country"), *reading.all("Region")):
            for up in map(reading.node, place.parents):
                self.within[id(up)].append(place)
        self._known: dict[int, frozenset[str]] = {}

    def countries(self, requirement: Any) -> frozenset[str]:
        """Return the codes of the places that a location requirement allows."""
        if id(requirement) not in self._known:
            self._known[id(requirement)] = frozenset().union(*map(self._codes, requirement.locations))
        return self._known[id(requirement)]

    def wanted(self, ref: Any) -> frozenset[str]:
        """Return the codes of the places that a reference to a location requirement allows."""
        requirement = self.reading.node(ref)
        if requirement and requirement.all:
            self.reading.unused.tell("everywhere", requirement)
        return self.countries(requirement) if requirement else frozenset()

    def _codes(self, ref: Any) -> frozenset[str]:
        """Return the code of a place, or those of what it stands for: for a cloud's location what is around it, else what is within."""
        first = self.reading.node(ref)
        if not first:
            return self._by_name(ref)
        found: set[str] = set()
        waiting, seen = [first], {id(first)}
        while waiting:
            place = waiting.pop()
            code = _own_code(place)
            if code:
                found.add(code)
                continue
            if type(place).__name__ == "CloudLocation":
                others = [self.reading.node(place.region) or self.reading.node(place.above)]
            else:
                others = self.within[id(place)]
            waiting += [each for each in others if each and id(each) not in seen]
            seen.update(map(id, others))
        if not found and _is_of_provider(first):
            text = f"place {ref.meant.path!r} is a provider's region in no country that the model names; it does not limit where anything runs"
            self.reading.problems.warn("K040", ref.meant.at, text, help="let the location model say the country that it lies in")
        elif not found:
            text = f"place {ref.meant.path!r} is no country or group of countries that is known"
            known = ", ".join(GROUPS)
            self.reading.problems.report("K040", ref.meant.at, text, help=f"name it by its ISO 3166 code, or one of {known}")
        return frozenset(found)

    def _by_name(self, ref: Any) -> frozenset[str]:
        """Return the code that a place says by its name alone, where the model that has it is not here."""
        name = ref.meant.path.rpartition(".")[2]
        code = place_code(name) or _TITLES.get(slug(name), "")
        if not code and self.reading.names.is_absent(ref.meant):
            text = f"place {ref.meant.path!r} is no country or group of countries that is known by its name"
            self.reading.problems.warn("K040", ref.meant.at, text, help="put the location model beside the model")
        return frozenset({code} if code else ())


def _is_of_provider(place: Any) -> bool:
    """Tell whether a place is a provider's: a location of a cloud, or a region that is called as theirs are."""
    names = (place.named.name, unquoted(getattr(place, "title", "") or ""))
    return type(place).__name__ == "CloudLocation" or any(_OF_PROVIDERS.fullmatch(slug(each).replace("-", "")) for each in names)


def _own_code(place: Any) -> str:
    """Return the code that a place's id says, or its name."""
    if code := place_code(place.named.name):
        return code
    titles = [unquoted(each) for each in (getattr(place, "title", ""), *getattr(place, "others", ()), place.named.name) if each]
    said = [_TITLES[slug(each)] for each in titles if slug(each) in _TITLES]
    if said:
        return said[0]
    return next((each.upper() for each in titles if each.upper() in GROUPS), "")
