"""Prices: what a list states, in its currency and unit, as EUR a month at a stated rate."""

from collections.abc import Mapping as Map
from dataclasses import dataclass

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.catalogs.offerings_fields import Fields, read_source
from musa_pipeline.text.yaml import Mapping, Node, Sequence

HOURS = 730.0
"""Hours of a month, as providers' own calculators count them: 8760 / 12."""
_GB = 2**30 / 1e9
_UNITS = ("hour", "month", "GB-month", "GiB-month", "GB-hour", "GiB-hour")
_FIELDS = ("value", "currency", "per", "of", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """EUR a month, and the list that says so."""

    value: float
    source: Source


def read_rates(node: Node, problems: Problems) -> dict[str, float]:
    """Return currency -> EUR for one unit; the file states how many units one EUR buys, as central banks publish it."""
    rates: dict[str, float] = {}
    if not isinstance(node, Mapping):
        problems.report("O001", node.at, "the file of rates must be a mapping")
        return rates
    top = Fields(node, problems, "the file of rates").known(("base", "source", "rates"))
    if top.text("base", needed=True) not in ("EUR", ""):
        top.report("O012", top.at("base"), "the base of the rates must be 'EUR'")
    read_source(top.get("source"), {}, problems, node.at, "the file of rates")
    table = top.mapping("rates", needed=True)
    if table is None:
        return rates
    fields = Fields(table, problems, "the table of rates")
    for currency, amount in table:
        value = fields.number(currency, needed=True)
        if value:
            rates[currency] = 1 / value
        elif value == 0:
            problems.report("O012", amount.at, f"the rate of {currency!r} is 0")
    return rates


def read_price(entry: Fields, storage: float, rates: Map[str, float], sources: dict[str, Source]) -> Price | None:
    """Return the price of one instance: one amount, or the sum of several parts (a machine and its disk); `storage` in GiB."""
    node = entry.get("price")
    if node is None:
        entry.report("O009", entry.node.at, f"{entry.what} has no price", "state value, currency, per and source")
        return None
    parts = node.items if isinstance(node, Sequence) else [node]
    if not parts or not all(isinstance(part, Mapping) for part in parts):
        entry.report("O001", node.at, f"the price of {entry.what} must be a mapping, or a list of them")
        return None
    read = [_part(Fields(part, entry.problems, f"the price of {entry.what}"), storage, rates, sources) for part in parts
            if isinstance(part, Mapping)]  # fmt: skip
    prices = [each for each in read if each]
    if len(prices) < len(read):
        return None
    return Price(value=round(sum(each.value for each in prices), 4), source=prices[0].source)


def _part(fields: Fields, storage: float, rates: Map[str, float], sources: dict[str, Source]) -> Price | None:
    fields.known(_FIELDS)
    value, currency, per = (
        fields.number("value", needed=True),
        fields.text("currency", needed=True),
        fields.text("per", needed=True),
    )
    source = read_source(fields.get("source"), sources, fields.problems, fields.node.at, fields.what)
    if currency and currency not in rates:
        fields.report(
            "O009", fields.at("currency"), f"{fields.what} is in {currency!r}, which has no rate", near(currency, rates)
        )
        return None
    if per and per not in _UNITS:
        fields.report("O009", fields.at("per"), f"{fields.what} is per {per!r}", f"one of: {', '.join(_UNITS)}")
        return None
    if value is None or not currency or not per or source is None:
        return None
    return Price(value=value * rates[currency] * _months(fields, per, storage), source=source)


def _months(fields: Fields, per: str, storage: float) -> float:
    """Return how often the amount falls due in a month: hours, and sizes where the list counts by size."""
    unit, _, time = per.rpartition("-")
    times = HOURS if time == "hour" else 1.0
    if not unit:
        return times
    size = fields.mib("of") / 1024 if fields.get("of") else storage
    if not size:
        fields.report(
            "O009", fields.at("per"), f"{fields.what} is per {per} and has no size", "state 'of', or storage in resources"
        )
    return times * size * (_GB if unit == "GB" else 1.0)
