"""Second stage: risks and the controls they require."""

from collections import Counter

from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.values import write_value
from musa_pipeline.risk import assess
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

READS = (
    "code",
    *(f"catalogs/{each}" for each in ("agents", "controls", "crosswalks", "exposures", "kinds", "profiles", "scopes", "threats")),
)


def run(work: Work) -> dict[str, bytes]:
    """Assess the model."""
    decided, measured = values.decisions(work).states, values.evidence(work)
    profile = assess(values.cpim(work), values.answers(work), work.catalogs, work.settings.risk, measured, decided)
    if profile.gap:
        said = f"the controls that `risk.require: cover` demands are not proven cheapest: others may cost up to {profile.gap:.0%} less"
        work.problems.warn(
            "D015", Span("musa.yaml"), said, help="raise the appetite, or let machines carry fewer unlike components"
        )
    work.stop_if_wrong()
    work.set("risk", profile)
    return {f"{work.place.sla}/risk.json": write_value(profile, "risk")}


def said(work: Work) -> str:
    """One line on the result."""
    profile = values.profile(work)
    count = Counter(each.rating for each in profile.risks)
    bands = ", ".join(f"{count[each]} {each}" for each in reversed(Rating) if count[each])
    controls = len({each.control for each in profile.required})
    return f"{len(profile.risks)} risks: {bands} → {controls} controls required" if profile.risks else "no risk applies"
