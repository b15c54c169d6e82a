"""Where the application runs, with which agents, at what price; and what is left to people: duties, the organisation's controls."""

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.ids import control_key
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.selection import Placement, Selection
from musa_pipeline.formats.report.model import Below, Block, Cell, Code, Text, count, names, table


def choice(found: Selection) -> tuple[Block, ...]:
    """Return the placements with reason and runner-up, and the agents by component."""
    if not found.placements:
        return ()
    proof = "proven the best" if found.status == "optimal" else f"at most {found.gap:.2%} from the best"
    covered = f"{found.coverage:,} of {found.of:,} risk points covered" if found.of else "nothing to cover"
    lead = Text((f"{found.price:,.2f} EUR a month, of it agents {found.agents_price:,.2f}; {covered}; {proof}.",))
    head = ("unit", "offering", "region", "EUR a month", "risk points", "why")
    return (lead, *table(head, map(_placement, found.placements), right=(3, 4)), *_agents(found))


def _placement(each: Placement) -> tuple[Cell | str, ...]:
    copies = f" × {each.copies}" if each.copies > 1 else ""
    second = (Below(f"next best: {each.runner_up.offering}, {each.runner_up.because}"),) if each.runner_up else ()
    return (
        (Code(each.unit), copies),
        (Code(each.offering),),
        f"{each.region} ({each.country})",
        f"{each.price:,.2f}",
        f"{each.coverage}/{each.of}",
        (each.because, *second),
    )


def _agents(found: Selection) -> tuple[Block, ...]:
    beside: dict[str, list[str]] = {}
    for each in found.agents:
        beside.setdefault(str(each.agent), []).append(str(each.component))
    return table(("agent", "beside"), (((Code(agent),), names(where, 12)) for agent, where in sorted(beside.items())))


def duties(found: Composition) -> tuple[Block, ...]:
    """Return what an offering lets its customer configure, and a promise counts on."""
    rows = (((Code(each.control),), (Code(each.component),), (Code(each.offering),), each.source) for each in found.duties)
    blocks = table(("control", "for", "configure at", "says"), rows)
    return (Text(("The promise counts on these being switched on; the provider leaves them to you.",)), *blocks) if blocks else ()


def organisation(profile: RiskProfile, catalogs: Catalogs) -> tuple[Block, ...]:
    """Return the controls that only an organisation can implement."""
    order = sorted(profile.organisation, key=lambda each: (-each.score, control_key(each.control)))
    rows = (
        (
            (Code(each.control),),
            catalogs.control[each.control].title if each.control in catalogs.control else "",
            str(each.score),
            count(len(each.components), "component"),
        )
        for each in order
    )
    blocks = table(("control", "", "score", "called for by"), rows, right=(2,))
    lead = Text(
        (
            "The risks call for these too. No component can implement them, and none is blamed for their lack: they are policy and people.",
        )
    )
    return (lead, *blocks) if blocks else ()
