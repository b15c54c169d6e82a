"""The running application as a picture: providers around machines around services, each with the state of its promises."""

from collections.abc import Iterable, Mapping

from musa_pipeline.domain.context import Entity, Kind
from musa_pipeline.domain.verdict import State
from musa_pipeline.formats.graph.model import Edge, Graph, Group, Mark, MarkKind, Shape, Vertex

_MARKS = {
    State.FULFILLED: MarkKind.FULFILLED,
    State.AT_RISK: MarkKind.AT_RISK,
    State.VIOLATED: MarkKind.VIOLATED,
    State.NOT_DETERMINED: MarkKind.NOT_DETERMINED,
}


def graph_of_context(title: str, entities: Iterable[Entity], states: Mapping[str, State], blocked: Mapping[str, int]) -> Graph:
    """Return the picture. `states`: the worst state of each service's promises; `blocked`: sources dropped on each machine."""
    known = tuple(entities)
    hosts = [each for each in known if each.kind is Kind.HOST]
    services = [each for each in known if each.kind is Kind.SERVICE]
    providers = sorted({str(each.desired["provider"]) for each in hosts if each.desired.get("provider")})
    return Graph(
        title=title,
        vertices=tuple(_vertex(each, states.get(each.id)) for each in services),
        edges=tuple(
            Edge(source=str(each.desired.get("from")), target=str(each.desired.get("to")))
            for each in known
            if each.kind is Kind.LINK and each.desired.get("relation") == "uses"
        ),
        groups=(
            *(Group(id=f"provider {each}", label=each, shape=Shape.PROVIDER) for each in providers),
            *(_group(each, blocked.get(each.id, 0)) for each in hosts),
        ),
    )


def _group(host: Entity, blocked: int) -> Group:
    provider = host.desired.get("provider")
    parts = (host.id, str(host.desired.get("address") or ""), f"{blocked} blocked" if blocked else "")
    return Group(id=f"host {host.id}", label=" · ".join(filter(None, parts)), parent=f"provider {provider}" if provider else None)


def _vertex(service: Entity, state: State | None) -> Vertex:
    machine = service.desired.get("machine")
    marks = [Mark(kind=_MARKS[state], text=str(state).replace("-", " "))] if state in _MARKS else []
    if service.desired.get("exposed"):
        marks.append(Mark(kind=MarkKind.EXPOSED, text="exposed"))
    return Vertex(
        id=service.id,
        label=service.id,
        shape=Shape.COMPONENT if machine else Shape.EXTERNAL,
        detail=str(service.desired.get("kind") or ""),
        group=f"host {machine}" if machine else None,
        marks=tuple(marks),
    )
