"""What the platform is to watch, gathered from the repository and what stands deployed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from musa_pipeline.assurance.causes import Surroundings, advice, surroundings
from musa_pipeline.assurance.known import known, placed
from musa_pipeline.assurance.objectives import objectives
from musa_pipeline.assurance.reactions import Belts
from musa_pipeline.domain.context import Entity
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.facts import facts_of
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.policy import Policy
from musa_pipeline.domain.settings import RuntimeSettings
from musa_pipeline.domain.verdict import Objective
from musa_pipeline.runners.addresses import numeric
from musa_pipeline.stages import values
from musa_pipeline.stages.deployment import Deployment, deployed
from musa_pipeline.stages.policies import policies_of
from musa_pipeline.stages.sla import in_force
from musa_pipeline.stages.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One deployed application: its promises, what is known of it, and how it may be reacted to."""

    application: str
    deployment: Deployment
    runtime: RuntimeSettings
    objectives: tuple[Objective, ...]
    entities: tuple[Entity, ...]
    around: Surroundings
    advice: Mapping[tuple[ComponentId, str], str]
    policies: tuple[Policy, ...]
    belts: Belts
    lists: Mapping[str, tuple[str, ...]]
    digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the object of each program in the deployment's library."""
    agreement: int = 0
    """The number of the agreement whose promises are judged; 0: nothing is agreed, the draft's are."""


def watched(work: Work, today: date) -> Watched:
    """Gather it; the promises are those of the agreement in force on a day, else of the draft.

    Raises UsageWrong if nothing stands deployed, FilesWrong if a policy is wrong or an agreement was tampered with.
    """
    place = work.place
    found = deployed(place)
    if found is None or found.gateway is None:
        why = "is not deployed" if found is None else "was deployed without a gateway for its agents"
        raise UsageWrong(f"{place.application} {why}", f"musa deploy {place.application}")
    plan, cpim, catalogs, runtime = values.plan(work), values.cpim(work), work.catalogs, work.settings.runtime
    facts = facts_of(cpim, catalogs)
    whole, parts, number = in_force(work, today)
    promised = objectives(whole, parts, plan, catalogs, runtime, facts)
    around = surroundings(plan)
    policies = policies_of(work)
    work.stop_if_wrong()
    ours = (*found.machines.values(), *(numeric(found.gateway.address) or (found.gateway.address,)))
    return Watched(
        application=place.application,
        deployment=found,
        runtime=runtime,
        objectives=promised,
        entities=known(place.application, cpim, placed(plan, found.machines), promised, runtime.protected),
        around=around,
        advice=advice(promised, around, catalogs, facts),
        policies=policies,
        # machines of the application itself are never dropped: they need one another
        belts=Belts(protected=frozenset(runtime.protected), addresses=tuple(sorted(set(ours)))),
        lists=dict(runtime.lists),
        digests=_digests(found.folder / "bpf"),
        agreement=number,
    )


def _digests(folder: Path) -> dict[str, str]:
    return {each.stem: hashlib.sha256(each.read_bytes()).hexdigest() for each in sorted(folder.glob("*.o"))}
