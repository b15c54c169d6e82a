"""Rate anomaly: a rate far above its own usual, which is an exponentially weighted mean with its spread (EWMA; Roberts 1959)."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, sqrt

from musa_pipeline.detection.port import Memory, numbers, subject
from musa_pipeline.domain.event import Finding, Measurement, Plain

DEFAULTS = {
    "memory": 60.0,  # seconds after which a sample counts a third
    "deviations": 6.0,  # above the usual, in spreads
    "times": 5.0,  # above the usual, as a multiple
    "least": 500.0,  # rates below this are nobody's flood
    "warm": 10.0,  # samples before anything is unusual
    "confirm": 2.0,  # unusual samples in a row
    "clear": 10.0,  # so many times all the bounds above, and one sample is enough
    "repeat": 5.0,  # seconds between two findings while it lasts
    "accept": 900.0,  # seconds after which what lasts is the new usual
}
SERIES = 20_000
METRICS = ("net.interface.packets", "network.in.packets")


class _Usual:
    """What is usual of one series."""

    __slots__ = ("count", "last", "mean", "run", "since", "told", "variance")

    def __init__(self) -> None:
        self.mean = self.variance = 0.0
        self.count = self.run = 0
        self.last = self.since = self.told = float("-inf")

    def learn(self, value: float, weight: float) -> None:
        difference = value - self.mean
        self.mean += weight * difference
        self.variance = (1 - weight) * (self.variance + weight * difference * difference)
        self.count += 1


class RateAnomaly:
    """Finds `traffic-anomaly`: a rate that jumps far above its usual. What is unusual is not learnt, so that a flood stays one."""

    id = "rate-anomaly"
    finds = "traffic-anomaly"
    needs = METRICS

    def __init__(self, parameters: Mapping[str, Plain]) -> None:
        self._set = numbers(parameters, DEFAULTS)
        self._usual: dict[tuple[str, str, str], _Usual] = {}
        self._changed: set[tuple[str, str, str]] = set()

    def take(self, measurements: Iterable[Measurement]) -> Sequence[Finding]:
        found = []
        for each in measurements:
            if each.metric not in METRICS or not each.unit.endswith("/s") or not 0 <= each.value < float("inf"):
                continue
            key = (each.metric, subject(each), next((value for name, value in each.about if name == "interface"), ""))
            usual = self._usual.get(key)
            if usual is None:
                if len(self._usual) >= SERIES:
                    continue
                usual = self._usual[key] = _Usual()
            if each.time > usual.last:
                finding = self._look(each, key, usual)
                self._changed.add(key)
                if finding:
                    found.append(finding)
        return found

    def _look(self, each: Measurement, key: tuple[str, str, str], usual: _Usual) -> Finding | None:
        elapsed, usual.last = each.time - usual.last, each.time
        unusual, deviations = self._unusual(each.value, usual)
        if not unusual:
            usual.run, usual.since = 0, float("-inf")
            # the first samples weigh alike, later ones by the time they stand for
            weight = max(
                1 - exp(-elapsed / self._set["memory"]), 1 / (usual.count + 1) if usual.count < self._set["warm"] else 0.0
            )
            usual.learn(each.value, weight)
            return None
        usual.run += 1
        usual.since = usual.since if usual.run > 1 else each.time
        if each.time - usual.since > self._set["accept"]:
            usual.mean, usual.variance, usual.count, usual.run = each.value, 0.0, 1, 0
            return None
        enough = 1 if self._clear(each.value, usual) else self._set["confirm"]
        if usual.run < enough or each.time - usual.told < self._set["repeat"]:
            return None
        usual.told = each.time
        return self._finding(each, key, usual, deviations)

    def _unusual(self, value: float, usual: _Usual) -> tuple[bool, float]:
        """Tell whether a value is far above the usual by all three measures; a spread below chance (Poisson) is taken for chance."""
        spread = max(sqrt(usual.variance), sqrt(max(usual.mean, 1.0)), 0.1 * usual.mean)
        deviations = (value - usual.mean) / spread
        far = deviations >= self._set["deviations"] and value >= self._set["times"] * usual.mean
        return usual.count >= self._set["warm"] and value >= self._set["least"] and far, deviations

    def _clear(self, value: float, usual: _Usual) -> bool:
        """Tell whether a value is so far above the usual that nobody waits for another one."""
        return value >= self._set["clear"] * max(self._set["least"], self._set["times"] * usual.mean)

    def _finding(self, each: Measurement, key: tuple[str, str, str], usual: _Usual, deviations: float) -> Finding:
        times = each.value / max(usual.mean, 1.0)
        strength = min(deviations / self._set["deviations"], times / self._set["times"])
        return Finding(
            id=f"{self.finds}:{':'.join(part for part in key if part)}@{each.time:.3f}",
            type=self.finds,
            component=each.component,
            machine=each.machine,
            time=each.time,
            confidence=round(1 - 0.5 / strength, 4),
            algorithm=self.id,
            detail=f"{each.metric} is {each.value:.0f} {each.unit}, {times:.3g} × its usual",
            evidence=(("value", each.value), ("usual", round(usual.mean, 3)), ("deviations", round(deviations, 2))),
        )

    def memory(self) -> Memory:
        told: Memory = {}
        for key in sorted(self._changed):
            usual = self._usual[key]
            series = told.setdefault(f"{key[0]}@{key[1]}", {})
            series[key[2] or "all"] = [usual.mean, usual.variance, usual.count, usual.last, usual.run, _finite(usual.since)]
        self._changed.clear()
        return told

    def recall(self, memory: Mapping[str, Mapping[str, Plain]]) -> None:
        for name, said in memory.items():
            metric, _, about = name.partition("@")
            for interface, values in said.items():
                match values:
                    case [
                        int() | float() as mean,
                        int() | float() as variance,
                        int() as count,
                        int() | float() as last,
                        int() as run,
                        since,
                    ]:
                        usual = self._usual[metric, about, "" if interface == "all" else interface] = _Usual()
                        usual.mean, usual.variance, usual.count, usual.last = float(mean), float(variance), count, float(last)
                        usual.run = run
                        usual.since = float(since) if isinstance(since, int | float) else float("-inf")


def _finite(value: float) -> float | None:
    return None if value == float("-inf") else value
