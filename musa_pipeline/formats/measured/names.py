"""How tools write what a finding bears on: CWE's, ATT&CK techniques, controls of SP 800-53; and how severe they call it."""

import re
from collections.abc import Iterable
from typing import Final

from musa_pipeline.domain.ids import ControlId, control_id, control_key
from musa_pipeline.domain.risk import Rating

VULNERABLE_PART: Final = "CWE-1395"
"""Dependency on a vulnerable third-party component: what every published vulnerability of a part is to those who use the part."""

_CWE: Final = re.compile(r"(?<![A-Za-z0-9])cwe[-_:/ ]?0*([1-9][0-9]{0,4})(?![0-9])", re.IGNORECASE)
_TECHNIQUE: Final = re.compile(r"(?<![A-Za-z0-9])(T1[0-9]{3}(?:\.[0-9]{3})?)(?![0-9A-Za-z])")
_CONTROL: Final = re.compile(
    r"(?<![A-Za-z0-9.])([A-Za-z]{2}[-_][0-9]{1,2}(?:\s?\([0-9]{1,2}\)|[_.][0-9]{1,2}(?![0-9]))?)(?![0-9A-Za-z])"
)
_VULNERABILITY: Final = re.compile(
    r"\b(?:CVE-[0-9]{4}-[0-9]{4,}|GHSA(?:-[0-9a-z]{4}){3}|RUSTSEC-[0-9]{4}-[0-9]{4})\b", re.IGNORECASE
)
_LONGEST: Final = 4_000
"""Letters of one text that are searched."""
_MOST: Final = 40


def weaknesses(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the CWE's that texts name, by number.

    >>> weaknesses(["external/cwe/cwe-079", "CWE-89: SQL injection", "CWE79", "nothing"])
    ('CWE-79', 'CWE-89')
    """
    found = {int(each[1]) for text in texts for each in _CWE.finditer(text[:_LONGEST])}
    return tuple(f"CWE-{number}" for number in sorted(found)[:_MOST])


def techniques(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the techniques of ATT&CK that texts name.

    >>> techniques(["attack.t1110", "T1110.004", "TA0001"])
    ('T1110', 'T1110.004')
    """
    return tuple(sorted({each[1] for text in texts for each in _TECHNIQUE.finditer(text[:_LONGEST].upper())})[:_MOST])


def controls(texts: Iterable[str]) -> tuple[ControlId, ...]:
    """Return the controls of SP 800-53 that texts name; a part of one, CM-6(b), is the control, PR.AC-1 (CSF) is none.

    >>> controls(["NIST.800-53.r5 AC-2(1)", "CM-6(b)", "ac_2_3", "SI-4, SC-05", "PR.AC-1"])
    ('AC-2(1)', 'AC-2(3)', 'CM-6', 'SC-5', 'SI-4')
    """
    written = (each[1] for text in texts for each in _CONTROL.finditer(text[:_LONGEST]))
    return tuple(sorted({found for each in written if (found := control_id(each))}, key=control_key)[:_MOST])


def is_published(texts: Iterable[str]) -> bool:
    """Tell whether texts name a published vulnerability: CVE, GitHub advisory, RustSec.

    >>> is_published(["CVE-2023-1255"]), is_published(["openssl"])
    (True, False)
    """
    return any(_VULNERABILITY.search(text[:_LONGEST]) for text in texts)


def by_score(score: float) -> Rating:
    """Return the word for a CVSS base score 0..10 (CVSS 3.1, section 5).

    >>> [by_score(each).value for each in (0.0, 3.9, 4.0, 7.0, 9.8)]
    ['very low', 'low', 'medium', 'high', 'critical']
    """
    bounds = ((9.0, Rating.CRITICAL), (7.0, Rating.HIGH), (4.0, Rating.MEDIUM), (0.1, Rating.LOW))
    return next((rating for least, rating in bounds if score >= least), Rating.VERY_LOW)


def host_of(address: str) -> str:
    """Return the host of an address with a scheme, without its port; '' if it has none.

    >>> host_of("https://web.example.org:8443/login"), host_of("src/web/app.py")
    ('web.example.org', '')
    """
    scheme, found, rest = address.partition("://")
    if not found or not scheme.isalnum():
        return ""
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def parts_of(path: str) -> tuple[str, ...]:
    """Return the names in a path or resource name, the outermost first.

    >>> parts_of("services/web/app.py"), parts_of("arn:aws:ecr:eu:1:repository/web")
    (('services', 'web', 'app.py'), ('arn', 'aws', 'ecr', 'eu', '1', 'repository', 'web'))
    """
    return tuple(each for each in re.split(r"[/\\:@]+", path[:_LONGEST]) if each and each not in (".", ".."))[:_MOST]
