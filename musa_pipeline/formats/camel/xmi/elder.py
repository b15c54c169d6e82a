"""What machines must have in CAMEL of 2014: said on the machine itself, later in requirement sets; read as if it were later."""

from typing import Any, Final

from musa_pipeline.formats.camel.statements import statement
from musa_pipeline.formats.camel.xmi.build import Builder
from musa_pipeline.formats.camel.xmi.tree import Element
from musa_pipeline.formats.camel.xmi.values import fits, quoted

_BOUNDS: Final = (("core", "Cores"), ("ram", "Ram"), ("storage", "Storage"), ("cpu", "CPU"))
_FILLED_IN: Final = ("", "0")


def machine(builder: Builder, made: Any, element: Element) -> list[Any]:
    """Give a machine the requirement set that its own attributes say."""
    said, at = element.attributes, builder.marks.mark(element)
    wanted: dict[str, Any] = {}
    ranges = {}
    for attribute, word in _BOUNDS:
        low, high = (said.get(f"{side}{word}", "") for side in ("min", "max"))
        if (low not in _FILLED_IN or high not in _FILLED_IN) and fits(low or "0", "number"):
            ranges[attribute] = statement("Range", at, low=low or "0", high=high or None)
    if ranges:
        wanted["quantitative"] = statement("QuantitativeHardware", at, name=_name(made, "hardware"), **ranges)
    if said.get("os"):
        wanted["os"] = statement("OSRequirement", at, name=_name(made, "os"), os=quoted(said["os"]))
    if said.get("imageId"):
        wanted["image"] = statement("ImageRequirement", at, name=_name(made, "image"), image=quoted(said["imageId"]))
    for attribute, kind, several in (
        ("location", "LocationRequirement", "locations"),
        ("provider", "ProviderRequirement", "providers"),
    ):
        if said.get(attribute):
            builder.used.add((element, attribute))
            refs = [builder.reference(element, attribute, token) for token in said[attribute].split()]
            wanted[attribute] = statement(kind, at, name=_name(made, attribute), **{several: refs})
    if not wanted or made.sets:
        return []
    led = {attribute: builder.made_up(element, each) for attribute, each in wanted.items()}
    wishes = statement("RequirementSet", at, name=_name(made, "requirements"), **led)
    made.sets.append(builder.made_up(element, wishes))
    return [wishes, *wanted.values()]


def _name(made: Any, what: str) -> str:
    return f"{made.name[:-1]}.{what}{made.name[-1]}"
