"""The two published schema sets, loaded offline with the three repairs that make them loadable at all.

As published they import files of other hosts and refer to groups of the schema for schemas. Dropped: the three imports and the
fault type that needs them; `ItemConstraint` takes anything.
"""

from pathlib import Path

from lxml import etree

from tests.support import shared

XS = "{http://www.w3.org/2001/XMLSchema}"
SETS = {"specs-thales": "sla.xsd", "specs-inspire": "SLAtemplate.xsd"}


def load(name: str, place: Path) -> etree.XMLSchema:
    """Load one set; `place` is an empty folder for the repaired copy, which lives as long as the test."""
    folder = shared("xsd") / name
    for source in folder.rglob("*.xsd"):
        target = place / source.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_repaired(source.read_bytes()))
    (place / "all.xsd").write_text(
        f"""<xs:schema xmlns:xs="{XS[1:-1]}">
        <xs:import namespace="http://www.specs-project.eu/resources/schemas/xml/SLAtemplate" schemaLocation="{SETS[name]}"/>
        <xs:import namespace="http://schemas.ggf.org/graap/2007/03/ws-agreement" schemaLocation="wsag.xsd"/>
        </xs:schema>"""
    )
    return etree.XMLSchema(etree.parse(str(place / "all.xsd")))


def _repaired(text: bytes) -> bytes:
    root = etree.fromstring(text)
    if root.get("targetNamespace") != "http://schemas.ggf.org/graap/2007/03/ws-agreement":
        return text
    for each in root.findall(f"{XS}import"):
        root.remove(each)
    for each in root:
        if each.get("name") in ("ContinuingFaultType", "ContinuingFault"):
            root.remove(each)
    for each in root.iter(f"{XS}element"):
        if each.get("name") == "ItemConstraint":
            each.clear()
            each.set("name", "ItemConstraint")
            each.set("type", "xs:anyType")
    return etree.tostring(root)
