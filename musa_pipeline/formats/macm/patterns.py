"""Which kinds of nodes a relation may join: the 27 patterns of the schema (VSecLab, Model Configuration, relationship pattern validity)."""

from typing import Final

from musa_pipeline.formats.macm.words import CSP, HW, LAYER, NETWORK, PARTY, SERVICE, VIRTUAL

_ROWS: Final = (
    (PARTY, "interacts", (SERVICE, HW, NETWORK, PARTY, VIRTUAL, LAYER, CSP)),
    (SERVICE, "uses", (SERVICE, VIRTUAL)),
    (SERVICE, "hosts", (SERVICE,)),
    (VIRTUAL, "hosts", (LAYER,)),
    (LAYER, "hosts", (LAYER, VIRTUAL, SERVICE)),
    (LAYER, "uses", (HW,)),
    (HW, "hosts", (HW, LAYER)),
    (CSP, "provides", (SERVICE, NETWORK, HW, VIRTUAL, LAYER)),
    (NETWORK, "connects", (NETWORK, VIRTUAL, LAYER, HW, CSP)),
)
PATTERNS: Final = frozenset((source, kind, target) for source, kind, targets in _ROWS for target in targets)
RELATIONS: Final = frozenset(kind for _, kind, _ in _ROWS)


def is_allowed(source: str, kind: str, target: str) -> bool:
    """Tell whether a relation may lead from a node with one primary label to one with another.

    >>> is_allowed("Service", "uses", "Service"), is_allowed("HW", "hosts", "Service")
    (True, False)
    """
    return (source, kind, target) in PATTERNS


def way_out(source: str, kind: str, target: str) -> str:
    """Return what may be written instead.

    >>> way_out("HW", "hosts", "Service")
    'HW may host HW or SystemLayer: put one of them between, such as HW hosts SystemLayer hosts Service'
    >>> way_out("HW", "connects", "HW")
    'only a Network connects: put one between, that connects both'
    >>> way_out("CSP", "uses", "Party")
    'relations of CSP: provides Service, Network, HW, Virtual, SystemLayer'
    """
    targets = [each for one, relation, some in _ROWS if (one, relation) == (source, kind) for each in some]
    between = next((each for each in targets if is_allowed(each, kind, target)), "")
    if kind == "hosts" and between:
        some = " or ".join(targets)
        return f"{source} may host {some}: put one of them between, such as {source} hosts {between} hosts {target}"
    if is_allowed(target, kind, source):
        return f"turn it round: {target} {kind} {source}"
    if kind == "connects" and source != NETWORK and target != NETWORK:
        return "only a Network connects: put one between, that connects both"
    if others := [relation for one, relation, some in _ROWS if one == source and target in some]:
        return f"write {source} {' or '.join(others)} {target}"
    allowed = "; ".join(f"{relation} {', '.join(some)}" for one, relation, some in _ROWS if one == source)
    return f"relations of {source}: {allowed}" if allowed else f"relations never begin at {source}"
