"""What a change does, for programs; its schema is `catalogs/schemas/diff.schema.json`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from musa_pipeline import __version__
from musa_pipeline.domain.comparison import Change, Standing
from musa_pipeline.domain.problems import Problem
from musa_pipeline.stages.diff import Compared, Comparison
from musa_pipeline.stages.diff_side import Unread
from musa_pipeline.text.json import readable

VERSION = 1


def comparison_json(found: Comparison, met: Mapping[str, int]) -> str:
    """Return every change; `met`: how often each condition that was asked for is met."""
    sides = zip((found.before, found.after), found.commits, strict=True)
    before, after = ({"name": name, "commit": commit or None} for name, commit in sides)
    return readable(
        {
            "format": "musa/diff",
            "version": VERSION,
            "tool": {"name": "musa", "version": __version__},
            "before": before,
            "after": after,
            "met": dict(met),
            "models": [_model(each) for each in found.models],
        }
    )


def _model(each: Compared) -> dict[str, Any]:
    return {
        "application": each.application,
        "file": each.file,
        "state": _state(each),
        "before": _standing(each.before),
        "after": _standing(each.after),
        "unread": [
            {"side": name, **_finding(problem)}
            for name, side in (("before", each.before), ("after", each.after))
            if isinstance(side, Unread)
            for problem in side.problems
        ],
        "changes": [_change(change) for change in each.changes],
    }


def _state(each: Compared) -> str:
    if isinstance(each.before, Unread) or isinstance(each.after, Unread):
        return "unread"
    if each.before is None or each.after is None:
        return "new" if each.before is None else "gone"
    return "changed" if each.changes else "same"


def _standing(side: Standing | Unread | None) -> dict[str, Any] | None:
    return {**asdict(side), "price": round(side.price, 2)} if isinstance(side, Standing) else None


def _change(each: Change) -> dict[str, Any]:
    said = {"component": each.component, "subject": each.subject, "title": each.title}
    return {
        "topic": str(each.topic),
        "turn": str(each.turn),
        "effect": str(each.effect),
        **{name: value for name, value in said.items() if value},
        "facts": [{name: value for name, value in asdict(fact).items() if value} for fact in each.facts],
        "because": list(each.because),
    }


def _finding(each: Problem) -> dict[str, Any]:
    place = {"file": each.at.file, "line": each.at.line, "column": each.at.column} if each.at else {}
    return {"code": each.code, **place, "message": each.text, **({"help": each.help} if each.help else {})}
