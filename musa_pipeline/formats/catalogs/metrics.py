"""Metrics: `catalogs/metrics/<id>.yaml`, each with its scale, how bounds combine and which controls it shows at work."""

from collections.abc import Collection, Iterator

from musa_pipeline.domain.ids import MetricId, ThreatId, control_key
from musa_pipeline.domain.metric import Combine, Grade, Measured, Measurer, Metric, MetricLink, Operator, Scale, Value
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.formats.catalogs.references import Controls, known
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

KEYS = [
    "id",
    "title",
    "reference",
    "uuid",
    "target",
    "unit",
    "scale",
    "operator",
    "default",
    "lowest",
    "highest",
    "definition",
    "combine",
    "max_age",
    "applies",
    "because",
    "mended",
    "controls",
    "threats",
    "measured_by",
    "source",
]
LINK_KEYS = ("rev4", "grade", "because")
COMPARISONS = ("==", "<=", ">=", "<", ">", "isIn", "allIn")
DAY = 86_400

_WEAKEST = {
    Operator.GE: Combine.MIN,
    Operator.GT: Combine.MIN,
    Operator.LE: Combine.MAX,
    Operator.LT: Combine.MAX,
}


def read_metric(
    node: Mapping, conditions: Conditions, controls: Controls, threats: Collection[str], problems: Problems
) -> Metric:
    """Return one metric. Codes: C003 off the scale, C006 unknown threat, C011 contradiction."""
    entry = Entry(node, problems, KEYS)
    metric = Metric(
        id=MetricId(entry.text("id")),
        title=entry.text("title"),
        definition=entry.text("definition"),
        unit=entry.text("unit", ""),
        scale=entry.word("scale", Scale, Scale.NUMBER),
        operator=entry.word("operator", Operator, Operator.EQ),
        combine=entry.word("combine", Combine, Combine.MIN),
        max_age=_max_age(entry),
        reference=entry.text("reference", ""),
        uuid=entry.text("uuid", ""),
        target=tuple(_target(entry)),
        because=entry.text("because", ""),
        measured_by=tuple(_measured(entry)),
        default=_default(entry),
        lowest=entry.number("lowest"),
        highest=entry.number("highest"),
        controls=tuple(sorted(_links(entry, controls), key=lambda each: control_key(each.control))),
        threats=tuple(
            ThreatId(each.text) for each in entry.scalars("threats") if known("threat", each.text, threats, each.at, problems)
        ),
        applies=conditions.read(node.get("applies")),
        source=entry.source(),
        at=node.at,
    )
    for key, sentence, way_out in _contradictions(metric):
        problems.report("C011", entry.place(key), f"metric {metric.id!r}: {sentence}", help=way_out)
    return metric


def _max_age(entry: Entry) -> int:
    if not entry.has("max_age"):
        entry.missing("max_age", "how old evidence may be, in seconds")
    age = entry.number("max_age")
    if age is None:
        return DAY
    if age < 1 or age != int(age):
        entry.problems.report("C003", entry.place("max_age"), f"evidence may be {age:g} seconds old; give whole seconds from 1")
        return DAY
    return int(age)


def _default(entry: Entry) -> Value | None:
    if not entry.has("default"):
        return None
    node = entry.node.get("default")
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    return entry.number("default")


def _links(entry: Entry, controls: Controls) -> Iterator[MetricLink]:
    seen = set()
    for written, at, value in entry.pairs("controls"):
        control = controls.read(written, at)
        if control is None:
            continue
        if control in seen:
            entry.problems.report("C011", at, f"control {control!r} is linked twice", help="keep one of them")
            continue
        seen.add(control)
        if isinstance(value, Mapping):
            link = Entry(value, entry.problems, LINK_KEYS)
            grade = link.word("grade", Grade, Grade.INDIRECT) if link.has("grade") else Grade.INDIRECT
            yield MetricLink(control=control, because=link.text("because", ""), grade=grade)
        else:
            entry.wrong(value.at, f"what stands under {control!r} must be a mapping, as in {{because: ...}}")


def _target(entry: Entry) -> Iterator[str]:
    """Yield what the source compares with, a sentence for each of its parameters."""
    for node in entry.nodes("target"):
        pairs = tuple(node) if isinstance(node, Mapping) else ()
        if len(pairs) != 1:
            entry.wrong(node.at, "'target' must say what the source compares with, as in {isIn: [a, b]}")
            continue
        sign, value = pairs[0]
        if sign not in COMPARISONS:
            way_out = near(sign, COMPARISONS) or f"one of {', '.join(COMPARISONS)}"
            entry.problems.report("C014", node.at, f"'target' cannot compare by {sign!r}", help=way_out)
        elif (words := _words(value)) is None:
            entry.wrong(value.at, f"what stands under {sign!r} must be a value or a list of values")
        else:
            yield f"{sign} {', '.join(words)}"


def _words(node: Node) -> list[str] | None:
    items = node.items if isinstance(node, Sequence) else [node]
    words = [each.text for each in items if isinstance(each, Scalar) and each.value is not None]
    return words if words and len(words) == len(items) else None


def _measured(entry: Entry) -> Iterator[Measured]:
    """Yield who can take the value, in the order of the kinds; agents say it of themselves, in their own files."""
    found = {}
    for written, at, value in entry.pairs("measured_by"):
        if written not in tuple(Measurer):
            way_out = (
                near(written, tuple(Measurer)) or f"one of {', '.join(Measurer)}; what an agent measures stands in its own file"
            )
            entry.problems.report("C014", at, f"{written!r} is nobody who measures", help=way_out)
        elif not isinstance(value, Scalar) or not isinstance(value.value, str) or not value.text.strip():
            entry.wrong(value.at, f"what stands under {written!r} must say by what it is measured")
        else:
            found[Measurer(written)] = value.text.strip()
    for by in Measurer:
        if by in found:
            yield Measured(by=by, how=found[by])


def _contradictions(metric: Metric) -> Iterator[tuple[str, str, str]]:
    """Yield key, sentence and way out for what cannot be true together."""
    lowest, highest, default = metric.lowest, metric.highest, metric.default
    if lowest is not None and highest is not None and lowest > highest:
        yield "lowest", f"lowest {lowest:g} is above highest {highest:g}", "exchange them"
    boolean = metric.scale is Scale.BOOLEAN
    if default is not None and isinstance(default, bool) is not boolean:
        wanted = "true or false" if boolean else "a number"
        yield "default", f"its scale is {metric.scale}, its default is {str(default).lower()}", f"give {wanted}"
    elif default is not None and ((lowest is not None and default < lowest) or (highest is not None and default > highest)):
        yield "default", f"default {default:g} is outside its range", "widen the range or choose another default"
    if boolean is not (metric.combine is Combine.ALL):
        yield "combine", "'all' is how yes and no combine, and only they", "say min, max or product for numbers"
    elif metric.combine is Combine.PRODUCT and metric.scale is not Scale.PERCENT:
        yield "combine", "only shares can be multiplied", "give it the scale percent, or combine by min or max"
    elif metric.combine in _WEAKEST.values() and metric.combine is not _WEAKEST.get(metric.operator, metric.combine):
        weakest = _WEAKEST[metric.operator]
        yield "combine", f"{metric.operator} with {metric.combine} promises more than the weakest member", f"combine by {weakest}"
