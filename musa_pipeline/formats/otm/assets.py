"""Assets of an OTM document as data of the components that store, process or get them."""

from musa_pipeline.domain.cpim import DataClass, DataSet
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import slug
from musa_pipeline.formats.otm.flows import Flow
from musa_pipeline.formats.otm.kinds import is_ours
from musa_pipeline.formats.otm.tree import Entry, attributes, inside, items, number, word
from musa_pipeline.formats.otm.words import OURS, class_of_data
from musa_pipeline.text.yaml import Node


def read_assets(assets: dict[str, Entry], findings: Findings) -> dict[str, DataSet]:
    """Return the data that each asset is, by its id."""
    return {key: DataSet(name=each.name, classification=_class(each, findings), at=each.at) for key, each in assets.items()}


def held(
    components: dict[str, Entry], flows: list[Flow], known: dict[str, DataSet], findings: Findings
) -> dict[str, tuple[DataSet, ...]]:
    """Return the data of each component, by its id: what it stores or processes, and what a flow brings it."""
    found: dict[str, dict[str, DataSet]] = {}
    for name, entry in components.items():
        body = inside(entry.body, "assets")
        for key in ("stored", "processed"):
            _take(found.setdefault(name, {}), items(body.get(key)), f"component {entry.id!r}", known, findings)
    for flow in flows:
        own: dict[str, DataSet] = {}
        _take(own, items(flow.entry.body.get("assets")), f"data flow {flow.entry.id!r}", known, findings)
        if not is_ours(flow.entry):
            found[flow.destination] = own | found[flow.destination]
    return {name: tuple(some[key] for key in sorted(some)) for name, some in found.items()}


def _take(into: dict[str, DataSet], nodes: list[Node], holder: str, known: dict[str, DataSet], findings: Findings) -> None:
    for node in nodes:
        said = word(node)
        if said in known:
            into[said] = known[said]
        elif said:
            text = f"{holder} has asset {said!r}, which the file does not have; it is left out"
            findings.warn("U017", node.at, text, "add the asset, or name one that is there")


def _class(entry: Entry, findings: Findings) -> DataClass:
    said = attributes(entry.body).get(f"{OURS}class", "")
    if said in list(DataClass):
        return DataClass(said)
    if said:
        way_out = "write one of " + ", ".join(DataClass)
        findings.warn("U016", entry.place("attributes"), f"attribute {OURS + 'class'!r} is {said!r}", way_out)
    node = inside(entry.body, "risk").get("confidentiality")
    rating = number(node)
    if node is not None and (rating is None or not 0 <= rating <= 100):
        text = f"confidentiality {word(node)!r} of asset {entry.name!r} is off its scale"
        findings.warn("U009", node.at, text, "write 0 to 100")
        rating = None
    found, because = class_of_data(slug(entry.name).split("-"), rating)
    why = f"because of {because!r} in its name" if because else "by its rating of confidentiality"
    if rating is None and not because:
        why = "as nothing says how confidential it is"
    text = f"asset {entry.name!r} is taken as {str(found)!r} data {why}"
    findings.note("U018", entry.at, text, f"give it the attribute {OURS}class if it is something else")
    return found
