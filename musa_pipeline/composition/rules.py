"""The rules of composition, each once, over bits: one call decides every control (DESIGN, section 8; docs/composition.md)."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Types(NamedTuple):
    """How each control is judged for one component: three masks that divide the live controls."""

    specific: int
    common: int
    hybrid: int


class Shield(NamedTuple):
    """One agent before a component: what it enforces, and what its own host grants."""

    grants: int
    host: int


def host_grants(own: Sequence[int], parents: Sequence[Sequence[int]]) -> list[int]:
    """Return for each node what its hosts and providers grant it (rule 1).

    A host grants what it or a host or provider below it grants; of several hosts all must. Nodes that host one another in a
    circle stand on nothing.
    """
    children: dict[int, list[int]] = {}
    waiting = [len(each) for each in parents]
    for node, below in enumerate(parents):
        for parent in below:
            children.setdefault(parent, []).append(node)
    granted = [-1 if below else 0 for below in parents]
    ready = [node for node, count in enumerate(waiting) if not count]
    while ready:
        node = ready.pop()
        given = own[node] | granted[node]
        for child in children.get(node, ()):
            granted[child] &= given
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return [0 if waiting[node] else grants for node, grants in enumerate(granted)]


def protection(shields: Iterable[Shield], hybrid: int) -> int:
    """Return what agents grant to what they protect: hybrid controls only if their own host grants them too (rule 2)."""
    granted = 0
    for shield in shields:
        granted |= shield.grants & (~hybrid | shield.host)
    return granted


def local(types: Types, own: int, host: int, protected: int) -> int:
    """Return what a component is granted where it stands (rule 3).

    Specific: it implements it or is protected. Common: its host grants it, or it is protected. Hybrid: the first and its host.
    """
    itself = own | protected
    return (types.specific & itself) | (types.common & (host | protected)) | (types.hybrid & itself & host)


def travel(granted: Sequence[int], applies: Sequence[int], travels: int, uses: Sequence[Sequence[int]]) -> list[int]:
    """Return what is left when travelling controls need every used service to grant them too (rule 4).

    The greatest fixpoint: all start granted, and what a used service where the control applies lacks is taken from its users.
    """
    users: list[list[int]] = [[] for _ in granted]
    for node, used in enumerate(uses):
        for each in used:
            users[each].append(node)
    left = list(granted)
    news = {node: lack for node in range(len(left)) if users[node] and (lack := travels & applies[node] & ~left[node])}
    queue = deque(news)
    while queue:
        node = queue.popleft()
        lack = news.pop(node)
        for user in users[node]:
            lost = left[user] & lack
            if not lost:
                continue
            left[user] ^= lost
            if users[user] and (passed := lost & applies[user]):
                if user not in news:
                    queue.append(user)
                news[user] = news.get(user, 0) | passed
    return left


def met_at(entries: Sequence[int], granted: Sequence[int], applies: Sequence[int], boundary: int) -> int:
    """Return the boundary controls that the entry points meet for all: granted to each entry point where they apply (rule 5)."""
    somewhere = failing = 0
    for each in entries:
        somewhere |= applies[each]
        failing |= applies[each] & ~granted[each]
    return boundary & somewhere & ~failing
