"""The README of a generated project: what it does, how to run it, what is left to a person."""

import re
from collections.abc import Iterator
from typing import Final

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.plan import Plan

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>|#])")

HOW: Final = """\
Made from the plan (`plan.json`): change the model and make it again, not these files. Nothing here is secret.

## Run it

1. Have the machines below: Debian 12 or later, a user that may become root, your SSH key.
2. Say where they are, in a file `hosts.yml` beside this one (it is yours and is never written by the tool), or in your SSH configuration:

   ```yaml
   all:
     hosts:
       {machine}:
         ansible_host: 192.0.2.10
         ansible_user: debian
         musa_address: 10.0.0.10   # where the other machines reach it, if not at ansible_host
     vars:
       musa_addresses: {{}}   # component: address, of services that run on no machine of the plan
   ```

{agent}{deploy}. Deploy; a second run changes nothing:

   ```sh
   ansible-playbook --check --diff site.yml
   ansible-playbook site.yml
   ```

{back}. Take it back: `ansible-playbook undeploy.yml`. What was configured is removed, with the measurements; packages stay.

`roles/` holds the roles used, or they are found in `../../roles`. Each says in `meta/argument_specs.yml` what it takes: limits
and periods that the plan does not set can be set in `hosts.yml`.
"""


AGENT: Final = """\
3. Put the agent of the machines beside this file, so that it can be copied to them:

   ```sh
   musa agent bundle files/musa-agent.pyz
   ```

"""


def write_readme(plan: Plan) -> str:
    """Return the README."""
    machines = [machine.id for csp in plan.csps for pool in csp.pools for machine in pool.machines]
    parts = [
        f"# {slug(plan.application)}: deployment\n",
        HOW.format(machine=machines[0] if machines else "machine", **_steps(plan)),
        "## Machines\n",
        "| machine | provider | region | offering | cores | memory (MiB) | storage (GiB) | components | agents |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(each) for each in _machine_rows(plan)),
        *_managed(plan),
        *_tasks(plan),
    ]
    return "\n".join(parts) + "\n"


def _steps(plan: Plan) -> dict[str, object]:
    """Return the agent's step, if its role is used, and the numbers of those after it."""
    needed = any(step.role == "musa_agent" for step in plan.steps)
    return {"agent": AGENT if needed else "", "deploy": 4 if needed else 3, "back": 5 if needed else 4}


def _machine_rows(plan: Plan) -> Iterator[tuple[object, ...]]:
    for csp in plan.csps:
        for pool in csp.pools:
            for each in pool.machines:
                components = ", ".join(one.id for one in each.components)
                agents = ", ".join(f"{one.agent} ({one.component})" for one in each.agents)
                yield each.id, csp.provider, pool.region, each.offering, each.cores, each.memory, each.storage, components, agents


def _managed(plan: Plan) -> Iterator[str]:
    rows = [
        (each.component, csp.provider, each.region, each.offering)
        for csp in plan.csps
        for pool in csp.pools
        for each in pool.managed
    ]
    if rows:
        yield "\n## Managed services\n\nNothing of ours runs on them: make them at the provider and give their addresses in `musa_addresses`.\n"
        yield "| component | provider | region | offering |\n|---|---|---|---|"
        yield from (_row(each) for each in rows)


def _tasks(plan: Plan) -> Iterator[str]:
    if plan.tasks:
        yield "\n## Left to a person\n\nThe promise counts on these, or the model asks for them, and no role does them.\n"
        yield from (
            f"{each.number}. {_plain(each.title)} ({', '.join(filter(None, (each.control, _plain(each.component))))})."
            + (f" Source: {_plain(each.source)}" if each.source else "")
            for each in plan.tasks
        )


def _row(cells: tuple[object, ...]) -> str:
    return f"| {' | '.join(_plain(each) for each in cells)} |"


def _plain(text: object) -> str:
    """Return a text on one line that no Markdown reader takes for markup."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))
