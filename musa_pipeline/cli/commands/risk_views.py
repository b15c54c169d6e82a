"""What `musa risk` can show: one view at a time, each in formats of its own, and flags that belong to some views only."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from musa_pipeline.cli.commands.common import start

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work
    from musa_pipeline.workspace.given import Given

OWASP, OF_2016 = METHODS = ("owasp", "musa-2016")
"""Ours first; the other is that of MUSA's SLA Generator, to compare with what was published."""
FORMATS: Final = ("table", "json", "markdown", "sarif", "otm", "svg")
MATRIX: Final = "matrix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Everything that was said to `musa risk`."""

    model: str
    out: str | None
    given: "Given"
    format_: str
    method: str
    reports: tuple[str, ...]
    as_of: date | None
    dry_run: bool
    questions: bool
    ask: bool
    component: str | None
    only: str | None
    cover: bool
    appetite: str | None
    paths: bool
    residual: bool
    by: str | None

    def work(self) -> "Work":
        """Open the work on the model. Raises UsageWrong if there is none."""
        return start(self.model, self.out, self.given)


RISKS = ""
"""The view that needs no flag."""
_FIELDS: Final = {
    "--measured": "reports",
    "--ask": "ask",
    "--questions": "questions",
    "--cover": "cover",
    "--paths": "paths",
    "--by": "by",
    "--residual": "residual",
}
_FORMATS: Final = {
    RISKS: ("table", "json", "markdown", "sarif", "otm"),
    "--residual": ("table", "json", "markdown", "sarif"),
    "--measured": ("table", "json"),
    "--ask": ("table",),
    "--questions": ("table", "json"),
    "--cover": ("table", "json"),
    "--paths": ("table", "svg"),
    "--by": ("table",),
}
_BELONGS: Final = {
    "as_of": ("--measured",),
    "dry_run": ("--measured",),
    "component": ("--ask", "--measured"),
    "only": ("--ask",),
    "appetite": ("--cover",),
}


def view_of(asked: Asked) -> str:
    """Return the flag of the view that is asked for; `--by` takes together what is left if `--residual` is there too.

    Raises UsageError for views, formats and flags that do not go together.
    """
    views = [flag for flag, name in _FIELDS.items() if getattr(asked, name)]
    if views == ["--by", "--residual"]:
        views = ["--by"]
    if len(views) > 1:
        raise click.UsageError(f"{' and '.join(views)} are views of their own; choose one")
    view = views[0] if views else RISKS
    for name, of in _BELONGS.items():
        if getattr(asked, name) and view not in of:
            raise click.UsageError(f"--{name.replace('_', '-')} goes with {' or '.join(of)}")
    if asked.method == OF_2016 and (view or asked.format_ not in ("table", "json")):
        raise click.UsageError(f"the ranking of {OF_2016} is a table or JSON, without other views")
    formats = (*_FORMATS[view], "svg") if asked.by == MATRIX else _FORMATS[view]
    if asked.format_ not in formats:
        hint = "; pictures are drawn of --paths and of --by matrix" if asked.format_ == "svg" else ""
        raise click.UsageError(f"{view or 'the risks'}: there is no {asked.format_}, only {', '.join(formats)}{hint}")
    return view
