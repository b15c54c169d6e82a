"""What musa.yaml protects from reactions must exist: a misspelt name would protect nothing."""

from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.plan import Plan
from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.stages import values
from musa_pipeline.stages.known import components_of, machines_of
from musa_pipeline.stages.work import T, Work
from musa_pipeline.workspace.files import OURS, read_text


def check_protected(work: Work, severity: Severity = Severity.ERROR) -> None:
    """Report names under `runtime.protected` that are neither a component of the model nor a machine of its plan.

    Code D012. All models of a repository share its musa.yaml: what another one has, as it was last run, may stand there.
    """
    runtime = work.settings.runtime
    if not runtime.protected:
        return
    known = components_of(values.cpim(work)) | machines_of(values.plan(work))
    missing = [(name, at) for name, at in zip(runtime.protected, runtime.protected_at, strict=True) if name not in known]
    elsewhere = _elsewhere(work) if missing else frozenset()
    for name, at in missing:
        if name not in elsewhere:
            what = f"'runtime.protected' has {name!r}, which is neither a component nor a machine of {work.place.application}"
            way_out = near(name, sorted(known)) or "name a component of the model, or a machine of its plan; or take it out"
            work.problems.report("D012", at, what, help=way_out, severity=severity)


def _elsewhere(work: Work) -> frozenset[str]:
    """Return the components and machines of the repository's other models, as far as they were ever run."""
    found = frozenset[str]()
    for folder in sorted(work.place.root.glob("models/*/")):
        name = slug(folder.name)
        if name != work.place.application:
            cpim = _read(work, f"sla/{name}/cpim.json", Cpim)
            plan = _read(work, f"playbooks/plans/{name}/plan.json", Plan)
            found |= components_of(cpim) if cpim else frozenset()
            found |= machines_of(plan) if plan else frozenset()
    return found


def _read(work: Work, file: str, type_: type[T]) -> T | None:
    from musa_pipeline.formats.values import read_value

    unheard = Problems()  # another model's files are no matter of this run
    path = work.place.out / file
    text = read_text(path, file, unheard, most=OURS) if path.is_file() else None
    return read_value(text.encode(), type_, file, unheard) if text is not None else None
