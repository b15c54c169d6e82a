"""The algorithms that are here: those shipped, and plug-ins under the entry point group `musa.detection`."""

from collections.abc import Mapping
from importlib.metadata import entry_points

from musa_pipeline.detection.concentration import SourceConcentration
from musa_pipeline.detection.ewma import RateAnomaly
from musa_pipeline.detection.port import Algorithm, Make
from musa_pipeline.detection.reported import Reported
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.event import Plain
from musa_pipeline.domain.problems import near

GROUP = "musa.detection"
SHIPPED: dict[str, Make] = {"rate-anomaly": RateAnomaly, "volumetric-dos": SourceConcentration, "reported": Reported}


def known() -> tuple[str, ...]:
    """Return the names of all algorithms that are here; a plug-in cannot take the name of a shipped one."""
    return tuple(sorted({*SHIPPED, *(each.name for each in entry_points(group=GROUP))}))


def algorithm(name: str, parameters: Mapping[str, Plain] | None = None) -> Algorithm:
    """Return an algorithm by name; raises UsageWrong if it is not here, cannot be loaded, or does not take these parameters."""
    make = SHIPPED.get(name) or _plug_in(name)
    try:
        return make(parameters or {})
    except ValueError as error:
        raise UsageWrong(f"detection {name!r}: {error}") from error


def _plug_in(name: str) -> Make:
    for each in entry_points(group=GROUP, name=name):
        try:
            make: Make = each.load()
        except (ImportError, AttributeError) as error:
            raise UsageWrong(f"detection {name!r} cannot be loaded from {each.value!r}: {error}") from error
        return make
    raise UsageWrong(f"there is no detection algorithm {name!r}", near(name, known()) or f"there is {', '.join(known())}")
