"""`answers.yaml` on the disk: read with its digest, and written whole in the encoding it has."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE

from musa_pipeline.domain.problems import Problems
from musa_pipeline.workspace.files import decoded, encoding_of, read_bytes, write_whole
from musa_pipeline.workspace.inputs import Inputs

NAME = "answers.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersFile:
    """Where the answers are, and how the file is called in findings."""

    path: Path
    shown: str

    @classmethod
    def of(cls, inputs: Inputs) -> "AnswersFile":
        """Return the file beside a model."""
        path = inputs.place.folder / NAME
        return cls(path=path, shown=inputs.place.shown(path))

    def read(self, problems: Problems) -> tuple[str, bytes]:
        """Return the text and the bytes it was read from; nothing where there is no file yet. Codes: W002 to W006."""
        if not self.path.exists():
            return "", b""
        content = read_bytes(self.path, self.shown, problems)
        text = None if content is None else decoded(content, self.shown, problems)
        return text or "", content or b""

    def write(self, text: str, like: bytes) -> bytes:
        """Write the text in the encoding of what stood there; return the bytes. Raises OutsideFailed if it cannot be written."""
        content = _encoded(text, like)
        self.put_back(content)
        return content

    def put_back(self, content: bytes) -> None:
        """Write the file whole, where a link leads and for whom it was; raises OutsideFailed."""
        path = self.path.resolve() if self.path.is_symlink() else self.path
        mode = S_IMODE(path.stat().st_mode) if path.exists() else None
        write_whole(path, content)
        if mode is not None:
            path.chmod(mode)

    @property
    def is_there(self) -> bool:
        """Tell whether there is a file, an empty one too."""
        return self.path.exists()

    def remove(self) -> None:
        """Take the file away that was not there before."""
        self.path.unlink(missing_ok=True)


def _encoded(text: str, like: bytes) -> bytes:
    name = encoding_of(like)
    if name == "utf-8-sig":
        return (codecs.BOM_UTF8 if like.startswith(codecs.BOM_UTF8) else b"") + text.encode()
    big = {"utf-16": codecs.BOM_UTF16_BE, "utf-32": codecs.BOM_UTF32_BE}[name]
    little = {"utf-16": codecs.BOM_UTF16_LE, "utf-32": codecs.BOM_UTF32_LE}[name]
    mark, ending = (big, "be") if like.startswith(big) else (little, "le")
    return mark + text.encode(f"{name}-{ending}")
