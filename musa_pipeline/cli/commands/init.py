"""`musa init [DIR]`: an application repository to begin with."""

from pathlib import Path

import click

from musa_pipeline.cli.outlet import Outlet


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", default="shop", help="What the application is called.", show_default=True)
@click.option(
    "--ci", type=click.Choice(["github", "gitlab", "none"]), default="github", help="Whose job is laid down.", show_default=True
)
@click.pass_obj
def init(outlet: Outlet, folder: Path, name: str, ci: str) -> int:
    """Lay out an application repository: a small model that runs, musa.yaml, a CI job. Nothing that exists is touched."""
    from musa_pipeline.domain.ids import slug
    from musa_pipeline.workspace.begin import begin

    application = slug(name)
    made, kept = begin(folder, application, ci)
    for file in made:
        outlet.out(f"  {click.style('made', fg='green')}  {file}")
    for file in kept:
        outlet.out(f"  {click.style('kept', dim=True)}  {file} (was here)")
    there = f"cd {folder} && " if str(folder) != "." else ""
    outlet.out(f"next  {there}musa run {application} && musa check")
    return 0
