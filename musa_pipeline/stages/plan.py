"""Sixth stage: the implementation plan and the Ansible project."""

from musa_pipeline.domain.problems import Severity, near
from musa_pipeline.formats.playbook import write_playbook
from musa_pipeline.formats.values import write_value
from musa_pipeline.planning import plan
from musa_pipeline.stages import values
from musa_pipeline.stages.protected import check_protected
from musa_pipeline.stages.words import count
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.catalogs import role_files, role_names
from musa_pipeline.workspace.places import shipped

READS = ("code", "roles", "catalogs/kinds", "catalogs/offerings", "catalogs/agents")


def run(work: Work) -> dict[str, bytes]:
    """Plan, and write the project."""
    _check_roles(work)
    made = plan(values.cpim(work), values.selection(work), values.slas(work), values.composition(work), work.catalogs)
    work.stop_if_wrong()
    work.set("plan", made)
    check_protected(work, Severity.WARNING)
    # where the roles already stand beside the plans, the project uses them there; elsewhere it carries those it needs
    at_home = (work.place.out / "playbooks/roles").resolve() == (shipped() / "playbooks/roles").resolve()
    project = write_playbook(made, None if at_home else role_files(work.place.root, work.problems))
    work.stop_if_wrong()
    files = {f"{work.place.playbook}/{name}": text.encode() for name, text in project.items()}
    files[f"{work.place.playbook}/plan.json"] = write_value(made, "plan")
    return files


def _check_roles(work: Work) -> None:
    """Report roles that the model names and nobody has."""
    known = role_names(work.place.root)
    for component in values.cpim(work).components:
        for role in component.roles:
            if role not in known:
                text = f"component {component.name!r} is configured by the Ansible role {role!r}, which is not here"
                way_out = near(role, sorted(known)) or f"put it into playbooks/roles/{role}"
                work.problems.report("D013", component.at, text, help=way_out)


def said(work: Work) -> str:
    """One line on the result."""
    made = values.plan(work)
    machines = [machine for csp in made.csps for pool in csp.pools for machine in pool.machines]
    managed = sum(len(pool.managed) for csp in made.csps for pool in csp.pools)
    components = sum(len(each.components) for each in machines) + managed
    agents = sum(len(each.agents) for each in machines)
    found = [count(len(machines), "machine"), count(components, "component"), count(agents, "agent")]
    return ", ".join([*found, count(managed, "managed service")] if managed else found)
