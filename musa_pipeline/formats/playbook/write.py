"""A plan as an Ansible project: plays that only pick roles and variables, an inventory without addresses, and how to run it."""

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.plan import Csp, Machine, Plan, Pool, Step, variable_prefix
from musa_pipeline.formats.playbook.block import Data, block, write_yaml
from musa_pipeline.formats.playbook.readme import write_readme


class Said(NamedTuple):
    """A step, its reason and its variables as text: written once for both ways."""

    step: Step
    why: str
    variables: str


Same: TypeAlias = list[Said]
"""Steps that differ in nothing but the machine."""

CONFIGURATION: Final = """\
[defaults]
inventory = inventory.yml,hosts.yml
roles_path = roles:../../roles
interpreter_python = auto_silent
retry_files_enabled = False
forks = 20

[ssh_connection]
pipelining = True
"""

REACH: Final = """\
# Where the other machines reach this one: an address.
musa_reach: "{{ musa_address | default(ansible_host) | default(inventory_hostname) }}"
"""


COMMENT: Final = 120
"""Characters of a line of a comment."""


def write_playbook(plan: Plan, roles: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return path -> text of the project. Of `roles` (path -> text, `ha/tasks/main.yml`) only those that the plan uses travel with it."""
    said = [Said(each, _why(each), block(each.variables, 8) if each.variables else "") for each in plan.steps]
    files = {
        "ansible.cfg": CONFIGURATION,
        "site.yml": _site(plan, said),
        "undeploy.yml": _undeploy(plan, said),
        "inventory.yml": write_yaml(_inventory(plan)),
        "group_vars/all.yml": write_yaml({"musa_application": slug(plan.application)}) + REACH,
        "README.md": write_readme(plan),
    }
    for csp, pool, machine in _machines(plan):
        files[f"host_vars/{machine.id}.yml"] = write_yaml(_facts(csp, pool, machine))
    used = {step.role for step in plan.steps}
    files.update({f"roles/{path}": text for path, text in (roles or {}).items() if path.partition("/")[0] in used})
    return dict(sorted(files.items()))


def _machines(plan: Plan) -> Iterable[tuple[Csp, Pool, Machine]]:
    for csp in plan.csps:
        for pool in csp.pools:
            for machine in pool.machines:
                yield csp, pool, machine


def _facts(csp: Csp, pool: Pool, machine: Machine) -> dict[str, Data]:
    """Return what the plan knows of a machine, for whoever makes it and for the roles."""
    return {
        "musa_provider": csp.provider,
        "musa_region": pool.region,
        "musa_offering": machine.offering,
        "musa_resources": {
            "cores": machine.cores,
            "memory_mib": machine.memory,
            "storage_gib": machine.storage,
            "os": machine.os,
        },
        "musa_components": [each.id for each in machine.components],
        "musa_agents": [{"agent": each.agent, "component": each.component} for each in machine.agents],
        "musa_ports": [
            {"number": port.number, "protocol": port.protocol, "component": each.id, "sources": list(port.sources)}
            for each in machine.components
            for port in each.ports
        ],
    }


def _inventory(plan: Plan) -> Data:
    """Return hosts in groups by provider and by component; addresses are the user's to give."""
    groups: dict[str, set[str]] = defaultdict(set)
    for csp, _, machine in _machines(plan):
        groups[_group("provider", csp.provider)].add(machine.id)
        for component in machine.components:
            groups[_group("component", component.id)].add(machine.id)
    hosts: dict[str, Data] = {machine.id: {} for _, _, machine in _machines(plan)}
    children: dict[str, Data] = {
        name: {"hosts": {host: {} for host in sorted(members)}} for name, members in sorted(groups.items())
    }
    return {"all": {"hosts": dict(sorted(hosts.items())), "children": children}}


def _group(prefix: str, name: str) -> str:
    return f"{prefix}_{slug(name).replace('-', '_')}"


def _site(plan: Plan, said: Sequence[Said]) -> str:
    """Return the plays that do all steps."""
    plays = [_play(hosts, some, "started") for hosts, some in _together(said)]
    return _plays(plan, "Deploys", plays)


def _undeploy(plan: Plan, said: Sequence[Said]) -> str:
    """Return the plays that undo all steps, the last first."""
    plays = [_play(hosts, some, "absent") for hosts, some in _together(said[::-1])]
    return _plays(plan, "Takes back", plays)


def _plays(plan: Plan, verb: str, plays: list[str]) -> str:
    head = f"---\n# {verb} {slug(plan.application)}. Made from the plan: change the model, not this file.\n"
    return head + ("\n".join(plays) or "[]\n")


def _together(steps: Sequence[Said]) -> list[tuple[tuple[str, ...], list[Same]]]:
    """Return what makes one play each: neighbouring steps of one role with the same variables run on all their machines at once,
    and neighbours of these on the same machines follow in the same play."""
    same = [list(some) for _, some in groupby(steps, key=lambda each: (each.step.role, each.step.variables))]
    return [(hosts, list(some)) for hosts, some in groupby(same, key=lambda each: tuple(one.step.machine for one in each))]


def _play(hosts: tuple[str, ...], some: list[Same], state: str) -> str:
    numbers = [one.step.number for same in some for one in same]
    span = f"Step {numbers[0]}" if len(numbers) == 1 else f"Steps {numbers[0]} to {numbers[-1]}"
    where = hosts[0] if len(hosts) == 1 else f"{len(hosts)} machines"
    head: Data = [{"name": f"{span} on {where}", "hosts": ",".join(hosts), "become": True, "gather_facts": False}]
    return block(head) + "  roles:\n" + "".join(_role(each, state) for each in some)


def _role(same: Same, state: str) -> str:
    """Return a role of a play, with the reasons of its steps above it."""
    role = same[0].step.role
    head = block([{"role": role, "vars": {f"{variable_prefix(role)}_state": state}}], 4)
    return "".join(each.why for each in same) + head + same[0].variables


def _why(step: Step) -> str:
    after = (
        f"; after step{'s' if len(step.after) > 1 else ''} {', '.join(str(each) for each in step.after)}" if step.after else ""
    )
    return _comment(f"{step.number}. {step.title}: {step.because}{after}", "    ")


def _comment(text: str, pad: str) -> str:
    """Return a text as a comment: words only, so that no line of it can end the comment."""
    printable = text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
    words = " ".join(printable.split())
    if len(words) <= COMMENT - len(pad) - 2:
        return f"{pad}# {words}\n"
    return (
        textwrap.fill(
            words,
            width=COMMENT,
            initial_indent=f"{pad}# ",
            subsequent_indent=f"{pad}#   ",
            break_on_hyphens=False,
        )
        + "\n"
    )
