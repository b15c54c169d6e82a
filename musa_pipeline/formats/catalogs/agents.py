"""Agents: `catalogs/agents/<id>.yaml`, what each grants, measures and costs, and before which components it may stand."""

from collections.abc import Collection, Iterator

from musa_pipeline.domain.agent import Agent, AgentGrant, AgentWork
from musa_pipeline.domain.ids import AgentId, MetricId, control_key
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.catalogs.conditions import Conditions
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.formats.catalogs.references import Controls, known
from musa_pipeline.text.yaml import Mapping, Scalar

KEYS = ("id", "title", "work", "role", "evidence", "grants", "measures", "protects", "price", "source")
PRICE_KEYS = ("value", "currency", "per", "because")


def read_agent(node: Mapping, conditions: Conditions, controls: Controls, metrics: Collection[str], problems: Problems) -> Agent:
    """Return one agent. Codes: C003 price below zero, C006 unknown metric, C014 other currency or period."""
    entry = Entry(node, problems, KEYS)
    return Agent(
        id=AgentId(entry.text("id")),
        title=entry.text("title"),
        work=entry.word("work", AgentWork, AgentWork.MONITORING),
        role=entry.text("role"),
        grants=tuple(sorted(_grants(entry, controls), key=lambda each: control_key(each.control))),
        measures=tuple(
            MetricId(each.text) for each in entry.scalars("measures") if known("metric", each.text, metrics, each.at, problems)
        ),
        protects=conditions.read(node.get("protects")),
        price=_price(entry),
        evidence=entry.word("evidence", Evidence, Evidence.E0) if entry.has("evidence") else Evidence.E0,
        source=entry.source(),
        at=node.at,
    )


def _grants(entry: Entry, controls: Controls) -> Iterator[AgentGrant]:
    for written, at, value in entry.pairs("grants"):
        control = controls.read(written, at)
        if isinstance(value, Scalar) and value.text.strip():
            if control:
                yield AgentGrant(control=control, because=value.text.strip(), at=at)
        else:
            entry.wrong(value.at, f"grant {written!r} must say why, as a text")


def _price(entry: Entry) -> float:
    node = entry.node.get("price") if entry.has("price") else None
    if node is None:
        return 0.0
    if not isinstance(node, Mapping):
        entry.wrong(node.at, "'price' must say value, currency, per and because")
        return 0.0
    price = Entry(node, entry.problems, PRICE_KEYS)
    for key, only in (("currency", "EUR"), ("per", "month")):
        if price.text(key, only) != only:
            entry.problems.report(
                "C014", price.place(key), f"{key!r} can only be {only!r}", help="convert it, and say how in because"
            )
    value = price.number("value")
    if value is None or not 0 <= value < 1e9:
        if value is not None or not price.has("value"):
            entry.problems.report("C003", price.place("value"), "a price must be a number from 0")
        return 0.0
    return float(value)
