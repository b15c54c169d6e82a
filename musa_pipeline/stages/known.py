"""What a policy may name: gathered from the shipped and the repository's own files, the catalogs, the algorithms, and a model."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.policies import Known

if TYPE_CHECKING:
    from musa_pipeline.domain.catalog import Catalogs
    from musa_pipeline.domain.cpim import Cpim
    from musa_pipeline.domain.plan import Plan
    from musa_pipeline.stages.work import Work


def known_of(work: "Work") -> Known:
    """Return what policies of a model may name, its components and machines among it."""
    from musa_pipeline.stages import values

    models = work.place.root / "models"
    return replace(
        known_here(work.place.root, work.catalogs),
        components=components_of(values.cpim(work)),
        machines=machines_of(values.plan(work)),
        shared=models.is_dir() and sum(each.is_dir() for each in models.iterdir()) > 1,
    )


def components_of(cpim: "Cpim") -> frozenset[str]:
    """Return the components of a model that something can be done to; its hosts become machines of the plan."""
    from musa_pipeline.domain.cpim import Role

    return frozenset(str(each.id) for each in cpim.components if each.role is not Role.HOST)


def machines_of(plan: "Plan") -> frozenset[str]:
    """Return the machines of a plan."""
    return frozenset(each.id for csp in plan.csps for pool in csp.pools for each in pool.machines)


def known_here(root: Path, catalogs: "Catalogs") -> Known:
    """Return what policies of a repository may name, whatever the model; what is wrong in those files is told elsewhere."""
    from musa_pipeline.detection.registry import known as algorithms
    from musa_pipeline.workspace.places import shipped
    from musa_pipeline.workspace.programs import program_pairs

    found = _findings()
    return Known(
        playbooks=frozenset(each.stem for each in (shipped() / "playbooks/reactions").glob("*.yml")),
        programs=frozenset(each.id for each in program_pairs(Problems(), root)),
        algorithms=frozenset(algorithms()),
        findings=found - {"*"},
        metrics=frozenset(map(str, catalogs.metric)),
        any_finding="*" in found,
    )


def _findings() -> frozenset[str]:
    """Return the types of findings that algorithms have; one that cannot be made without parameters may find anything."""
    from musa_pipeline.detection.registry import algorithm, known
    from musa_pipeline.domain.errors import UsageWrong

    found = set()
    for name in known():
        try:
            found.add(algorithm(name).finds)
        except UsageWrong:
            found.add("*")
    return frozenset(found)
