"""Where a travelling control really fails: the services, however far along `uses`, that lack it where they stand."""

from collections import deque

from musa_pipeline.composition.ledger import Ledger
from musa_pipeline.domain.ids import ControlId

MOST = 5
"""So many are told for each component; more than four failing services are no small change any more."""


def culprits_of(ledger: Ledger, control: ControlId) -> dict[int, tuple[int, ...]]:
    """Return for each node that is not granted a control at most `MOST` nodes that lack it where they stand, lowest number first.

    A node that lacks it itself is its own culprit. Found once for each control and kept in the ledger.
    """
    if control not in ledger.culprits:
        ledger.culprits[control] = _search(ledger, control)
    return ledger.culprits[control]


def _search(ledger: Ledger, control: ControlId) -> dict[int, tuple[int, ...]]:
    bit = ledger.universe.bit[control]
    found: dict[int, list[int]] = {}
    travels = bool(ledger.universe.travels & bit)
    for culprit in range(len(ledger.nodes)):
        if ledger.local[culprit] & bit:
            continue
        _add(found, culprit, culprit)
        if not travels or not ledger.applies[culprit] & bit:
            continue
        queue, seen = deque(ledger.users[culprit]), {culprit}
        while queue:
            user = queue.popleft()
            # a node with enough culprits has passed them on already
            if user in seen or not _add(found, user, culprit):
                continue
            seen.add(user)
            if ledger.applies[user] & bit:
                queue.extend(ledger.users[user])
    return {node: tuple(each) for node, each in found.items()}


def _add(found: dict[int, list[int]], node: int, culprit: int) -> bool:
    mine = found.setdefault(node, [])
    if len(mine) >= MOST:
        return False
    mine.append(culprit)
    return True
