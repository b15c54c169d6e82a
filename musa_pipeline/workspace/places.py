"""Where things are: the user's repository, the model in it, the data that travels with the tool."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import slug
from musa_pipeline.domain.problems import near
from musa_pipeline.workspace.archives import ENDINGS as ARCHIVES
from musa_pipeline.workspace.archives import is_archive, metadata_of, unpack

MODEL_ENDINGS = (".yaml", ".yml", ".tosca", ".camel", ".xmi", ".otm", ".macm", *ARCHIVES)
BESIDE_THE_MODEL = {"answers.yaml", "decisions.yaml", "measured.yaml", "hosts.yaml", "hosts.yml", "inputs.yaml", "inputs.yml"}
"""Files of a model's folder that people write beside the model."""
_ONLY_ALONE = (".xmi", ".otm", ".macm", *ARCHIVES)
"""What tools export beside the text that people write; the text is the model."""


def shipped() -> Path:
    """Return the folder of catalogs and roles that came with the tool: in an installed wheel, or in its own repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "share"
    return inside if inside.is_dir() else package.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One application: its name, main model file, the repository's root, and the folder under which results go.

    `model` is the archive where the model is in one. `base` is the folder of an archive that was unpacked. `whole`: the root has all
    catalogs, for it is the tool's own repository as it was once.
    """

    application: str
    model: Path
    root: Path
    out: Path
    base: Path | None = None
    whole: bool = False

    @property
    def folder(self) -> Path:
        """The model's folder."""
        return self.base or self.model.parent

    @property
    def sla(self) -> str:
        """Where the derived documents are, from `out`."""
        return f"sla/{self.application}"

    @property
    def playbook(self) -> str:
        """Where the Ansible project is, from `out`."""
        return f"playbooks/plans/{self.application}"

    def shown(self, path: Path) -> str:
        """Return how a path is written in findings and results: from the repository's root, else by its own name."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.name


def files_of(place: Place) -> Path:
    """Return the folder that has the files of a model, scripts among them; an archive is unpacked for it, once.

    Raises OutsideFailed if that cannot be written.
    """
    if not is_archive(place.model):
        return place.folder
    return unpack(place.model, place.shown(place.model), place.out / ".musa/archives") or place.folder


def find(named: str, out: str | None = None) -> Place:
    """Find an application by path (folder or file) or by name under `models/`.

    Raises UsageWrong if there is none, if it may not be looked at, or if a folder does not say which file is the model.
    """
    try:
        return _find(named, out)
    except (OSError, ValueError) as error:  # not allowed, a name too long, a zero byte, a folder that is gone
        raise UsageWrong(f"{named!r} cannot be looked at: {getattr(error, 'strerror', None) or error}") from error


def _find(named: str, out: str | None) -> Place:
    named.encode()  # results name the model, and they are text
    path = Path(named)
    if not path.exists() and not named.endswith(MODEL_ENDINGS):
        under = _models_folder() / named
        if not under.is_dir():
            known = sorted(each.name for each in _models_folder().glob("*/")) if _models_folder().is_dir() else []
            raise UsageWrong(
                f"there is no model {named!r}", near(named, known) or "give a folder, a file, or a name under models/"
            )
        path = under
    path = Path(os.path.abspath(path))  # noqa: PTH100  links stay as the user wrote them
    model = metadata_of(path) or _main_file(path) if path.is_dir() else path
    str(model).encode()
    by_folder = path.is_dir() or (model.parent.parent.name == "models" and not is_archive(model))
    base = path if path.is_dir() and metadata_of(path) else _archive_around(model)
    root = _root(base / model.name if base else model)
    return Place(
        application=slug((path if path.is_dir() else model.parent).name if by_folder else model.stem),
        model=model,
        root=root,
        out=Path(os.path.abspath(out)) if out else root,  # noqa: PTH100
        base=base,
    )


def repository(start: Path | None = None) -> Path:
    """Return the repository that a folder is in: the nearest one above with `musa.yaml` or `.git`, else the folder itself."""
    here = start or Path.cwd()
    return next((each for each in (here, *here.parents) if _is_root(each)), here)


def _is_root(folder: Path) -> bool:
    return (folder / "musa.yaml").is_file() or (folder / ".git").exists()


def called(place: Place) -> str:
    """Return how an application is named in a command that is typed here: by its name if it is found by it, else by its path; with `-o`."""
    named = place.application
    known = os.path.abspath(_models_folder() / named)  # noqa: PTH100  as in `_find`
    if not place.model.is_relative_to(known):
        named = _typed(_from_here(place.model))
    return named if place.out == place.root else f"{named} -o {_typed(_from_here(place.out))}"


def _typed(name: str) -> str:
    r"""Return a name as it is typed in a shell, on one line.

    >>> print(_typed("it's"), _typed("a\nb"))
    'it'"'"'s' $'a\nb'
    """
    if name.isprintable():
        return shlex.quote(name)
    return "$'" + "".join(f"\\{each}" if each == "'" else each.encode("unicode_escape").decode() for each in name) + "'"


def _from_here(path: Path) -> str:
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("../..") else shown


def _models_folder() -> Path:
    return repository() / "models"


def _root(model: Path) -> Path:
    for each in model.parents:
        if _is_root(each):
            return each
    return model.parent.parent.parent if model.parent.parent.name == "models" else model.parent


def _archive_around(model: Path) -> Path | None:
    """Return the root of the unpacked archive that a file is in; None if it is in none."""
    for each in model.parents:
        if metadata_of(each):
            return each
        if _is_root(each):
            break
    return None


def _main_file(folder: Path) -> Path:
    files = sorted(
        each for each in folder.iterdir() if each.suffix in MODEL_ENDINGS and each.name not in BESIDE_THE_MODEL and each.is_file()
    )
    plain = [each for each in files if each.suffix not in _ONLY_ALONE]
    files = plain or files
    if len(files) == 1:
        return files[0]
    for stem in (folder.name, "app", "service", "model", "main"):
        named = [each for each in files if each.stem == stem]
        if len(named) == 1:
            return named[0]
    if not files:
        raise UsageWrong(f"{folder} has no model", f"a model is a file that ends in {', '.join(MODEL_ENDINGS)}")
    listed = ", ".join(each.name for each in files[:8])
    raise UsageWrong(
        f"{folder} has several models: {listed}", f"name one of them, or call the main one {folder.name}{files[0].suffix}"
    )
