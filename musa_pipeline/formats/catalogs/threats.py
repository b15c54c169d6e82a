"""Threats: `catalogs/threats/<id>.yaml`, each with its question, its OWASP factors and the controls that answer it."""

from collections.abc import Iterator

from musa_pipeline.domain.condition import ALWAYS, mentions
from musa_pipeline.domain.ids import ControlId, ThreatId, control_id, control_key
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.domain.threat import FACTORS, ControlLink, FactorDefault, FactorDefaults, Lowers, Strength, Stride, Threat
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.formats.catalogs.references import Controls
from musa_pipeline.text.yaml import Mapping, Node

KEYS = (
    *("id", "title", "stride", "categories", "question", "applies", "factors", "controls"),
    *("techniques", "weaknesses", "patterns", "sources"),
)
LINK_KEYS = ("strength", "lowers", "minimum", "rev4", "because")
FACTOR_KEYS = ("value", "when", "because")
LEAST, MOST = 0, 9
LONGEST = 9
"""More digits than any number of CWE or CAPEC; whoever writes more is not answered by slow arithmetic."""
NEVER = 11
"""The minimum risk of a control that no risk reaches by itself (MUSA SLA generator)."""


def read_threat(node: Mapping, conditions: Conditions, controls: Controls, problems: Problems) -> Threat:
    """Return one threat. Codes: C003 off the scale, C007 unknown factor, C011 contradiction."""
    entry = Entry(node, problems, KEYS)
    applies, question = conditions.read(node.get("applies")), entry.text("question", "")
    if mentions(applies, "answer") and not question:
        sentence = "the condition waits for an answer, but there is no question"
        problems.report("C011", entry.place("applies"), sentence, help="add a question, or let facts decide")
    return Threat(
        id=ThreatId(entry.text("id")),
        title=entry.text("title"),
        stride=entry.word("stride", Stride, Stride.TAMPERING),
        question=question,
        applies=applies,
        factors=tuple(sorted(_factors(entry, conditions), key=lambda each: FACTORS.index(each.factor))),
        controls=tuple(sorted(_links(entry, controls), key=lambda each: control_key(each.control))),
        techniques=tuple(sorted(entry.texts("techniques"))),
        weaknesses=tuple(sorted(entry.texts("weaknesses"), key=_number)),
        patterns=tuple(sorted(entry.texts("patterns"), key=_number)),
        categories=tuple(sorted(entry.texts("categories"))),
        sources=entry.sources("sources"),
        at=node.at,
    )


def _number(written: str) -> tuple[int, str]:
    """Return what puts CWE-79 before CWE-434."""
    digits = written.rpartition("-")[2]
    return (int(digits) if digits.isascii() and digits.isdigit() and len(digits) < LONGEST else 0, written)


def _factors(entry: Entry, conditions: Conditions) -> Iterator[FactorDefaults]:
    for name, at, value in entry.pairs("factors"):
        if name not in FACTORS:
            way_out = near(name, FACTORS) or f"OWASP's factors are {', '.join(FACTORS)}"
            entry.problems.report("C007", at, f"no factor {name!r}", help=way_out)
            continue
        part = Entry(Mapping({name: value}, {name: at}, at), entry.problems)
        options = [_option(name, each, conditions, entry.problems) for each in part.nodes(name)]
        found = tuple(each for each in options if each)
        for index, each in enumerate(found[:-1]):
            if each.when == ALWAYS:
                sentence = f"factor {name!r} always takes its option {index + 1}, so the later ones never count"
                entry.problems.report("C011", at, sentence, help="give it a 'when', or put it last")
                break
        yield FactorDefaults(factor=name, options=found, at=at)


def _option(name: str, node: Node, conditions: Conditions, problems: Problems) -> FactorDefault | None:
    if not isinstance(node, Mapping):
        problems.report("C001", node.at, f"factor {name!r} must say value and because", help="as in {value: 5, because: ...}")
        return None
    part = Entry(node, problems, FACTOR_KEYS)
    value = part.number("value")
    if value is None:
        if not part.has("value"):
            part.missing("value", "0 to 9")
        return None
    return FactorDefault(
        value=_on_scale(f"factor {name!r}", value, part.place("value"), problems),
        because=part.text("because"),
        when=conditions.read(node.get("when")),
    )


def _on_scale(what: str, value: float, at: Span, problems: Problems, least: int = LEAST, most: int = MOST) -> int:
    if least <= value <= most and value == int(value):
        return int(value)
    problems.report("C003", at, f"{what} is {value:g}, its scale goes in whole steps from {least} to {most}")
    return least


def _links(entry: Entry, controls: Controls) -> Iterator[ControlLink]:
    seen: dict[str, Span] = {}
    for written, at, value in entry.pairs("controls"):
        control = controls.read(written, at)
        if control is None:
            continue
        if control in seen:
            entry.problems.report(
                "C011", at, f"control {control!r} is linked twice", help=f"the first is at line {seen[control].line}; keep one"
            )
            continue
        seen[control] = at
        part = Entry(value if isinstance(value, Mapping) else Mapping({}, {}, value.at), entry.problems, LINK_KEYS)
        if not isinstance(value, Mapping):
            part.wrong(value.at, f"control {control!r} must say its strength, as in {{strength: partial}}")
        minimum = part.number("minimum")
        yield ControlLink(
            control=control,
            strength=part.word("strength", Strength, Strength.PARTIAL) if part.has("strength") else Strength.PARTIAL,
            lowers=part.word("lowers", Lowers, Lowers.LIKELIHOOD) if part.has("lowers") else Lowers.LIKELIHOOD,
            minimum=None if minimum is None else _minimum(control, minimum, part),
            because=part.text("because", ""),
            rev4=tuple(_rev4(control, part)) if minimum is not None and entry.has("categories") else (),
            at=at,
        )


def _rev4(control: ControlId, link: Entry) -> Iterator[tuple[ControlId, int]]:
    """Yield the ids of revision 4 behind a link of MUSA, each with its own least risk, or with the link's."""
    least = int(link.number("minimum") or NEVER)
    node = link.node.get("rev4")
    if isinstance(node, Mapping):
        each = Entry(node, link.problems)
        for written, at in node.keys.items():
            own = each.number(written)
            yield _old(written, at, link), least if own is None else _minimum(written, own, each)
    else:
        for written in link.texts("rev4") or (control,):
            yield _old(written, link.place("rev4"), link), least


def _old(written: str, at: Span, link: Entry) -> ControlId:
    found = control_id(written)
    if found is None:
        link.problems.report("C005", at, f"{written!r} is not the id of a NIST control", help="as in RA-5 or RA-5(1)")
    return found or ControlId(written)


def _minimum(control: str, value: float, part: Entry) -> int:
    at = part.place("minimum" if part.has("minimum") else control)
    return NEVER if value == NEVER else _on_scale(f"the minimum risk of {control}", value, at, part.problems, 1, MOST)
