"""Who may do what: the caller of the broker knows the tokens, the broker knows what each door needs."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias


class Role(StrEnum):
    """What somebody may do; each may do what the ones before it may."""

    VIEWER = "viewer"
    """read"""
    OPERATOR = "operator"
    """write changes"""
    ADMIN = "admin"


Roles: TypeAlias = Callable[[str], Role | None]
"""The role of who bears a token; the empty word is who bears none. None: nobody we know."""

ORDER = tuple(Role)


def may(role: Role, needed: Role) -> bool:
    """Tell whether a role suffices.

    >>> may(Role.ADMIN, Role.OPERATOR), may(Role.VIEWER, Role.OPERATOR)
    (True, False)
    """
    return ORDER.index(role) >= ORDER.index(needed)


def tokens(digests: Mapping[str, Role], *, stranger: Role | None = Role.VIEWER) -> Roles:
    """Return the roles of tokens, of which only the SHA-256 (hex) is known; `stranger`: of who bears none.

    >>> who = tokens({hashlib.sha256(b"secret").hexdigest(): Role.OPERATOR})
    >>> who("secret"), who("guess"), who("")
    (<Role.OPERATOR: 'operator'>, None, <Role.VIEWER: 'viewer'>)
    """

    def role(token: str) -> Role | None:
        if not token:
            return stranger
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        found = None
        for known, each in digests.items():
            # every one is looked at, so that time tells nothing
            if hmac.compare_digest(known, digest):
                found = each
        return found

    return role
