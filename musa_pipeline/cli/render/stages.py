"""The result of each stage as tables."""

from collections import defaultdict
from collections.abc import Sequence

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.cli.render.words import GRANTED_BY, bound, money, tick
from musa_pipeline.domain.cpim import Component, Role
from musa_pipeline.domain.ids import ComponentId, control_key
from musa_pipeline.domain.risk import OfOrganisation
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work


def _title(text: str) -> str:
    return click.style(text, bold=True)


def model(work: Work) -> str:
    """Components with kind, host, ports, data and whom they use."""
    cpim = values.cpim(work)
    uses: dict[str, list[str]] = defaultdict(list)
    for link in cpim.connections:
        uses[link.source].append(link.target)
    rows = [
        [
            each.id,
            str(each.kind),
            each.host or "",
            _ports(each),
            ", ".join(f"{one.name} ({one.classification})" for one in each.data),
            _exposed(each),
            ", ".join(uses[each.id]),
        ]
        for each in cpim.components
    ]
    head = ["component", "kind", "runs on", "listens", "data", "exposed", "uses"]
    return f"{_title(cpim.name)} · {cpim.language}\n{table(rows, head)}"


def _ports(each: Component) -> str:
    return ", ".join(f"{port.number or '?'}{'/' + port.protocol if port.protocol else ''}" for port in each.ports)


def _exposed(each: Component) -> str:
    if each.role is not Role.COMPONENT:
        return str(each.role)
    return {True: click.style("yes", fg="yellow"), False: "no", None: "?"}[each.exposed]


def organisation(work: Work, found: Sequence[OfOrganisation]) -> list[str]:
    """The controls that the risks call for and only an organisation implements: for its people to see to, no component's gap."""
    rows = [
        [
            each.control,
            work.catalogs.control[each.control].title,
            f"score {each.score}",
            f"{len(each.components)} component{'' if len(each.components) == 1 else 's'}",
            ", ".join(each.threats[:3]) + (" …" if len(each.threats) > 3 else ""),
        ]
        for each in sorted(found, key=lambda each: (-each.score, control_key(each.control)))
    ]
    return ["", _title(f"{len(rows)} controls that are the organisation's own, no component's"), table(rows)] if rows else []


def slat(work: Work) -> str:
    """What each component asks for, and of whom."""
    parts = []
    for each in values.slats(work):
        parts.append(_title(f"{each.component} · {work.place.sla}/slat/{each.component}.xml"))
        parts.append(
            table(
                [[term.control, GRANTED_BY[term.by], str(term.weight).lower(), term.title, term.because] for term in each.terms]
            )
        )
        if each.slos:
            parts.append(table([[work.catalogs.metric[slo.metric].title, bound(slo), slo.because] for slo in each.slos]))
        parts.append("")
    return "\n".join(parts).rstrip() or "no component, no template"


def select(work: Work) -> str:
    """Placements with price and reason, agents, runners-up."""
    chosen = values.selection(work)
    rows = [
        [
            each.unit,
            each.offering,
            f"{each.region} ({each.country})",
            f"{each.price:.2f}",
            f"{each.coverage}/{each.of}",
            each.because,
        ]
        for each in chosen.placements
    ]
    parts = [_title(f"{chosen.application} · {money(chosen.price)}, of it agents {money(chosen.agents_price)}")]
    parts.append(table(rows, ["unit", "offering", "region", "EUR/month", "risk points", "why"]))
    second = [[each.unit, each.runner_up.offering, each.runner_up.because] for each in chosen.placements if each.runner_up]
    if second:
        parts += ["", _title("runners-up"), table(second)]
    if chosen.agents:
        parts += [
            "",
            _title("agents"),
            table([[each.agent, each.component, each.because] for each in chosen.agents], ["agent", "beside", "because"]),
        ]
    proof = "proven best" if chosen.status == "optimal" else f"not proven: at most {chosen.gap:.2%} from the best"
    return "\n".join([*parts, "", f"  {proof} · {chosen.method}"])


def compose(work: Work) -> str:
    """Controls promised or not, service levels, gaps with remedies."""
    found = values.composition(work)
    everybody = {each.component for each in found.components}
    rows = [
        [
            tick(each.promised),
            each.control,
            work.catalogs.control[each.control].title,
            _scope(each.granted_for, everybody, boundary=each.boundary)
            if each.promised
            else "fails at " + ", ".join(each.failing[:4]) + (" …" if len(each.failing) > 4 else ""),
        ]
        for each in found.outcomes
    ]
    parts = [_title(f"{found.application} · controls"), table(rows)]
    if found.slos:
        parts += [
            "",
            _title("service levels of the application"),
            table(
                [
                    [work.catalogs.metric[each.slo.metric].title, bound(each.slo), f"{each.combine} of {len(each.members)}"]
                    for each in found.slos
                ]
            ),
        ]
    if found.gaps:
        from musa_pipeline.cli.render.summary import by_control, gap_rows

        parts += ["", _title("missing"), table(gap_rows(work, by_control(found.gaps)))]
        unmeasured = [[each.metric or "", each.component, each.reason] for each in found.gaps if each.metric]
        if unmeasured:
            parts += ["", _title("asked for, but no agent measures it"), table(unmeasured)]
    parts += organisation(work, found.organisation)
    return "\n".join(parts)


def _scope(granted_for: tuple[ComponentId, ...], everybody: set[ComponentId], *, boundary: bool) -> str:
    if boundary:
        return "at the entry points"
    return "every component" if set(granted_for) == everybody else f"where it applies: {', '.join(granted_for)}"


def plan(work: Work) -> str:
    """Steps in order, then what people must do."""
    made = values.plan(work)
    rows = [[str(each.number), each.machine, each.role, each.title, each.because] for each in made.steps]
    parts = [_title(f"{made.application} · {len(made.steps)} steps"), table(rows, ["", "machine", "role", "step", "because"])]
    if made.tasks:
        parts += [
            "",
            _title("to be done by you, at the provider"),
            table([[str(each.number), each.control, each.component, each.title] for each in made.tasks]),
        ]
    return "\n".join(parts)
