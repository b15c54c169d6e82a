"""What a new application repository begins with."""

from pathlib import Path

from musa_pipeline import __version__
from musa_pipeline.workspace.files import write_whole
from musa_pipeline.workspace.places import shipped

SETTINGS = """\
# What the team decides once; every line is optional. See docs/formats/settings.md of the tool.
selection:
  evidence: E2                # the least evidence at which an offered control counts (E0 … E4)
  # jurisdictions: [EU]       # under whose law providers may be
  # countries: [EU]           # where machines may stand
  # budget: 900 EUR/month
  # providers: {at_most: 3}
"""

CI = """\
# Fails when the derived documents are not those that the model gives. The version is named, for what is derived depends on it.
name: musa
on: [push, pull_request]
permissions: {contents: read}
jobs:
  derived:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.11"}
      - run: pip install musa-pipeline=={version}
      - run: musa model check
      - run: for model in models/*/; do musa run "$model" || exit 1; done
      - run: test -z "$(git status --porcelain sla playbooks)" || { git diff; exit 1; }
"""

IGNORE = ".musa/\n"

READ_ME = """\
# {name}

- `models/{name}/` is what people write: the model and the answers to the questionnaire.
- `sla/{name}/` and `playbooks/plans/{name}/` are what `musa run {name}` makes of it; commit them, they diff well.
- `musa.yaml` holds what the team decides once.
"""


def begin(folder: Path, name: str) -> tuple[list[str], list[str]]:
    """Write the files that are not there yet; return (made, kept)."""
    files = {
        "musa.yaml": SETTINGS,
        ".gitignore": IGNORE,
        ".github/workflows/musa.yml": CI.replace("{version}", __version__),
        "README.md": READ_ME.format(name=name),
        **{f"models/{name}/{file}": text for file, text in _example(name).items()},
    }
    made, kept = [], []
    for path, text in sorted(files.items()):
        target = folder / path
        if target.exists():
            kept.append(path)
        else:
            write_whole(target, text.encode())
            made.append(path)
    return made, kept


def _example(name: str) -> dict[str, str]:
    example = shipped() / "models/shop"
    found = {}
    for path in sorted(example.iterdir()):
        if path.name != "README.md" and path.is_file():
            found[f"{name}{path.suffix}" if path.stem == "shop" else path.name] = path.read_text("utf-8")
    return found
