"""Pairs in `bpf/`: those that came with the tool, and the repository's own, which win over them."""

from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span
from musa_pipeline.workspace.files import inside, read_text
from musa_pipeline.workspace.places import repository, shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One pair: how its YAML is called in findings, what stands in it, and where its C source is."""

    id: str
    shown: str
    text: str
    source: Path

    @property
    def shown_source(self) -> str:
        """How the C source is called in findings."""
        return self.shown.removesuffix(".yaml") + ".bpf.c"


def program_pairs(problems: Problems, root: Path | None = None) -> tuple[Pair, ...]:
    """Return all pairs by id. Code B011: a half without the other."""
    found: dict[str, Pair] = {}
    for base in dict.fromkeys((shipped(), root or repository())):
        folder = base / "bpf"
        names = {path.name for path in folder.glob("*") if path.suffix == ".yaml" or path.name.endswith(".bpf.c")}
        for name in sorted(names):
            stem = name.removesuffix(".yaml").removesuffix(".bpf.c")
            other = f"{stem}.bpf.c" if name.endswith(".yaml") else f"{stem}.yaml"
            if other not in names:
                problems.report(
                    "B011", Span(f"bpf/{name}"), f"half of a pair: there is no {other!r} beside it", help=f"add bpf/{other}"
                )
            elif name.endswith(".yaml"):
                _add(found, base, stem, problems)
    return tuple(found[each] for each in sorted(found))


def _add(found: dict[str, Pair], base: Path, stem: str, problems: Problems) -> None:
    shown = f"bpf/{stem}.yaml"
    said, source = base / shown, base / f"bpf/{stem}.bpf.c"
    for path in (said, source):
        if not inside(path, base):
            problems.report("W007", Span(shown), "this is a link to a place outside the repository")
            return
    text = read_text(said, shown, problems)
    if text is not None:
        found[stem] = Pair(id=stem, shown=shown, text=text, source=source)


def built_folder(root: Path | None = None) -> Path:
    """Return where built programs go: beside the other things that can be made again."""
    return (root or repository()) / ".musa/bpf"
