"""Archives made from a model, then changed: names that lead out, links, bombs, lies about sizes."""

import io
import warnings
import zipfile
from typing import Final

from tests.fuzz import text_mutants, yaml_mutants
from tests.fuzz.chance import Chance, one

_META: Final = "TOSCA-Metadata/TOSCA.meta"
_NAMES: Final = [
    "../evil.yaml",
    "/etc/evil.yaml",
    "a/../../b.yaml",
    "a//b.yaml",
    "C:\\evil.yaml",
    "a\\b.yaml",
    "./Definitions/app.yaml",
    "DEFINITIONS/APP.YAML",
    "Definitions/",
    "",
    ".",
    "x" * 400 + ".yaml",
    "é\u202e.yaml",
    "a\nb.yaml",
    "second.yaml",
    _META.lower(),
    "TOSCA.meta",
    "inner.csar",
]
_META_LINES: Final = [
    "TOSCA-Meta-File-Version: 1.1",
    "CSAR-Version: 1.1",
    "Created-By: somebody",
    "Entry-Definitions: Definitions/app.yaml",
    "Entry-Definitions: Definitions/none.yaml",
    "Entry-Definitions: ../../etc/passwd",
    "Entry-Definitions:",
    "Other-Definitions: a.yaml b.yaml",
    "Name: Definitions/app.yaml",
    "Content-Type: text/x",
    ": x",
    "no colon",
    "",
]


def changed(seed: str, chance: Chance) -> bytes:
    """Return an archive of a model, with some changes."""
    files: list[tuple[str, bytes]] = []
    if chance.below(4):
        lines = [_META_LINES[0], _META_LINES[1], _META_LINES[2], _META_LINES[3]]
        for _ in range(chance.below(4)):
            lines.insert(chance.below(len(lines) + 1), one(chance, _META_LINES))
        files.append((_META, "\n".join(lines).encode()))
    model = yaml_mutants.changed(seed, chance, 2) if chance.below(2) else seed
    files.append(("Definitions/app.yaml" if chance.below(4) else "app.yaml", model.encode("utf-8", "replace")))
    for _ in range(chance.below(4)):
        files.insert(chance.below(len(files) + 1), (one(chance, _NAMES), model.encode("utf-8", "replace")[: chance.below(400)]))
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        for name, data in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = one(chance, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED))
            if not chance.below(10):
                info.external_attr = one(chance, (0o120777, 0o040755, 0o060644, 0)) << 16
            if not chance.below(20):
                data = bytes(1 + chance.below(3) * 1_000_000)
            archive.writestr(info, data)
    data = out.getvalue()
    return text_mutants.spoilt(data, chance, 3) if not chance.below(3) else data
