"""What a new application repository begins with."""

from pathlib import Path
from typing import Final

from musa_pipeline import __version__
from musa_pipeline.workspace.files import write_whole
from musa_pipeline.workspace.places import shipped

SETTINGS = """\
# What the team decides once; every line is optional. See docs/formats/settings.md of the tool.
risk:
  appetite: medium            # the worst rating that is lived with; {default: medium, personal: low} for more than one
  # profile: nis2-operator    # what the organisation asks by policy: musa catalog list profiles
  # require: cover            # the cheapest controls that bring every risk there, not each that answers one

selection:
  evidence: E2                # the least evidence at which an offered control counts (E0 … E4)
  # jurisdictions: [EU]       # under whose law providers may be
  # countries: [EU]           # where machines may stand
  # budget: 900 EUR/month
  # providers: {at_most: 3}

check:                        # what makes `musa check` fail. See docs/check.md of the tool.
  fail_on: [mandatory, over, expired, stale, unverified, broken]
  # Add `missing` when every required control is granted or waived, or begin with a baseline of what is missing today:
  # baseline: known.json      # musa check --write-baseline known.json
"""

GITHUB = """\
# The gate: fails as musa.yaml says under `check`, with annotations at the lines. The version is named, for what is derived depends on it.
name: musa
on: [push, pull_request]
permissions: {contents: read}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.11"}
      - run: pip install musa-pipeline=={version}
      - run: musa check --format github
"""

GITLAB = """\
# The gate: fails as musa.yaml says under `check`; merge requests show what is new. The version is named, for what is derived depends on it.
musa:
  image: python:3.11-slim
  script:
    - pip install musa-pipeline=={version}
    - musa check --report gitlab=gl-code-quality-report.json --report junit=musa.xml
  artifacts:
    when: always
    reports: {codequality: gl-code-quality-report.json, junit: musa.xml}
"""

JOBS: Final = {"github": {".github/workflows/musa.yml": GITHUB}, "gitlab": {".gitlab-ci.yml": GITLAB}, "none": {}}
"""The job for each service, by the name of its file."""

IGNORE = ".musa/\n"

READ_ME = """\
# {name}

- `models/{name}/` is what people write: the model and the answers to the questionnaire. `musa risk {name}` tells what can go wrong, `--ask` asks what is open.
- `sla/{name}/` and `playbooks/plans/{name}/` are what `musa run {name}` makes of it; commit them, they diff well.
- `musa.yaml` holds what the team decides once, `models/{name}/decisions.yaml` which risks and gaps stay for a time, and who answers for them.
- `musa check` is the gate: it fails when a promise breaks, a decision expires, or the derived documents are out of date.
"""


def begin(folder: Path, name: str, ci: str = "github") -> tuple[list[str], list[str]]:
    """Write the files that are not there yet, with the job of a CI service of JOBS; return (made, kept)."""
    files = {
        "musa.yaml": SETTINGS,
        ".gitignore": IGNORE,
        **{file: text.replace("{version}", __version__) for file, text in JOBS[ci].items()},
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
