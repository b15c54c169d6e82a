"""How old the catalogs are: each has the day on which it was last held against its sources, and an age that is too old."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.catalogs.entry import Entry
from musa_pipeline.text.yaml import Mapping as Tree
from musa_pipeline.text.yaml import read_yaml

FOLDERS = (
    "agents",
    "controls",
    "crosswalks",
    "exposures",
    "kinds",
    "metrics",
    "offerings",
    "policies",
    "profiles",
    "scopes",
    "threats",
)
KEYS = ("date", "days", "because")
RATES = "catalogs/offerings/rates.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The day one catalog was last looked through, and the most days that may pass until the next time."""

    day: date
    days: int
    at: Span


def check_ages(catalogs: Catalogs, files: Mapping[str, str], reviews: Mapping[str, str], today: date, problems: Problems) -> None:
    """Report what is too old. `reviews`: path -> text of `reviewed.yaml`, the shipped one first; of a catalog the last one counts.

    Codes: C001 no date or no age, C002 no such catalog, C015 too old; of a day that is still to come it is a warning.
    """
    found = read_reviews(reviews, problems)
    for folder in sorted({path.split("/")[-2] for path in files if path.count("/") and path.split("/")[-2] in FOLDERS}):
        review = found.get(folder)
        if review is None:
            way_out = f"add {folder}: {{date: {today}, days: 400, because: ...}}"
            problems.report(
                "C001", Span(next(iter(reviews), "catalogs/reviewed.yaml")), f"catalog {folder!r} has no date", help=way_out
            )
        else:
            _judge(f"the catalog {folder!r} was held against its sources", review.day, review, review.at, today, problems)
    for what, folder, written, at in _own_days(catalogs, files):
        review, day = found.get(folder), _day(written)
        if review and day:
            _judge(f"{what} was read", day, review, at, today, problems)


def read_reviews(reviews: Mapping[str, str], problems: Problems) -> dict[str, Review]:
    """Return the review of each catalog."""
    found: dict[str, Review] = {}
    for path, text in reviews.items():
        tree = read_yaml(text, path, problems)
        if tree is None:
            continue
        if not isinstance(tree, Tree):
            problems.report("C001", tree.at, "this file must say of each catalog date and days")
            continue
        whole = Entry(tree, problems, FOLDERS)
        for folder in FOLDERS:
            if whole.has(folder) and (review := _review(whole, folder, problems)):
                found[folder] = review
    return found


def _review(whole: Entry, folder: str, problems: Problems) -> Review | None:
    node = whole.node.get(folder)
    if not isinstance(node, Tree):
        whole.wrong(whole.place(folder), f"{folder!r} must say date, days and because")
        return None
    entry = Entry(node, problems, KEYS)
    written, days = entry.text("date"), entry.number("days")
    entry.text("because")
    day = _day(written)
    if written and day is None:
        entry.wrong(entry.place("date"), f"{written!r} is no day, as in 2026-11-22")
    if days is None:
        entry.missing("days", "the most days until it is looked through again")
    elif days < 1 or days != int(days):
        entry.wrong(entry.place("days"), "'days' must be a whole number from 1 upwards")
        days = None
    return Review(day=day, days=int(days), at=entry.place("date")) if day and days else None


def _judge(what: str, day: date, review: Review, at: Span, today: date, problems: Problems) -> None:
    age = (today - day).days
    if age < 0:
        problems.warn("C015", at, f"{what} on {day}, a day still to come", help=f"today is {today} here")
    elif age > review.days:
        way_out = f"look again, mend what has changed, and set the date; at most {review.days} days may pass"
        problems.report("C015", at, f"{what} on {day}, {age} days ago", help=way_out)


def _own_days(catalogs: Catalogs, files: Mapping[str, str]) -> Iterator[tuple[str, str, str, Span]]:
    """Yield what was read on a day of its own: what it is, its catalog, the day, and the place."""
    for agent in catalogs.agents:
        yield f"the source of agent {agent.id!r}", "agents", agent.source.date, agent.at
    for provider in catalogs.providers:
        yield f"the source of provider {provider.id!r}", "offerings", provider.source.date, provider.at
    if RATES in files:
        tree = read_yaml(files[RATES], RATES, Problems())
        source = tree.get("source") if isinstance(tree, Tree) else None
        if isinstance(source, Tree):
            yield "the source of the rates", "offerings", Entry(source, Problems()).text("date", ""), source.at


def _day(written: str) -> date | None:
    """Return a day; of a month its first."""
    try:
        return date.fromisoformat(written if len(written) > 7 else f"{written}-01")
    except ValueError:
        return None
