"""Catalog entries as people read them, with what refers to them."""

import json
from collections.abc import Sequence
from typing import Any, Final

import click

from musa_pipeline.cli.render import profiles
from musa_pipeline.cli.render.crosswalks import before, clauses, crosswalk, elsewhere
from musa_pipeline.cli.render.metrics import rows_of, showing
from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import may_hold, written
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import control_id
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.problems import near
from musa_pipeline.stages.words import count

_OWN: Final = ("threats", "exposures", "metrics", "agents", "providers", "offerings", "scopes", "kinds", "profiles")
"""Families whose entries have ids of their own and are shown alike; controls and crosswalks are shown otherwise."""


def counts(catalogs: Catalogs, families: Sequence[str]) -> str:
    """Return how many entries each family has."""
    rows = [[name, str(len(_entries(catalogs, name)))] for name in families]
    active = sum(not each.withdrawn for each in catalogs.controls.controls)
    older = ", ".join(f"{len(each.controls)} of revision {each.revision}" for each in catalogs.older)
    rows[0].append(
        f"{active} active in revision {catalogs.controls.revision} ({catalogs.controls.version})"
        + (f"; also {older}" if older else "")
    )
    return table(rows)


def _entries(catalogs: Catalogs, family: str) -> Sequence[Any]:
    return catalogs.controls.controls if family == "controls" else getattr(catalogs, family)


def entries(catalogs: Catalogs, family: str) -> str:
    """Return one line an entry."""
    return table([_row(each, family) for each in _entries(catalogs, family)])


def _row(each: Any, family: str) -> list[str]:
    match family:
        case "controls":
            note = f"withdrawn → {', '.join(each.moved_to)}" if each.withdrawn else ", ".join(sorted(each.baselines))
            return [each.id, each.title, str(each.level or ""), note]
        case "threats":
            return [each.id, str(each.stride), count(len(each.controls), "control"), each.title]
        case "exposures":
            moved = ", ".join(f"{one.factor} +{one.by}" for one in each.moves)
            return [each.id, written(each.when), moved, each.title]
        case "metrics":
            return [each.id, each.reference, each.unit, str(each.combine), count(len(each.controls), "control"), each.title]
        case "agents":
            return [each.id, str(each.work), ", ".join(one.control for one in each.grants), each.title]
        case "providers":
            return [each.id, each.jurisdiction, f"{len(each.regions)} region{'' if len(each.regions) == 1 else 's'}", each.name]
        case "offerings":
            return [
                each.id,
                f"{each.price:.2f}",
                "/".join(sorted(each.kinds)),
                f"{len(each.provided)} provided",
                f"{len(each.configurable)} configurable",
                each.title,
            ]
        case "crosswalks":
            return [each.id, f"{len(each.rows)} clauses", f"{sum(len(row.controls) for row in each.rows)} pairs", each.title]
        case "profiles":
            return profiles.row(each)
        case "scopes":
            return [each.id, "travels" if each.travels else "", "boundary" if each.boundary else "", ", ".join(each.controls[:8])]
        case _:
            return [each.id, getattr(each, "category", ""), each.title]


def entries_json(catalogs: Catalogs, family: str) -> str:
    """Return the entries for programs: ids, titles and the columns of the table."""
    return json.dumps(
        [
            {"id": each.id, "title": getattr(each, "title", getattr(each, "name", "")), "row": _row(each, family)}
            for each in _entries(catalogs, family)
        ],
        indent=2,
    )


def entry_of(catalogs: Catalogs, name: str) -> str:
    """Return one entry in full, whatever family it is of.

    Raises UsageWrong if no family has it.
    """
    if control_id(name) in catalogs.control:
        return _control(catalogs, str(control_id(name)))
    for family in _OWN:
        for each in _entries(catalogs, family):
            if name in (each.id, *_also(each)):
                return _other(catalogs, each, family)
    if name in catalogs.crosswalk:
        return crosswalk(catalogs.crosswalk[name])
    if found := clauses(catalogs, name):
        return found
    if titled := catalogs.named(name):
        return "\n\n".join(_control(catalogs, each) for each in titled)
    everything = [str(each.id) for family in (*_OWN, "crosswalks") for each in _entries(catalogs, family)]
    raise UsageWrong(
        f"no catalog has an entry {name!r}", near(name, [*everything, *catalogs.control]) or "musa catalog list shows them"
    )


def _also(entry: Any) -> tuple[str, ...]:
    """Return the names that an entry has in its source."""
    return tuple(name for name in (getattr(entry, "reference", ""), getattr(entry, "uuid", "")) if name)


def place_of(catalogs: Catalogs, name: str) -> str:
    """Return the file that defines an entry.

    Raises UsageWrong if no family has it, or if it is one of many in a file of facts.
    """
    for family in (*_OWN, "crosswalks"):
        for each in _entries(catalogs, family):
            if name in (each.id, *_also(each)):
                return str(each.at.file)
    raise UsageWrong(f"{name!r} has no file of its own", "controls stand in catalogs/controls/; musa catalog list shows the rest")


def _control(catalogs: Catalogs, name: str) -> str:
    each = catalogs.control[name]  # type: ignore[index]
    scope = catalogs.scope.get(each.id)
    rows = [
        ["baselines", ", ".join(sorted(each.baselines)) or "none"],
        ["implemented by", str(each.level or "not said")],
        ["default type", str(each.type)],
        ["required from", f"risk score {each.minimum_risk}" if each.minimum_risk else "never by risk alone (no baseline has it)"],
        ["applies", f"{scope.id}: {scope.because}" if scope else "everywhere"],
        ["travels", "every used service must grant it too" if scope and scope.travels else "no"],
        ["boundary", "the entry points may grant it for all" if scope and scope.boundary else "no"],
        ["related", ", ".join(each.related)],
        ["answers", ", ".join(one.id for one in catalogs.threats if any(link.control == each.id for link in one.controls))],
        ["measured by", showing(catalogs, each.id)],
        ["granted by", ", ".join(one.id for one in catalogs.agents if any(grant.control == each.id for grant in one.grants))],
        [
            "offered by",
            ", ".join(
                sorted(
                    {str(one.provider) for one in catalogs.offerings if any(offer.control == each.id for offer in one.provided)}
                )
            ),
        ],
        *before(catalogs, each),
        *elsewhere(catalogs, each),
        ["source", str(catalogs.controls.source)],
    ]
    if each.withdrawn:
        rows.insert(0, ["withdrawn", f"see {', '.join(each.moved_to)}"])
    return f"{click.style(each.id, bold=True)} {each.title}\n{table([row for row in rows if row[1]])}"


def _threats_to(catalogs: Catalogs, kind: Kind) -> list[list[str]]:
    """Return which threats a component of the kind may have by what a model says of it, and which by an answer only."""
    facts = {"kind": frozenset({str(kind.id)}), "category": frozenset({kind.category} if kind.category else ())}
    shown = [each for each in catalogs.threats if may_hold(each.applies, facts | {"answer": frozenset()})]
    asked = [each for each in catalogs.threats if each not in shown and may_hold(each.applies, facts)]
    return [
        ["threats", ", ".join(each.id for each in shown)],
        ["when answered yes", ", ".join(each.id for each in asked)],
    ]


def _other(catalogs: Catalogs, each: Any, family: str) -> str:
    sources = getattr(each, "sources", None) or (each.source if hasattr(each, "source") else each.price_source,)
    rows = [["family", family], ["at", str(each.at)]]
    match family:
        case "threats":
            rows += [["class", str(each.stride)], ["question", each.question or "none: facts decide"]]
            rows += [["applies", written(each.applies)]]
            rows += [["techniques", ", ".join(each.techniques)]]
            rows += [["weaknesses", ", ".join(each.weaknesses)], ["patterns", ", ".join(each.patterns)]]
            rows += [
                ["answered by " + link.control, f"{link.strength}, lowers {link.lowers}: {link.because}".removesuffix(": ")]
                for link in each.controls
            ]
            rows += [
                ["factor " + one.factor, "; ".join(f"{option.value} {option.because}" for option in one.options)]
                for one in each.factors
            ]
        case "exposures":
            rows += [["when", written(each.when)], ["classes", ", ".join(sorted(each.stride))]]
            rows += [[f"moves {one.factor}", f"+{one.by} {one.because}"] for one in each.moves]
        case "metrics":
            rows += rows_of(catalogs, each)
        case "agents":
            rows += [
                ["work", str(each.work)],
                ["role", each.role],
                ["price", f"{each.price:.2f} EUR/month"],
                ["measures", ", ".join(each.measures)],
            ]
            rows += [["grants " + one.control, one.because] for one in each.grants]
        case "providers":
            rows += [
                ["jurisdiction", each.jurisdiction],
                ["regions", ", ".join(f"{one.id} ({one.country})" for one in each.regions)],
            ]
            rows += [["offers", ", ".join(one.id for one in catalogs.offerings if one.provider == each.id)]]
        case "offerings":
            has = each.resources
            rows += [
                ["resources", f"{has.cores} cores, {has.memory} MiB, {has.storage} GiB"],
                ["price", f"{each.price:.2f} EUR/month ({each.price_source})"],
            ]
            rows += [["regions", ", ".join(f"{one.id} ({one.country})" for one in each.regions)]]
            rows += [["provides " + one.control, f"{one.evidence} {one.source}"] for one in each.provided]
            rows += [["configurable " + one.control, f"{one.evidence} {one.source}"] for one in each.configurable]
        case "profiles":
            rows += profiles.rows_of(catalogs, each)
        case "scopes":
            rows += [["controls", ", ".join(each.controls)], ["because", each.because]]
        case _:
            rows += [["category", each.category], ["types", ", ".join(each.types)], *_threats_to(catalogs, each)]
    rows += [["source", "; ".join(" ".join(part for part in (str(one), one.link, one.date) if part) for one in sources)]]
    title = getattr(each, "title", getattr(each, "name", ""))
    return f"{click.style(each.id, bold=True)} {title}\n{table([row for row in rows if row[1]])}"
