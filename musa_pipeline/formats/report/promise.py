"""What is promised and what is not: controls with who grants them, service levels, gaps with the way out."""

from collections.abc import Iterator, Mapping, Sequence

from musa_pipeline.domain.agreement import Sla, SlaTerm
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import ComposedSlo, Composition, Gap
from musa_pipeline.domain.ids import MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.formats.report.model import Badge, Below, Block, Cell, Code, Piece, Text, Tone, count, names, table
from musa_pipeline.text.quantity import format_bound

WEIGHTS = {Weight.HIGH: Tone.BAD, Weight.MEDIUM: Tone.FAIR, Weight.LOW: Tone.PLAIN}
_SIGNS = {Operator.GE: "≥", Operator.LE: "≤", Operator.GT: ">", Operator.LT: "<", Operator.EQ: "="}


def weight(of: Weight) -> Cell:
    """Return a weight as a badge."""
    return (Badge(of.lower(), WEIGHTS[of]),)


def bound(slo: Slo) -> str:
    """Return `≥ 99 %`."""
    return f"{_SIGNS[slo.operator]} {format_bound(slo.bound, slo.unit)}"


def controls(sla: Sla) -> tuple[Block, ...]:
    """Return the controls of an SLA with who grants them, and for whom."""
    if not sla.terms:
        return (Text(("No control is promised.",)),)
    whole = sla.component is None and bool(sla.members)
    head = ("control", "", "weight", "granted by", *(("for",) if whole else ("rule",)))
    rows = [
        (
            (Code(each.control),),
            each.title,
            weight(each.weight),
            ", ".join(each.granted_by),
            _scope(each, sla) if whole else each.rule,
        )
        for each in sla.terms
    ]
    return table(head, rows)


def _scope(term: SlaTerm, sla: Sla) -> Cell:
    everybody = {each.component for each in sla.members} <= set(term.granted_for)
    met = " (met at the entry)" if term.rule == "boundary" else ""
    pieces: list[Piece] = [f"all components{met}"] if everybody else [*names(term.granted_for), met]
    if term.not_applicable:
        pieces.append(
            Below(f"not applicable to {', '.join(term.not_applicable[:8])}{' …' if len(term.not_applicable) > 8 else ''}")
        )
    return tuple(pieces)


def levels(sla: Sla, catalogs: Catalogs, composed: Sequence[ComposedSlo] = ()) -> tuple[Block, ...]:
    """Return the service levels of an SLA; of a composed one with the bounds that they are made of."""
    made = {each.slo.metric: each for each in composed}
    rows = (_level(each, catalogs, made) for each in sla.slos)
    return table(("metric", "promised", "alert at", "weight", "why"), rows, right=(1, 2))


def _level(slo: Slo, catalogs: Catalogs, made: Mapping[MetricId, ComposedSlo]) -> tuple[Cell | str, ...]:
    metric = catalogs.metric.get(slo.metric)
    title: Cell = (metric.title, Below(metric.definition)) if metric else (Code(slo.metric),)
    alert = "" if slo.alert is None else format_bound(slo.alert, slo.unit)
    why: list[Piece] = [slo.because]
    if slo.metric in made:
        members = made[slo.metric].members
        listed = ", ".join(f"{component} {text}" for component, text in members[:8])
        why.append(Below(f"{listed}{f' and {len(members) - 8} more' if len(members) > 8 else ''}"))
    return (title, bound(slo), alert, weight(slo.weight), tuple(why))


def missing(found: Composition, catalogs: Catalogs, named: str) -> tuple[Block, ...]:
    """Return what is asked for and not promised, worst first, each with the smallest change that would grant it."""
    groups: dict[str, list[Gap]] = {}
    for gap in found.gaps:
        if gap.control:
            groups.setdefault(gap.control, []).append(gap)
    unseen = sorted({str(each.metric) for each in found.gaps if each.metric})
    if not groups and not unseen:
        return (Text(("Nothing: every control that anybody requires is promised, and every service level can be measured.",)),)
    rows = (_gap(control, gaps, catalogs) for control, gaps in groups.items())
    blocks = table(("control", "score", "where and why", "what would grant it"), rows, right=(1,), where=f"musa compose {named}")
    return (*blocks, *_unseen(unseen, catalogs))


def _gap(control: str, gaps: list[Gap], catalogs: Catalogs) -> tuple[Cell | str, ...]:
    first = gaps[0]
    known = next((each for id_, each in catalogs.control.items() if id_ == control), None)
    more = f" and {count(len(gaps) - 1, 'other')}" if len(gaps) > 1 else ""
    title: Cell = (Code(control), Below(known.title)) if known else (Code(control),)
    return (title, str(max(each.score for each in gaps)), (Code(first.component), more, Below(first.reason)), _way_out(first))


def _way_out(gap: Gap) -> Cell:
    if not gap.remedies:
        return ("no change that the catalogs know of",)
    best = gap.remedies[0]
    price = (Below(f"+{best.price:,.2f} EUR a month"),) if best.price else ()
    rest = f" and {len(best.changes) - 3} more" if len(best.changes) > 3 else ""
    return (" and ".join(best.changes[:3]) + rest, *price)


def _unseen(metrics: list[str], catalogs: Catalogs) -> Iterator[Block]:
    if metrics:
        titles = [catalogs.metric[each].title if each in catalogs.metric else each for each in map(MetricId, metrics)]
        yield Text((Badge("unseen", Tone.FAIR), " asked for, but nobody can measure it: ", ", ".join(titles), "."))
