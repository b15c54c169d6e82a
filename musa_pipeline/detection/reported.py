"""What agents find themselves (a figure above its limit, a listener nobody planned), as findings like all others."""

from collections.abc import Iterable, Mapping, Sequence

from musa_pipeline.detection.port import Memory, subject
from musa_pipeline.domain.event import Finding, Measurement, Plain

PREFIX = "finding."


class Reported:
    """Passes on what agents report: measurements named `finding.<type>`."""

    id = "reported"
    finds = "*"
    needs = (f"{PREFIX}*",)

    def __init__(self, parameters: Mapping[str, Plain]) -> None:
        if parameters:
            raise ValueError("it takes no parameters")

    def take(self, measurements: Iterable[Measurement]) -> Sequence[Finding]:
        return [_finding(each) for each in measurements if each.metric.startswith(PREFIX)]

    def memory(self) -> Memory:
        return {}

    def recall(self, memory: Mapping[str, Mapping[str, Plain]]) -> None:
        del memory


def _finding(each: Measurement) -> Finding:
    kind, about = each.metric.removeprefix(PREFIX), dict(each.about)
    what = about.get("metric") or about.get("port") or ""
    return Finding(
        id=f"{kind}:{subject(each)}:{each.agent}:{what}@{each.time:.3f}",
        type=kind,
        component=each.component,
        machine=each.machine,
        time=each.time,
        confidence=1.0,
        algorithm=f"agent {each.agent}",
        source=about.get("source", ""),
        detail=", ".join(f"{name} {value}" for name, value in each.about),
        evidence=(("value", each.value),),
    )
