"""What another version of the control catalog changes, as people and programs read it."""

import json
from collections import Counter
from collections.abc import Sequence

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.revision import Change, ControlChange
from musa_pipeline.stages.catalog_diff import Difference, Touched

MOST = 6


def difference(found: Difference, *, everything: bool) -> str:
    """Return the changes by kind, those that concern nothing here only counted unless all are asked for."""
    parts = [f"{found.before.name} {found.before.version} → {found.after.name} {found.after.version}"]
    count = Counter(each.change.change for each in found.touched)
    for kind in Change:
        rows = [each for each in found.touched if each.change.change is kind]
        shown = rows if everything else [each for each in rows if each.matters]
        if rows:
            rest = len(rows) - len(shown)
            concerns = (
                f", {rest} of them concern nothing here" if rest and shown else ", none concerns anything here" if rest else ""
            )
            parts += ["", click.style(f"{kind}: {count[kind]}{concerns}", bold=True)]
        if shown:
            parts.append(table([_row(each) for each in shown]))
    if not found.touched:
        parts += ["", "  nothing changes"]
    parts += ["", *(f"  {each}" for each in found.silent)] if found.silent else []
    return "\n".join(parts)


def _row(each: Touched) -> list[str]:
    who = [
        f"{len(names)} {one if len(names) == 1 else many}: {_some(names)}"
        for one, many, names in (
            ("component", "components", each.components),
            ("document", "documents", each.documents),
            ("entry", "entries", each.entries),
        )
        if names
    ]
    return [each.change.control, _what(each.change), " · ".join(who)]


def _what(change: ControlChange) -> str:
    if change.change is Change.WITHDRAWN:
        return f"{change.before} → {', '.join(change.successors) or 'nothing takes its place'}"
    return " → ".join(part for part in (change.before, change.after) if part)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST]) + (" …" if len(names) > MOST else "")


def difference_json(found: Difference) -> str:
    """Return every change for programs."""
    return json.dumps(
        {
            "before": {"id": found.before.id, "version": found.before.version},
            "after": {"id": found.after.id, "version": found.after.version},
            "changes": [
                {
                    "control": each.change.control,
                    "change": each.change.change,
                    "before": each.change.before,
                    "after": each.change.after,
                    "successors": list(each.change.successors),
                    "components": list(each.components),
                    "documents": list(each.documents),
                    "entries": list(each.entries),
                }
                for each in found.touched
            ],
            "not-compared": list(found.silent),
        },
        indent=2,
        ensure_ascii=False,
    )
