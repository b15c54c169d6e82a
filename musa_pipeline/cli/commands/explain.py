"""`musa explain MODEL COMPONENT CONTROL`, the same with a THREAT, or `musa explain CODE`."""

from typing import TYPE_CHECKING

import click

from musa_pipeline.cli.commands.common import out_option, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow

if TYPE_CHECKING:
    from musa_pipeline.domain.threat import Threat
    from musa_pipeline.stages.work import Work


@click.command()
@click.argument("model")
@click.argument("component", required=False)
@click.argument("control", metavar="[CONTROL|THREAT]", required=False)
@out_option
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How the proof is printed.")
@click.pass_obj
def explain(outlet: Outlet, model: str, component: str | None, control: str | None, out: str | None, format_: str) -> int:
    """Say why a control is or is not promised for a component, and the smallest changes that would grant it; or why a risk is
    rated as it is.

    `musa explain MODEL COMPONENT CONTROL` shows the proof: threats, factors, catalog rows, who grants it by which rule.
    `musa explain MODEL APPLICATION CONTROL` with the application's own name shows it for the whole.
    `musa explain MODEL COMPONENT THREAT` shows one risk: its factors and what moved them, what answers it, what is left.
    `musa explain CODE` (T004, say) tells what a finding means.

    Exit code 0 if the control is granted, 1 if it is not; of a risk, 1 if it stays above its bar and nobody answers for it.
    """
    if component is None:
        return _code(outlet, model)
    if control is None:
        raise click.UsageError("name a control or a threat too: musa explain MODEL COMPONENT CONTROL")
    work = start(model, out)
    for _ in follow(work, outlet, "compose"):
        pass
    from musa_pipeline.cli.render.explain import explanation, explanation_json
    from musa_pipeline.stages.explain import explain as explain_stage
    from musa_pipeline.stages.explain_risk import threat_named

    if threat := threat_named(work, control):
        return _risk(outlet, work, component, threat, format_)
    found = explain_stage(work, component, control)
    outlet.out(explanation_json(work, found) if format_ == "json" else explanation(work, found))
    if format_ == "text":
        from musa_pipeline.cli.render.crosswalks import wording
        from musa_pipeline.workspace.wording import wording_of

        if words := wording_of(work.catalogs.controls, found.control.id):
            outlet.out(wording(words))
    return 0 if found.granted else 1


def _risk(outlet: Outlet, work: "Work", component: str, threat: "Threat", format_: str) -> int:
    from musa_pipeline.cli.render.explain_risk import explained_risk, explained_risk_json
    from musa_pipeline.stages.explain_risk import explain_risk

    found = explain_risk(work, component, threat)
    outlet.out(explained_risk_json(work, found) if format_ == "json" else explained_risk(work, found))
    return 1 if found.open else 0


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
