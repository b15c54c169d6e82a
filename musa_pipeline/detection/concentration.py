"""Source concentration: who causes a flood, by each source's share of the packets and by the entropy of all of them."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, log2

from musa_pipeline.detection.port import Memory, numbers
from musa_pipeline.domain.event import Finding, MachineId, Measurement, Plain
from musa_pipeline.domain.ids import ComponentId

DEFAULTS = {
    "share": 0.5,  # of all packets, from which on one source is the cause
    "least": 500.0,  # packets a second of that source
    "confirm": 2.0,  # samples in a row in which it is
    "clear": 20.0,  # so many times `least`, and nine tenths of all packets: one sample is enough
    "repeat": 5.0,  # seconds between two findings while it lasts
}
CLEAR_SHARE = 0.9
METRIC = "net.source.packets"
OTHERS = "*"
"""All the sources together that an agent does not name one by one."""
SOURCES = 10_000
PLACES = 5_000

Place = tuple[ComponentId, MachineId, str]
"""Where sources are counted: component (empty: the machine as a whole), machine, interface."""


class _Counted:
    """The last sample of one place, and how often each source was over the bounds in a row."""

    __slots__ = ("at", "rates", "runs", "seen", "told")

    def __init__(self) -> None:
        self.at = self.seen = float("-inf")
        self.rates: dict[str, float] = {}
        self.runs: dict[str, int] = {}
        self.told: dict[str, float] = {}


class SourceConcentration:
    """Finds `volumetric-dos`: one source that sends most of the packets, and many."""

    id = "volumetric-dos"
    finds = "volumetric-dos"
    needs = (METRIC,)

    def __init__(self, parameters: Mapping[str, Plain]) -> None:
        self._set = numbers(parameters, DEFAULTS)
        if self._set["share"] > 1:
            raise ValueError(f"share is {self._set['share']:g}, more than all")
        self._places: dict[Place, _Counted] = {}

    def take(self, measurements: Iterable[Measurement]) -> Sequence[Finding]:
        """Look at samples; all counters of one sample have one time, and come together."""
        found: list[Finding] = []
        open_: dict[Place, _Counted] = {}
        for each in measurements:
            if each.metric != METRIC or not each.unit.endswith("/s") or not 0 <= each.value < float("inf"):
                continue
            about = dict(each.about)
            place = (each.component, each.machine, about.get("interface", ""))
            counted = self._places.get(place)
            if counted is None:
                if len(self._places) >= PLACES:
                    continue
                counted = self._places[place] = _Counted()
            if "source" not in about or each.time <= counted.seen:
                continue
            if each.time != counted.at:
                found += self._close(place, counted)
                if each.time <= counted.seen:
                    continue
                counted.at, counted.rates = each.time, {}
            if len(counted.rates) < SOURCES or about["source"] in counted.rates:
                counted.rates[about["source"]] = max(each.value, counted.rates.get(about["source"], 0.0))
            open_[place] = counted
        for place, counted in open_.items():
            found += self._close(place, counted)
        return sorted(found, key=lambda each: (each.time, each.id))

    def _close(self, place: Place, counted: _Counted) -> Iterable[Finding]:
        """Judge a whole sample."""
        if counted.at <= counted.seen or not counted.rates:
            return
        counted.seen = counted.at
        total = sum(counted.rates.values())
        over = {
            source: rate
            for source, rate in sorted(counted.rates.items())
            if source != OTHERS and rate >= self._set["least"] and rate >= self._set["share"] * total
        }
        counted.runs = {source: counted.runs.get(source, 0) + 1 for source in over}
        counted.told = {source: time for source, time in counted.told.items() if source in over}
        for source, rate in over.items():
            again = counted.at - counted.told.get(source, float("-inf")) >= self._set["repeat"]
            clear = rate >= self._set["clear"] * self._set["least"] and rate >= CLEAR_SHARE * total
            if counted.runs[source] >= (1 if clear else self._set["confirm"]) and again:
                counted.told[source] = counted.at
                yield self._finding(place, counted, source, rate / total)

    def _finding(self, place: Place, counted: _Counted, source: str, share: float) -> Finding:
        component, machine, interface = place
        rate, spread = counted.rates[source], entropy(counted.rates.values())
        where = ":".join(part for part in (component or machine, interface) if part)
        return Finding(
            id=f"{self.finds}:{where}:{source}@{counted.at:.3f}",
            type=self.finds,
            component=component,
            machine=machine,
            time=counted.at,
            confidence=round(share * (1 - exp(-2 * rate / self._set["least"])), 4),
            algorithm=self.id,
            source=source,
            detail=f"one source of {len(counted.rates)} causes {100 * share:.1f} % of the packets, {rate:.0f} a second",
            evidence=(("share", round(share, 4)), ("packets/s", rate), ("entropy", round(spread, 4))),
        )

    def memory(self) -> Memory:
        """Return nothing: two samples tell all that is needed."""
        return {}

    def recall(self, memory: Mapping[str, Mapping[str, Plain]]) -> None:
        del memory


def entropy(rates: Iterable[float]) -> float:
    """Return the entropy of shares, 0 (one source) to 1 (all alike).

    >>> entropy([5, 5, 5, 5]), entropy([7, 0]), entropy([])
    (1.0, 0.0, 0.0)
    """
    found = list(rates)
    total = sum(found)
    if total <= 0 or len(found) < 2:
        return 0.0
    # a rate may be so small that its share is none
    shares = [share for share in (each / total for each in found) if share > 0]
    return -sum(share * log2(share) for share in shares) / log2(len(found)) + 0.0
