"""What the catalog of metrics leaves open: metrics that nobody can measure, metrics that show no control, links without a reason."""

from dataclasses import dataclass

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.metric import Metric
from musa_pipeline.domain.problems import Problems, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The metrics by who can measure them, those linked to no control, and the links that say no reason."""

    by_agents: tuple[Metric, ...]
    by_others: tuple[Metric, ...]
    by_nobody: tuple[Metric, ...]
    unlinked: tuple[Metric, ...]
    bare: tuple[tuple[Metric, ControlId], ...]


def coverage_of(catalogs: Catalogs) -> Coverage:
    """Return what is covered; a metric of an agent counts as the agent's, whoever else could measure it."""
    by_agents = {metric for agent in catalogs.agents for metric in agent.measures}
    others = [each for each in catalogs.metrics if each.id not in by_agents]
    return Coverage(
        by_agents=tuple(each for each in catalogs.metrics if each.id in by_agents),
        by_others=tuple(each for each in others if each.measured_by),
        by_nobody=tuple(each for each in others if not each.measured_by),
        unlinked=tuple(each for each in catalogs.metrics if not each.controls),
        bare=tuple((each, link.control) for each in catalogs.metrics for link in each.controls if not link.because),
    )


def report_coverage(coverage: Coverage, problems: Problems) -> None:
    """Tell what is open as notes, for a metric may be known before anybody can measure it.

    Codes: C016 nobody measures it, C017 it is linked to no control, C018 a link without reason.
    """
    for each in coverage.by_nobody:
        way_out = "say in its measured_by, or in the measures of an agent, who can; until then no template asks for it by itself"
        problems.report("C016", each.at, f"nobody measures {each.id!r}", help=way_out, severity=Severity.NOTE)
    for each in coverage.unlinked:
        bears = f"; it bears on {', '.join(each.threats)}" if each.threats else ""
        way_out = "link the controls that it shows at work, each with grade and because; leave it if there is none"
        problems.report(
            "C017", each.at, f"metric {each.id!r} is linked to no control{bears}", help=way_out, severity=Severity.NOTE
        )
    for each, control in coverage.bare:
        text = f"metric {each.id!r} does not say how it shows {control}"
        problems.report("C018", each.at, text, help="add grade and because", severity=Severity.NOTE)
