"""What no single entry can see: control catalogs that contradict themselves, and entries that contradict each other."""

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import ControlCatalog
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import NOWHERE, Span


def check_contradictions(catalogs: Catalogs, problems: Problems) -> None:
    """Report them. Codes: C004 no source, C005 unknown control, C009 an id twice, C011 two things that cannot both be true."""
    for catalog in (catalogs.controls, *catalogs.older):
        _controls(catalog, problems)
    for agent in catalogs.agents:
        for grant in agent.grants:
            control = catalogs.control.get(grant.control)
            if control and not control.withdrawn and control.id not in catalogs.borne:
                problems.report(
                    "C011",
                    getattr(grant, "at", NOWHERE) or agent.at,
                    f"agent {agent.id!r} grants {control.id}, which is the organisation's own: no component is asked for it",
                    help="say in 'borne' of its scope why a component bears a part of it, or leave the grant out",
                )


def _controls(catalog: ControlCatalog, problems: Problems) -> None:
    at = Span(f"catalogs/controls/{catalog.id}.json")
    if catalog.id and not catalog.source.document:
        problems.report("C004", at, "this catalog has no source", help="make it again by 'musa catalog import oscal'")
    known = {each.id: each for each in catalog.controls}
    seen: set[str] = set()
    for each in catalog.controls:
        if each.id in seen:
            problems.report("C009", at, f"a second control {each.id!r}", help="give each its own id")
        seen.add(each.id)
        for other in (*each.moved_to, *each.related, *([each.parent] if each.parent else ())):
            if other not in known:
                problems.report(
                    "C005", at, f"control {each.id!r} names {other!r}, which the catalog does not have", help="mend the id"
                )
        if each.withdrawn and each.baselines:
            baselines = ", ".join(sorted(each.baselines))
            problems.report(
                "C011",
                at,
                f"control {each.id!r} is withdrawn and in baseline {baselines}",
                help="import the profiles that go with it",
            )
        if each.moved_to and not each.withdrawn:
            way_out = "a control in force has no successor"
            problems.report("C011", at, f"control {each.id!r} is in force and moved to {', '.join(each.moved_to)}", help=way_out)
