"""Why there is no choice: a smallest set of requirements that exclude one another."""

from collections.abc import Callable, Sequence

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.selection.bounds import Bound
from musa_pipeline.selection.units import Unit


def explain_conflict(
    units: Sequence[Unit], bounds: Sequence[Bound], feasible: Callable[[Sequence[Bound]], bool], problems: Problems
) -> None:
    """Report a set of requirements that cannot all be met, and of which none can be left out (deletion filter)."""
    if not feasible(()):
        kinds = ", ".join(sorted({"/".join(sorted(unit.kinds)) for unit in units}))
        problems.report("S002", Span("catalogs/offerings"), f"the catalog has no offering for kinds {kinds}")
        return
    kept = list(bounds)
    for bound in bounds:
        without = [each for each in kept if each is not bound]
        if not feasible(without):
            kept = without
    places = [each.at for each in kept if each.at]
    listed = "; ".join(f"{each.text} ({each.at})" if each.at else each.text for each in kept)
    problems.report(
        "S001",
        places[0] if places else Span("musa.yaml"),
        f"no offering can meet all of these together: {listed}",
        help="relax one of them: without any one of them there is a choice" if len(kept) > 1 else "relax it",
    )
