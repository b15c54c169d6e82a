"""Fourth stage: providers and agents."""

from collections import Counter

from musa_pipeline.formats.values import write_value
from musa_pipeline.selection import select
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

READS = (
    "code",
    "catalogs/kinds",
    "catalogs/controls",
    "catalogs/offerings",
    "catalogs/crosswalks",
    "catalogs/agents",
    "catalogs/metrics",
)


def run(work: Work) -> dict[str, bytes]:
    """Choose."""
    chosen = select(values.cpim(work), values.slats(work), work.catalogs, work.settings.selection, work.problems)
    work.stop_if_wrong()
    work.set("selection", chosen)
    return {f"{work.place.sla}/selection.json": write_value(chosen, "selection")}


def said(work: Work) -> str:
    """One line on the result."""
    chosen = values.selection(work)
    count = Counter(each.provider for each in chosen.placements)
    providers = ", ".join(f"{name} {number}" for name, number in sorted(count.items(), key=lambda each: (-each[1], each[0])))
    proof = "proven best" if chosen.status == "optimal" else f"within {chosen.gap:.1%} of the best"
    return f"{providers} · {chosen.price:.2f} EUR/month · {proof}"
