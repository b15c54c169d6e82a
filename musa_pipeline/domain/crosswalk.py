"""Crosswalks: which controls a clause of another framework stands for, by id alone; every pair says how, on what basis, and who says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.offering import Evidence
from musa_pipeline.domain.source import NOWHERE, Source, Span

_NUMBER = re.compile(r"(?<![\d.])0+(?=\d)")


class Relation(StrEnum):
    """What a clause is to the controls beside it: the words of OSCAL's mapping model (1.2), and four for what maps say besides."""

    EQUAL = "equal-to"
    EQUIVALENT = "equivalent-to"
    SUBSET = "subset-of"
    SUPERSET = "superset-of"
    INTERSECTS = "intersects-with"
    RELATED = "related-to"
    """The source names the pair and does not say how the two relate (a concept crosswalk of NIST IR 8477)."""
    MITIGATED = "mitigated-by"
    """The clause is a technique of attackers, which the controls mitigate."""
    SELECTS = "selects"
    """The clause is a part of a baseline, which selects the controls."""


class Basis(StrEnum):
    """On what a pair rests."""

    PUBLISHED = "published"
    """An owner of one of the two documents published it."""
    CARRIED = "carried"
    """A third party published it."""
    OWN = "own"
    """We say so, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One clause and one control."""

    clause: str
    control: ControlId
    relation: Relation
    basis: Basis
    source: Source
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkRow:
    """A clause, its controls in the standard's order, and how they relate; `because` is needed where the basis is our own."""

    clause: str
    controls: tuple[ControlId, ...]
    relation: Relation
    basis: Basis
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """A framework's clauses and their controls; no rows: nobody published a map, and `because` says so.

    `grade` is the evidence that an attestation to the framework gives for its controls; None: nobody is attested to it.
    """

    framework: str
    title: str
    source: Source
    grade: Evidence | None = None
    rows: tuple[CrosswalkRow, ...] = ()
    because: str = ""
    at: Span = field(default=NOWHERE, compare=False)

    @property
    def id(self) -> str:
        """The framework."""
        return self.framework

    @cached_property
    def clauses(self) -> dict[ControlId, tuple[str, ...]]:
        """The clauses that lead to each control, in the file's order."""
        found: dict[ControlId, list[str]] = {}
        for row in self.rows:
            for control in row.controls:
                found.setdefault(control, []).append(row.clause)
        return {control: tuple(clauses) for control, clauses in found.items()}

    @cached_property
    def _row(self) -> dict[str, CrosswalkRow]:
        return {clause_key(each.clause): each for each in self.rows}

    def row(self, written: str) -> CrosswalkRow | None:
        """Return the row of a clause as people write it: `IAM_02`, `iam-2` and `IAM-02` are one."""
        return self._row.get(clause_key(written))

    @property
    def selected(self) -> frozenset[ControlId]:
        """The controls that it selects; a map of clauses selects none."""
        return frozenset(control for row in self.rows if row.relation is Relation.SELECTS for control in row.controls)

    def pairs(self) -> Iterator[Pair]:
        """Yield every pair with all that is said of it."""
        for row in self.rows:
            for control in row.controls:
                yield Pair(
                    clause=row.clause,
                    control=control,
                    relation=row.relation,
                    basis=row.basis,
                    source=self.source,
                    because=row.because,
                )


def clause_key(written: str) -> str:
    """Return what is the same for all spellings of one clause.

    >>> clause_key("IAM_02"), clause_key(" iam-2"), clause_key("A.5.16"), clause_key("T1021.001")
    ('iam-2', 'iam-2', 'a.5.16', 't1021.001')
    """
    return _NUMBER.sub("", written.strip().casefold().replace("_", "-"))
