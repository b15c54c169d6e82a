"""What a report says, in which order: the figures, what is missing, what is promised, the risks, the choice, each component."""

from collections.abc import Iterator
from dataclasses import dataclass

from musa_pipeline.domain.agreement import Sla
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.selection import Selection
from musa_pipeline.formats.report.choice import choice, duties, organisation
from musa_pipeline.formats.report.model import (
    Badge,
    Bar,
    Bars,
    Block,
    Code,
    Picture,
    Report,
    Section,
    Text,
    Tile,
    Tiles,
    Tone,
    count,
)
from musa_pipeline.formats.report.parts import application, components, members, reading
from musa_pipeline.formats.report.promise import controls, levels, missing
from musa_pipeline.formats.report.risk import TONES, risks


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an application beyond its SLA; `file` is its model, `named` how commands call it."""

    cpim: Cpim
    profile: RiskProfile
    selection: Selection
    composition: Composition
    residual: ResidualProfile
    picture: Picture
    file: str
    named: str


def report_of(whole: Sla, parts: tuple[Sla, ...], catalogs: Catalogs, known: Known | None = None) -> Report:
    """Return the report on an application, or on an SLA alone."""
    sections = [each for each in _sections(whole, parts, catalogs, known) if each.blocks]
    what = "component" if whole.component else "application"
    made = (" · from ", Code(known.file)) if known else ()
    return Report(whole.name, (f"Security SLA of the {what}", *made), tuple(sections))


def _sections(whole: Sla, parts: tuple[Sla, ...], catalogs: Catalogs, known: Known | None) -> Iterator[Section]:
    yield Section("figures", "At a glance", tuple(_figures(whole, known)))
    if known:
        yield Section(
            "application",
            "The application",
            application(known.cpim, known.selection, known.residual, known.picture, known.composition),
        )
        yield Section("missing", "What is missing", missing(known.composition, catalogs, known.named))
    yield Section("controls", "Controls promised", controls(whole))
    composed = known.composition.slos if known else ()
    yield Section("levels", "Service levels promised", levels(whole, catalogs, composed))
    if known:
        yield Section("risks", "Risks", risks(known.profile, known.residual, catalogs, known.named))
        yield Section("choice", "Providers and agents", choice(known.selection))
        yield Section("duties", "Yours to do", (*duties(known.composition), *organisation(known.profile, catalogs)))
    yield Section("components", "Each component", components(parts, catalogs))
    yield Section("documents", "Documents", members(whole))
    yield Section("reading", "How to read this", reading(known is not None))


def _figures(whole: Sla, known: Known | None) -> Iterator[Block]:
    if known is None:
        controls_, levels_ = Tile(str(len(whole.terms)), "controls promised"), Tile(str(len(whole.slos)), "service levels")
        threats = Tile(str(len(whole.threats)), "threats considered")
        yield Tiles((controls_, levels_, threats, *((Tile(str(len(whole.members)), "components"),) if whole.members else ())))
        return
    found, left = known.composition, known.residual
    kept = sum(each.promised for each in found.outcomes)
    lost = len(found.outcomes) - kept
    over = sum(each.over for each in left.risks)
    providers = sorted({each.provider for each in known.selection.placements})
    proof = "proven best" if known.selection.status == "optimal" else f"within {known.selection.gap:.1%} of the best"
    yield Tiles(
        (
            Tile(
                f"{kept} of {len(found.outcomes)}",
                "controls promised",
                "by the whole application",
                Tone.GOOD if not lost else Tone.POOR,
            ),
            Tile(str(lost), "controls missing", "asked for, granted not everywhere", Tone.BAD if lost else Tone.GOOD),
            Tile(str(len(whole.slos)), "service levels", "on security metrics"),
            Tile(str(over), "risks over the bar", f"of {count(len(left.risks), 'risk')}", Tone.BAD if over else Tone.GOOD),
            Tile(f"{known.selection.price:,.2f}", "EUR a month", proof),
            Tile(
                str(len(providers)),
                "provider" if len(providers) == 1 else "providers",
                ", ".join(providers[:3]) + ("…" if len(providers) > 3 else ""),
            ),
        )
    )
    yield from _risk_bars(known)


def _risk_bars(known: Known) -> Iterator[Block]:
    before, after = [each.inherent for each in known.residual.risks], [each.rating for each in known.residual.risks]
    if not before:
        return
    bars = [
        Bar(label, tuple((str(rating), found.count(rating), tone) for rating, tone in TONES.items()))
        for label, found in (("as they are", before), ("with what is granted", after))
    ]
    yield Text(("Risks by rating, before and after the controls that are granted", *_worst(known)))
    yield Bars(tuple(bars))


def _worst(known: Known) -> tuple[str | Badge, ...]:
    worst = next((rating for rating in TONES if any(each.rating is rating for each in known.residual.risks)), None)
    return ("; the worst that is left is ", Badge(str(worst), TONES[worst])) if worst else ()
