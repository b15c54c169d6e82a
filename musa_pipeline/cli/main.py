"""The `musa` command: picks a command module, maps the outcome to an exit code.

Exit codes: 0 nothing found, 1 something found, 2 the files or flags are wrong, 3 the outside failed, 130 stopped by hand.
"""

import gc
import io
import os
import sys
from importlib import import_module

import click

from musa_pipeline import __version__
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.errors import FilesWrong, MusaError, OutsideFailed, UsageWrong

TASKS: dict[str, dict[str, str]] = {
    "Begin": {"init": "Lay out an application repository: a small model that runs, settings, a CI job"},
    "From model to promise and plan": {
        "run": "Every design-time stage in order; skips what did not change",
        "model": "Read the model: components, who uses whom, where they run",
        "risk": "Rate the threats and derive the required controls",
        "slat": "Write a Security SLA template for each component",
        "select": "Choose providers and agents",
        "compose": "Compose the application's Security SLA and name the gaps",
        "plan": "Write the implementation plan and the Ansible project",
        "check": "The gate for a pipeline: fails for broken promises, open risks, expired decisions, stale files",
        "diff": "What a change does to promises, risks, controls, providers, service levels and cost",
        "sign": "Sign an application's Security SLA, or any SLA document",
        "verify": "Whether Security SLAs hold: schema, signature, members, and that they follow from the model",
        "sla": "List, show, offer, agree, amend and terminate Security SLAs; no run touches what was agreed",
        "export": "Write a Security SLA in another tool's language: OpenSLO, Prometheus, Grafana, OSCAL, MACM",
        "report": "One page for people: picture, risks, promises, gaps, providers; or Markdown",
    },
    "Operate": {
        "deploy": "Carry the plan to machines: guests made here, or your hosts",
        "assure": "Watch a deployed application, judge its promises, react by policy; a page shows it",
        "status": "How the promises of a watched application stand, worst first",
        "policy": "List, check and test what happens by itself when something is found",
        "reactions": "See what was done by policy, approve what waits, take back, stop everything",
        "audit": "Verify and show the log of what was decided and done",
        "undeploy": "Take a deployment back; nothing is left",
    },
    "Understand": {"explain": "Why a control is or is not promised, a risk rated as it is; or what a finding means"},
    "Knowledge": {
        "catalog": "List, show, import and check controls, threats, metrics, offerings and agents",
        "bpf": "List, check and build the eBPF programs that agents load",
        "agent": "The agent of a machine: written as one file for its own Python, or run here",
    },
    "Shell": {"completion": "Print the completion script for bash, zsh or fish"},
}
"""Commands by the user's task, each with its sentence: known before any command module is imported."""

SHARED: dict[str, str] = {
    **dict.fromkeys(("slat", "select", "compose", "plan"), "stage"),
    "undeploy": "deploy",
    "status": "assure",
}
"""Commands that share a module with others, and that module; any other stands in a module of its own name."""


class Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return [name for group in TASKS.values() for name in group]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = SHARED.get(cmd_name, cmd_name)
        found = getattr(import_module(f"musa_pipeline.cli.commands.{module}"), cmd_name)
        assert isinstance(found, click.Command)  # noqa: S101  a module that breaks this is our mistake
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from musa_pipeline.domain.problems import near

            if args and (hint := near(args[0], self.list_commands(ctx))):
                raise click.UsageError(f"{error.message} {hint}", ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, group in TASKS.items():
            with formatter.section(title):
                formatter.write_dl(list(group.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="musa %(version)s")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours: by default on a terminal only."
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what was found.")
@click.option("-v", "--verbose", is_flag=True, help="Say more: every warning, every file.")
@click.option("--json-logs", is_flag=True, help="Progress as one JSON object a line, on standard error.")
@click.pass_context
def musa(ctx: click.Context, color: str, quiet: bool, verbose: bool, json_logs: bool) -> None:
    """From a model of a multi-cloud application to its Security SLA, its deployment plan, and the agents that keep the promise."""
    ctx.color = {"auto": False if os.environ.get("NO_COLOR") else None, "always": True, "never": False}[color]
    outlet: Outlet = ctx.ensure_object(Outlet)
    outlet.color, outlet.quiet, outlet.verbose, outlet.json_logs = ctx.color, quiet, verbose, json_logs


def main() -> None:
    """Run `musa`, and turn every outcome into an exit code."""
    # values are frozen and have no circles, so looking for garbage among them finds none: a quarter of a large run's time
    gc.set_threshold(200_000, 50, 100)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files need not be text
    outlet = Outlet()
    try:
        code = musa.main(standalone_mode=False, obj=outlet)
    except FilesWrong as error:
        code = outlet.wrong(error)
    except UsageWrong as error:
        code = outlet.failed(error.text, error.way_out, 2)
    except OutsideFailed as error:
        code = outlet.failed(error.text, error.way_out, 3)
    except MusaError as error:  # what a reader of an official file refuses
        code = outlet.failed(str(error), "", 2)
    except click.ClickException as error:
        error.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        code = outlet.failed("stopped", "", 130)
    except OSError as error:
        what = f"{error.filename}: " if isinstance(error.filename, str) else ""
        code = outlet.failed(f"{what}{error.strerror or error}", "", 3)
    except Exception:  # the one place that catches everything, to say that it is our fault
        import traceback

        traceback.print_exc()
        code = outlet.failed("this is a mistake in musa, not in your files", "please report it with the lines above", 3)
    sys.exit(code or 0)
