"""What a reader of a file that people write expects of a tree: mappings with known keys, and findings where it is not so."""

from collections.abc import Iterable

from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence, Value, read_yaml

_MANY = 100


def read_optional(text: str, file: str, problems: Problems) -> Node | None:
    """Return the tree of a file that may be empty: nothing in it, or comments only, is no mistake."""
    found = Problems()
    tree = read_yaml(text, file, found)
    problems.extend(each for each in found if each.code != "Y006")
    return tree


def mapping_of(node: Node | None, what: str, code: str, problems: Problems) -> Mapping | None:
    """Return the mapping that is expected; None when there is nothing, or, with a finding, something else."""
    if isinstance(node, Mapping):
        return node
    if node is not None and not is_nothing(node):
        problems.report(code, node.at, f"{what} must be a mapping, not {form_of(node)}", help="write `key: value` lines")
    return None


def only(mapping: Mapping, known: Iterable[str], what: str, code: str, problems: Problems) -> None:
    """Report the keys of a mapping that mean nothing there."""
    known = list(known)
    for key, at in mapping.keys.items():
        if key not in known:
            way = way_out(key, known, f"known here: {', '.join(known)}", problems)
            problems.report(code, at, f"{what} has no key {key!r}", help=way)


def way_out(name: str, known: Iterable[str], otherwise: str, problems: Problems) -> str:
    """Return the nearest known name, or what else there is to say; nearness is costly, so not after a hundred findings."""
    return (near(name, known) if len(problems) < _MANY else "") or otherwise


def is_nothing(node: Node | None) -> bool:
    """Tell whether nothing is said: no node, or null."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def value_of(node: Node | None) -> Value:
    """Return the value of a scalar; None for anything else."""
    return node.value if isinstance(node, Scalar) else None


def text_of(node: Node | None) -> str:
    """Return the text of a scalar as written; empty for nothing and for anything else."""
    return node.text if isinstance(node, Scalar) and node.value is not None else ""


def form_of(node: Node) -> str:
    """Return what stands there, in words for a finding."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar():
            return repr(node.text)
