"""What every decision has: owner, reason, two days, perhaps a ticket; each mistake is told at its word."""

import re
from datetime import date, timedelta
from typing import Final

from musa_pipeline.domain.decision import Term
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.text.expect import form_of, is_nothing, text_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar

TERM_KEYS: Final = ("owner", "reason", "since", "expires", "ticket")
LONGEST_TEXT: Final = 1_000
"""Letters of one text; it stands in documents and on terminals."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2099, 12, 31)


def read_term(entry: Mapping, what: str, at_most: timedelta, problems: Problems) -> Term | None:
    """Return owner, reason and days of a decision; None, after errors, if one of them is missing or cannot be used.

    `at_most` is how long a decision may last. Codes: L004 missing, L005 not a text, L006 not a day, L007 ends before it begins,
    L008 lasts too long.
    """
    owner, reason = (required_text(entry, key, what, problems) for key in ("owner", "reason"))
    since, expires = (_day(entry, key, what, problems) for key in ("since", "expires"))
    ticket = text_in(entry.get("ticket"), "ticket", what, problems)
    place = entry.get("expires")
    if since and expires and place:
        if expires < since:
            text = f"{what} expires on {expires}, before it begins on {since}"
            problems.report("L007", place.at, text, help="`since` is its first day, `expires` its last")
            return None
        if expires - since > at_most:
            last = since + at_most
            text = f"{what} lasts {(expires - since).days} days, {at_most.days} are the most"
            problems.report("L008", place.at, text, help=f"let it expire on {last} and decide again then, or set check.longest")
            return None
    if owner is None or reason is None or since is None or expires is None or ticket is None or place is None:
        return None
    return Term(owner=owner, reason=reason, since=since, expires=expires, ticket=ticket, expires_at=place.at)


def required_text(entry: Mapping, key: str, what: str, problems: Problems) -> str | None:
    """Return a text that must be there; None after a finding."""
    node = entry.get(key)
    if node is None or is_nothing(node) or (isinstance(node, Scalar) and not node.text.strip()):
        problems.report("L004", _place(entry, key), f"{what} has no {key!r}", help=_WAYS.get(key, f"write `{key}: ...`"))
        return None
    return text_in(node, key, what, problems)


_WAYS: Final = {
    "owner": "name who answers for it: `owner: Jane Doe <jane@example.org>`",
    "reason": "say why it may stay so: `reason: ...`",
    "since": "give its first day: `since: 2026-11-01`",
    "expires": "give its last day: `expires: 2027-04-30`; nothing is accepted for ever",
    "to": "say who bears it: `to: ...`",
    "risk": "name it as component/threat, as `musa risk` shows them",
    "control": "name the control: `control: SC-8`",
}


def text_in(node: Node | None, key: str, what: str, problems: Problems) -> str | None:
    """Return the text of a scalar without space around it, '' for nothing; None, after a finding, for what is no text."""
    if node is None or is_nothing(node):
        return ""
    text = text_of(node).strip()
    if not isinstance(node, Scalar) or len(text) > LONGEST_TEXT:
        form = form_of(node) if not isinstance(node, Scalar) else f"{len(text)} letters long"
        problems.report("L005", node.at, f"{key!r} of {what} must be a text of at most {LONGEST_TEXT} letters, not {form}")
        return None
    return text


def _day(entry: Mapping, key: str, what: str, problems: Problems) -> date | None:
    text = required_text(entry, key, what, problems)
    node = entry.get(key)
    if text is None or node is None:
        return None
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:  # the 30th of February
        found = None
    if found is not None and _EARLIEST <= found <= _LATEST:
        return found
    way = "write year, month and day: 2027-04-30" if found is None else f"days from {_EARLIEST} to {_LATEST} are known"
    problems.report("L006", node.at, f"{key!r} of {what} is {form_of(node)}, which is no such day", help=way)
    return None


def _place(entry: Mapping, key: str) -> Span:
    node = entry.get(key)
    return node.at if node is not None else entry.at
