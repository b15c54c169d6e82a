"""Names that a policy may use, as the caller knows them: playbooks, programs, algorithms, findings, metrics, parts of the model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.problems import Problems, Severity, near
from musa_pipeline.domain.source import Span

Names = frozenset[str] | None
"""Names that exist; None: nobody knows them here, so they are not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What exists. `any_finding`: an algorithm passes on findings of any type; `shared`: other models have these policies too."""

    playbooks: Names = None
    programs: Names = None
    algorithms: Names = None
    findings: Names = None
    metrics: Names = None
    components: Names = None
    machines: Names = None
    any_finding: bool = False
    shared: bool = False


NOBODY: Final = Known()
"""Nothing is known, so no name is checked."""
ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "component": ("component",),
    "host": ("machine",),
    "incidents": ("component",),
    "state": ("component", "metric"),
    "loaded": ("program", "machine"),
    "blocked": ("", "machine"),
    "seen": ("finding", "part", ""),
    "series": ("part", "", ""),
}
"""What the arguments of a question name; what agents measure is more than the metrics of promises, so a series has any."""

_HOME: Final[Mapping[str, tuple[str, str]]] = {
    "playbook": ("P016", "in playbooks/reactions"),
    "program": ("P016", "in bpf"),
    "algorithm": ("P016", "among the detection algorithms"),
    "metric": ("P018", "in the catalog of metrics"),
    "component": ("P019", "in the model"),
    "machine": ("P019", "in the plan"),
    "part": ("P019", "in the model or its plan"),
}
_MOST_LISTED: Final = 12


class Checked:
    """Reports names that do not exist. A finding that no algorithm has is a warning: an agent or a plug-in may bring it."""

    def __init__(self, known: Known, problems: Problems) -> None:
        self.known, self.problems = known, problems

    def name(self, kind: str, name: str, at: Span) -> None:
        """Check one name; one that is not said, or a kind that is not known here, is let pass."""
        if kind == "finding":
            self._finding(name, at)
        elif kind in _HOME and name:
            names = self._of(kind)
            if names is not None and name not in names:
                code, where = _HOME[kind]
                soft = code == "P019" and self.known.shared
                what = "component or machine" if kind == "part" else kind
                self.problems.report(
                    code,
                    at,
                    f"there is no {what} {name!r} {where}",
                    help=near(name, sorted(names)) or _listed(names),
                    severity=Severity.WARNING if soft else Severity.ERROR,
                )

    def _of(self, kind: str) -> Names:
        known = self.known
        if kind == "part":
            return None if known.components is None or known.machines is None else known.components | known.machines
        names: Names = getattr(known, f"{kind}s")
        return names

    def _finding(self, name: str, at: Span) -> None:
        names = self.known.findings
        if names is None or name in names or not name:
            return
        meant = near(name, sorted(names))
        if meant or not self.known.any_finding:
            self.problems.warn("P017", at, f"no detection algorithm finds {name!r}", help=meant or _listed(names))


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    return f"there is {', '.join(found[:_MOST_LISTED])}{', …' if len(found) > _MOST_LISTED else ''}" if found else "there is none"
