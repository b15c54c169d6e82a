"""Warnings and notes of a run that went well: counted, and shown when asked or when they are few."""

import click

from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.problems import Problems, Severity

FEW = 3


def warn(outlet: Outlet, problems: Problems) -> None:
    """Tell of findings that did not stop the run."""
    found = list(problems)
    warnings = [each for each in found if each.severity is Severity.WARNING]
    if not found or outlet.quiet:
        return
    if outlet.verbose or 0 < len(warnings) <= FEW:
        from musa_pipeline.cli.render.problems import render_problems

        outlet.err(render_problems(found if outlet.verbose else warnings, everything=True))
    elif warnings:
        outlet.err(click.style(f"{len(warnings)} warnings about the files (musa -v shows them)", fg="yellow"))
