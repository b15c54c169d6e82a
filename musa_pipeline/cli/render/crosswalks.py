"""Crosswalks as people read them: a framework, one of its clauses, and what other frameworks call a control."""

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control, Wording
from musa_pipeline.domain.crosswalk import Crosswalk, CrosswalkRow
from musa_pipeline.domain.revision import successors

MOST = 8
"""Clauses of one framework that a control's entry names; `musa catalog show FRAMEWORK` has them all."""


def elsewhere(catalogs: Catalogs, control: Control) -> list[list[str]]:
    """Return a row for each framework of which a clause leads to the control; of a baseline only its name."""
    rows = []
    for walk in catalogs.crosswalks:
        if clauses := walk.clauses.get(control.id):
            relation = next(row.relation for row in walk.rows if row.clause == clauses[0])
            named = ", ".join(clauses[:MOST]) + (f" and {len(clauses) - MOST} more" if len(clauses) > MOST else "")
            rows.append([walk.framework, f"{relation}: {named}" if relation != "selects" else "selects it"])
    return rows


def before(catalogs: Catalogs, control: Control) -> list[list[str]]:
    """Return a row for each older revision in which the control had another title, or was other controls."""
    rows = []
    for catalog in catalogs.older:
        was = [
            each
            for each in catalog.controls
            if not each.withdrawn
            and control.id in successors(each.id, catalogs.control)
            and (each.id, each.title) != (control.id, control.title)
        ]
        if was:
            rows.append([f"revision {catalog.revision}", ", ".join(f"{each.id} {each.title}" for each in was)])
    return rows


def crosswalk(walk: Crosswalk) -> str:
    """Return a whole crosswalk: where it is from, then every clause with its controls."""
    head = [["family", "crosswalks"], ["at", str(walk.at)], ["because", walk.because], ["source", _source(walk)]]
    if walk.grade is not None:
        head.insert(2, ["evidence", f"an attestation gives {walk.grade}"])
    rows = [[row.clause, row.relation, row.basis, " ".join(row.controls), row.because] for row in walk.rows]
    body = table(rows, ["clause", "relation", "basis", "controls", ""]) if rows else "  nobody published a map"
    return f"{click.style(walk.framework, bold=True)} {walk.title}\n{table([row for row in head if row[1]])}\n\n{body}"


def clauses(catalogs: Catalogs, written: str) -> str:
    """Return what a clause stands for, in every framework that has one of that name; empty when none has."""
    found = [(walk, row) for walk in catalogs.crosswalks if (row := walk.row(written)) and row.relation != "selects"]
    return "\n\n".join(_clause(catalogs, walk, row) for walk, row in found)


def _clause(catalogs: Catalogs, walk: Crosswalk, row: CrosswalkRow) -> str:
    rows = [[each, catalogs.control[each].title, str(catalogs.control[each].level or "")] for each in row.controls]
    said = [["relation", row.relation], ["basis", row.basis], ["because", row.because], ["source", _source(walk)]]
    listed = table(rows) if rows else "  no control in force"
    return f"{click.style(row.clause, bold=True)} of {walk.title}\n{table([each for each in said if each[1]])}\n{listed}"


def _source(walk: Crosswalk) -> str:
    return " ".join(part for part in (str(walk.source), walk.source.link, walk.source.date) if part)


def wording(found: Wording | None) -> str:
    """Return what the standard says, or how to have it said; it is in the user's cache, never in a repository."""
    if found is None:
        return "\n  the standard's own words are not in the repository: musa catalog import oscal FILE puts them into your cache"
    parts = [("statement", found.statement), ("guidance", found.guidance)]
    return "\n".join(
        f"\n{click.style(title, bold=True)}\n" + "\n".join(f"  {each}" for each in lines) for title, lines in parts if lines
    )
