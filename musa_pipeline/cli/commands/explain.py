"""`musa explain MODEL COMPONENT CONTROL`, or `musa explain CODE`."""

import click

from musa_pipeline.cli.commands.common import out_option, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow


@click.command()
@click.argument("model")
@click.argument("component", required=False)
@click.argument("control", required=False)
@out_option
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How the proof is printed.")
@click.pass_obj
def explain(outlet: Outlet, model: str, component: str | None, control: str | None, out: str | None, format_: str) -> int:
    """Say why a control is or is not promised for a component, and the smallest changes that would grant it.

    `musa explain MODEL COMPONENT CONTROL` shows the proof: threats, factors, catalog rows, who grants it by which rule.
    `musa explain MODEL APPLICATION CONTROL` with the application's own name shows it for the whole.
    `musa explain CODE` (T004, say) tells what a finding means.

    Exit code 0 if the control is granted, 1 if it is not.
    """
    if component is None:
        return _code(outlet, model)
    if control is None:
        raise click.UsageError("name a control too: musa explain MODEL COMPONENT CONTROL")
    work = start(model, out)
    for _ in follow(work, outlet, "compose"):
        pass
    from musa_pipeline.cli.render.explain import explanation, explanation_json
    from musa_pipeline.stages.explain import explain as explain_stage

    found = explain_stage(work, component, control)
    outlet.out(explanation_json(work, found) if format_ == "json" else explanation(work, found))
    if format_ == "text":
        from musa_pipeline.cli.render.crosswalks import wording
        from musa_pipeline.workspace.wording import wording_of

        if words := wording_of(work.catalogs.controls, found.control.id):
            outlet.out(wording(words))
    return 0 if found.granted else 1


def _code(outlet: Outlet, code: str) -> int:
    from musa_pipeline.domain.problems import near
    from musa_pipeline.workspace.findings import meanings

    known = meanings()
    found = known.get(code.upper())
    if found is None:
        hint = (
            near(code.upper(), known)
            or "codes are shown with every finding, as in error[T004]; for a control: musa explain MODEL COMPONENT CONTROL"
        )
        return outlet.failed(f"no finding has the code {code!r}", hint, 2)
    outlet.out(f"{click.style(code.upper(), bold=True)}  {found[0]}\n\n  {found[1]}\n  {click.style(found[2], dim=True)}")
    return 0
