"""The structure of entries against the JSON Schemas in `catalogs/schemas`, with each finding at its line and column.

`musa catalog check` asks for it; a run does not, because the readers themselves survive and report what they cannot use.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.catalogs.contradictions import check_contradictions
from musa_pipeline.formats.catalogs.read import place_of, read_catalogs
from musa_pipeline.text.yaml import Mapping as Tree
from musa_pipeline.text.yaml import Node, Sequence, plain, read_yaml

SCHEMAS: Mapping[str, str] = {
    "kinds": "kind",
    "threats": "threat",
    "exposures": "exposure",
    "metrics": "metric",
    "agents": "agent",
    "scopes": "scope",
    "crosswalks": "crosswalk",
    "controls": "controls",
    "profiles": "profile",
}


def check_catalogs(files: Mapping[str, str], schemas: Mapping[str, str], problems: Problems) -> Catalogs:
    """Read everything, then compare the structure of each entry with its schema; `schemas`: file name -> text.

    What the readers said of a place is not said again by a schema.
    """
    catalogs = read_catalogs(files, problems)
    check_contradictions(catalogs, problems)
    texts = {path.replace("\\", "/").rpartition("/")[2]: text for path, text in schemas.items()}
    found = Problems()
    for path, text in files.items():
        folder, _ = place_of(path)
        schema = texts.get(f"catalog-{SCHEMAS.get(folder, '')}.schema.json")
        if schema is not None:
            check_structure(path, text, json.loads(schema), found)
    said = {(each.at.file, each.at.line) for each in problems}
    problems.extend(each for each in found if (each.at.file, each.at.line) not in said)
    return catalogs


def check_structure(path: str, text: str, schema: Any, problems: Problems) -> None:
    """Compare one file with its schema. Code: C012 not as the schema says."""
    from jsonschema import Draft202012Validator  # a tenth of a second that only this check need pay
    from jsonschema.exceptions import best_match

    tree: Node | None = None
    if path.endswith(".json"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return  # the reader has said so
    else:
        tree = read_yaml(text, path, Problems())
        if tree is None:
            return
        value = plain(tree)
    try:
        for error in Draft202012Validator(schema).iter_errors(value):
            _report(path, tree, best_match([error]) or error, problems)
    except RecursionError:
        problems.report("C012", Span(path), "nested too deep to be compared with its schema", help="say it in fewer levels")


def _report(path: str, tree: Node | None, error: Any, problems: Problems) -> None:
    steps = list(error.absolute_path)
    for step, sentence, help in _sentences(error):  # noqa: A001
        problems.report("C012", _at(path, tree, [*steps, *step]), sentence, help=help)


def _sentences(error: Any) -> Iterator[tuple[list[Any], str, str]]:
    """Yield where below the error's place, a sentence and a way out."""
    where = next((repr(each) for each in reversed(error.absolute_path) if isinstance(each, str)), "the entry")
    wanted, value = error.validator_value, error.instance
    match error.validator:
        case "additionalProperties" if isinstance(wanted, bool):
            known = list(error.schema.get("properties", ()))
            for key in value:
                if key not in known:
                    yield (
                        [key],
                        f"key {key!r} means nothing here",
                        near(key, known) or f"known keys are {', '.join(sorted(known))}",
                    )
        case "required":
            for key in wanted:
                if key not in value:
                    yield [], f"{where} lacks {key!r}", f"add {key}"
        case "type":
            kinds = " or ".join([wanted] if isinstance(wanted, str) else wanted)
            yield [], f"{where} must be of type {kinds}", ""
        case "enum":
            yield [], f"{where} cannot be {_short(value)}", f"one of {', '.join(map(str, wanted))}"
        case "pattern":
            yield [], f"{_short(value)} does not have the form that is wanted here", f"the form is {wanted}"
        case "minimum" | "maximum":
            yield [], f"{where} is {_short(value)}", f"the {error.validator} is {wanted}"
        case _:
            yield [], f"{where} is not as its schema says ({error.validator})", ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _at(path: str, tree: Node | None, steps: list[Any]) -> Span:
    """Return the place of a step down the tree, or of the last one that is there."""
    at = tree.at if tree else Span(path)
    node = tree
    for step in steps:
        if isinstance(node, Tree) and str(step) in node.entries:
            at, node = node.keys[str(step)], node.entries[str(step)]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            at = node.at
        else:
            break
    return at
