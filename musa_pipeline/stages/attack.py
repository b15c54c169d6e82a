"""The attack paths of an application: derived from its risks when somebody asks for them, never written."""

from musa_pipeline.domain.attack import AttackPaths
from musa_pipeline.risk.paths import attack_paths
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work


def paths(work: Work) -> AttackPaths:
    """Return the worst attack paths, worst first."""
    return work.once("attack paths", lambda: attack_paths(values.cpim(work), values.profile(work)))
