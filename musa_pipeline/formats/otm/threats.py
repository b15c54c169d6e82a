"""What an OTM document says of threats and mitigations: controls that are implemented are claims; the rest is rated anew, and told."""

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Wanted
from musa_pipeline.domain.findings import Findings
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.formats.otm.tree import Entry, attributes, items, section, word
from musa_pipeline.text.yaml import Mapping, Node


def implemented(
    root: Mapping, components: dict[str, Entry], catalogs: Catalogs, findings: Findings
) -> dict[str, tuple[Wanted, ...]]:
    """Return the controls that each component is said to implement: mitigations of that state that are controls of the catalog."""
    threats = section(root, "threats", "threat", findings)
    known = section(root, "mitigations", "mitigation", findings)
    controls = {key: _controls(each, catalogs) for key, each in known.items()}
    found = {}
    for name, entry in components.items():
        claims: dict[ControlId, Wanted] = {}
        for node in _instances(entry, threats, known, findings):
            if word(node.get("state")).lower() == "implemented":
                for control in controls[word(node.get("mitigation"))]:
                    claims[control] = Wanted(control=control, at=node.at)
        found[name] = tuple(claims[each] for each in sorted(claims))
    _tell(root, threats, known, controls, findings)
    return found


def _instances(entry: Entry, threats: dict[str, Entry], known: dict[str, Entry], findings: Findings) -> list[Mapping]:
    """Return the mitigations of a component that the file has; threats and mitigations that it does not have are told."""
    found = []
    for threat in items(entry.body.get("threats")):
        if not isinstance(threat, Mapping):
            continue
        _check(threat.get("threat"), "threat", entry, threats, findings)
        for each in items(threat.get("mitigations")):
            if isinstance(each, Mapping):
                _check(each.get("mitigation"), "mitigation", entry, known, findings)
                if word(each.get("mitigation")) in known:
                    found.append(each)
    return found


def _check(node: Node | None, noun: str, entry: Entry, known: dict[str, Entry], findings: Findings) -> None:
    if node is not None and word(node) not in known:
        text = f"component {entry.id!r} has {noun} {word(node)!r}, which the file does not have"
        findings.warn("U022", node.at, text, findings.near(word(node), known) or f"add the {noun}, or name one that is there")


def _controls(entry: Entry, catalogs: Catalogs) -> tuple[ControlId, ...]:
    """Return the controls that a mitigation is, by its id, its name or one of its attributes."""
    for text in (entry.id, entry.name, *attributes(entry.body).values()):
        if text and (found := catalogs.named(text)):
            return found
    return ()


def _tell(
    root: Mapping,
    threats: dict[str, Entry],
    known: dict[str, Entry],
    controls: dict[str, tuple[ControlId, ...]],
    findings: Findings,
) -> None:
    if not threats and not known:
        return
    node = root.get("threats") or root.get("mitigations")
    named = sum(map(bool, controls.values()))
    text = (
        f"{len(threats)} threats and {len(known)} mitigations of the document are not taken over: threats are rated anew; "
        f"{named} of the mitigations are controls of the catalog, and count where they are implemented"
    )
    findings.note("U023", node.at if node else root.at, text)
