"""What a model lost on the way to another language, as a table."""

from collections.abc import Sequence
from typing import Final

import click

from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.difference import Difference
from musa_pipeline.stages.words import count

_LANGUAGES: Final = {"tosca": "TOSCA", "camel": "CAMEL", "otm": "OTM", "macm": "MACM"}
_LONG: Final = 100


def lost(differences: Sequence[Difference], language: str, file: str | None) -> str:
    """Return where the model was written to, and each fact that it says differently there."""
    where = f" to {file}" if file else ""
    name = _LANGUAGES[language]
    if not differences:
        return f"written in {name}{where}; it says the same"
    rows = [
        (
            str(each.component or "the model"),
            each.fact.replace("_", " "),
            _short(each.before),
            f"→ {_short(each.after) or 'not said'}",
        )
        for each in differences
    ]
    title = click.style(f"written in {name}{where}; {count(len(differences), 'difference')}", bold=True)
    return f"{title}\n{table(rows)}"


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
