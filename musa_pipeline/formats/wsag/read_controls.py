"""Controls of a document, whichever way it writes them."""

import re
from dataclasses import dataclass

from lxml import etree

from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.metric import Weight
from musa_pipeline.formats.wsag.elements import Elements, child, children, local, text_of

_NUMBER = re.compile(r"\s*0*([1-9][0-9]{0,5})\s*", re.ASCII)
_ENHANCEMENT = re.compile(r"\s*0*([0-9]{1,6})\s*", re.ASCII)
_FAMILY = re.compile(r"\s*([A-Za-z]{2})\s*", re.ASCII)
_NAMED = re.compile(r"(?:^|[^A-Za-z])([A-Za-z]{2})[-_ ]0*([1-9][0-9]{0,5})(?:\s*[(_.]\s*0*([1-9][0-9]{0,5})\)?)?\s*$", re.ASCII)
_WEIGHTS = {"VERY LOW": Weight.LOW, "CRITICAL": Weight.HIGH} | {each.value: each for each in Weight}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundControl:
    """A control of the document, and the id of its element."""

    ref: str
    control: ControlId
    title: str
    weight: Weight
    element: etree._Element


def read_controls(description: etree._Element, elements: Elements) -> tuple[str, list[FoundControl]]:
    """Return the first control framework's id and all controls, in the order of the document."""
    frameworks = list(children(description, "specs:capabilities", "specs:capability", "specs:controlFramework"))
    found = []
    for framework in frameworks:
        for element in framework:
            control = _control(element, elements)
            if control:
                found.append(control)
    return (frameworks[0].get("id", "") if frameworks else ""), found


def _control(element: etree._Element, elements: Elements) -> FoundControl | None:
    match local(element):
        case "NISTsecurityControl":
            control, prefix = _nist(element, elements), "nist"
        case "CCMsecurityControl":
            control, prefix = element.get("id"), "ccm"
        case _:
            elements.left_out(element, f"{local(element)!r} is not a control that we know: it is left out")
            return None
    if not control:
        elements.broken(
            element, f"control {element.get('id', '')!r} has no number that can be understood", "write for example id='SC-5(3)'"
        )
        return None
    return FoundControl(
        ref=element.get("id", ""),
        control=ControlId(control),
        title=element.get("name", ""),
        weight=read_weight(element, child(element, f"{prefix}:importance_weight"), elements),
        element=element,
    )


def _nist(element: etree._Element, elements: Elements) -> str | None:
    """Family, number and enhancement say which it is; where one of them is empty or odd, the id or the name does."""
    family = _FAMILY.fullmatch(element.get("control_family", ""))
    number = _NUMBER.fullmatch(element.get("securityControl", ""))
    enhancement = _ENHANCEMENT.fullmatch(element.get("control_enhancement", ""))
    if family and number and enhancement:
        return _written(family[1], number[1], enhancement[1])
    for name in ("id", "name"):
        named = _NAMED.search(element.get(name, ""))
        if named:
            control = _written(named[1], named[2], named[3] or "0")
            elements.mended(
                element, f"control {element.get('id', '')!r} does not say its number in full; its {name} was read: {control}"
            )
            return control
    return None


def _written(family: str, number: str, enhancement: str) -> str:
    extra = int(enhancement)
    return f"{family.upper()}-{number}" + (f"({extra})" if extra else "")


def read_weight(owner: etree._Element, element: etree._Element | None, elements: Elements) -> Weight:
    """Return an importance: as written, from the risk it was copied from, or medium."""
    text = " ".join(text_of(element).split())
    weight = _WEIGHTS.get(text.upper(), Weight.MEDIUM)
    if text != weight:
        elements.mended(owner, f"importance {text!r} was taken for {weight.value!r}")
    return weight
