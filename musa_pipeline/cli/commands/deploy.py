"""`musa deploy MODEL` and `musa undeploy MODEL`: carry the plan to machines, and take it back."""

import click

from musa_pipeline.cli.agreements import tell_departure
from musa_pipeline.cli.commands.common import model_argument, out_option, start
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.cli.progress import follow


@click.command()
@model_argument
@out_option
@click.option(
    "--on",
    type=click.Choice(["local", "hosts"]),
    default="local",
    show_default=True,
    help="local: guests made on this machine (root). hosts: your machines, named in hosts.yml beside the model.",
)
@click.option("--gateway", metavar="URL", default="", help="Where agents on your hosts reach musa: https://HOST:PORT.")
@click.option("--check", is_flag=True, help="Change nothing; say how much would change.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How the outcome is printed.")
@click.pass_obj
def deploy(outlet: Outlet, model: str, out: str | None, on: str, gateway: str, check: bool, format_: str) -> int:
    """Deploy the application by its plan; a second run changes nothing.

    Runs the stages before it, as far as something changed. With --on local a guest is booted for every machine of the plan.
    """
    import time

    work = start(model, out)
    for _ in follow(work, outlet, "plan"):
        pass
    from musa_pipeline.cli.clock import now
    from musa_pipeline.cli.deploying import Watch
    from musa_pipeline.cli.render.deployed import render_deployed, render_deployed_json
    from musa_pipeline.cli.warnings import warn
    from musa_pipeline.stages import values
    from musa_pipeline.stages.deploy import deploy as carry
    from musa_pipeline.stages.pace import turns
    from musa_pipeline.stages.protected import check_protected

    check_protected(work)
    work.stop_if_wrong()
    warn(outlet, work.problems)
    tell_departure(outlet, work)
    began = time.perf_counter()
    with Watch(outlet, turns(values.plan(work))) as watch:
        outcome = carry(work, on, now=now(), gateway=gateway, check=check, say=watch.say, tell=watch.tell)
    took = time.perf_counter() - began
    show = render_deployed_json if format_ == "json" else render_deployed
    outlet.out(show(outcome, took, check=check, quiet=outlet.quiet))
    return 0 if outcome.well else 3


@click.command()
@model_argument
@out_option
@click.pass_obj
def undeploy(outlet: Outlet, model: str, out: str | None) -> int:
    """Take a deployment back: guests are removed whole; on your hosts, what was configured is. Credentials go with it."""
    import time

    from musa_pipeline.cli.deploying import Watch
    from musa_pipeline.cli.render.deployed import render_failures
    from musa_pipeline.stages import values
    from musa_pipeline.stages.deploy import undeploy as take_back
    from musa_pipeline.stages.deployment import HOSTS, deployed
    from musa_pipeline.stages.pace import turns

    work = start(model, out)
    began = time.perf_counter()
    found = deployed(work.place)
    steps = turns(values.plan(work), undo=True) if found and found.on == HOSTS else ()
    with Watch(outlet, steps) as watch:
        outcome = take_back(work.place, say=watch.say, tell=watch.tell)
    took = time.perf_counter() - began
    name = work.place.application
    if outcome and not outcome.well:
        outlet.out(render_failures(outcome))
        outlet.err(f"  what is known of {name} stays; musa undeploy {name} tries again")
        return 3
    if not outlet.quiet:
        bold = click.style(name, bold=True)
        outlet.out(f"{bold} · taken back in {took:.1f} s, nothing is left" if outcome else f"{bold} · nothing is deployed")
    return 0
