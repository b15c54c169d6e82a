"""Models in XMI by other people: all are read, those that are there as text too say the same, and pyecore agrees on every reference."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import NOWHERE
from musa_pipeline.formats.camel import looks_like_camel_xmi, read_camel, read_camel_xmi
from musa_pipeline.formats.camel.xmi.links import Links
from musa_pipeline.formats.camel.xmi.tree import Document, Element, parse
from tests.formats.camel.camel_catalogs import CATALOGS
from tests.support import lacking, shared

PAIRS = (
    *((f"camel2015/{name}.camel", f"xmi/camel-dsl_{name}.xmi") for name in ("AmazonEC2", "Gwdg", "Scalarm")),
    *(
        (f"camel3/jar55/{name}.camel", f"camel3/jar55/{name}.xmi")
        for name in (
            "CRM",
            "CRMFull",
            "CRMWithPenalties",
            "PeopleFlow",
            "Scalarm",
            "security",
            "serverless__Example",
            "serverless__ExampleWithOpt",
        )
    ),
)
ODD = ("cloudProvider", "ResourceMeasurement", "hasLanguageVersion")
"""What pyecore stops at: features and classes of drafts that the published metamodels no longer have, or have not yet."""


def beside(name: str, importer: str) -> tuple[str, str] | None:
    path = Path(importer).parent / name
    return (str(path), path.read_text("utf-8")) if path.is_file() else None


@pytest.mark.parametrize(("text", "xmi"), PAIRS, ids=[text for text, _ in PAIRS])
def test_text_and_xmi_of_one_model_say_the_same(text: str, xmi: str) -> None:
    folder, told, also = shared("camel"), Problems(), Problems()
    said = (folder / text).read_text("utf-8")
    by_text = read_camel(said, str(folder / text), catalogs=CATALOGS, problems=told, fetch=beside)
    by_xmi = read_camel_xmi((folder / xmi).read_bytes(), xmi, catalogs=CATALOGS, problems=also)
    assert by_text
    assert by_xmi
    assert replace(by_xmi, language=by_text.language) == by_text
    assert also.errors == 0
    assert {each.code for each in also if each.code >= "K060"} == set()


def models() -> Iterator[Path]:
    return (each for each in sorted(shared("camel").rglob("*.xmi")))


def test_every_model_is_read_and_every_finding_has_a_place() -> None:
    count = 0
    for path in models():
        said, problems = path.read_bytes(), Problems()
        assert looks_like_camel_xmi(said), path
        found = read_camel_xmi(said, path.name, catalogs=CATALOGS, problems=problems)
        assert found, path
        assert problems.errors == 0, (path, [str(each) for each in problems][:3])
        lines = said.decode("utf-8").splitlines()
        for each in problems:
            assert each.at != NOWHERE
            assert 1 <= each.at.line <= len(lines)
            assert 1 <= each.at.column <= len(lines[each.at.line - 1]) + 1
        if b"<hostings" in said and b"ScalarmModel" in said:
            assert all(each.host for each in found.components if each.type == "internal component"), path
        count += 1
    assert count > 40


def test_no_model_has_a_feature_that_we_do_not_know() -> None:
    unknown = set()
    for path in models():
        problems = Problems()
        read_camel_xmi(path.read_bytes(), path.name, catalogs=CATALOGS, problems=problems)
        unknown.update((path.name, each.text) for each in problems if each.code == "K064")
    assert unknown == set()


@pytest.mark.parametrize(
    ("metamodel", "folders"),
    [("camel-2015-06-master", ("xmi", "xmi/ems2015")), ("camel-5.5.0", ("camel3", "camel3/jar55", "xmi/ems20"))],
)
def test_pyecore_finds_the_same_names_and_the_same_meaning_of_every_reference(metamodel: str, folders: tuple[str, ...]) -> None:
    """The second oracle: another implementation of XMI, with the public metamodel."""
    ecore = shared("xsd") / f"{metamodel}.ecore"
    compared = 0
    for folder in folders:
        for path in sorted(shared(f"camel/{folder}").glob("*.xmi")):
            theirs = _by_pyecore(ecore, path)
            if theirs is None:
                continue
            problems = Problems()
            document = parse(path.read_bytes(), path.name, problems)
            assert document
            compared += _compare(theirs, document, Links(document, None, problems), path)
    assert compared > 2000


def _by_pyecore(ecore: Path, path: Path) -> Any:
    try:
        from pyecore.resources import URI, ResourceSet
    except ImportError:
        lacking("pyecore is not installed")
    everything = ResourceSet()
    waiting = [*everything.get_resource(URI(str(ecore))).contents]
    for package in waiting:
        everything.metamodel_registry[package.nsURI] = package
        waiting += package.eSubpackages
    try:
        return everything.get_resource(URI(str(path))).contents
    except (ValueError, KeyError) as wrong:
        if any(word in str(wrong) for word in ODD) or "paasage.eu/camel" in str(wrong):
            return None
        raise


def _compare(theirs: Any, document: Document, links: Links, path: Path) -> int:
    """Compare elements in pairs, then what their references lead to; return the number of references."""
    ours = {}
    pairs: list[tuple[Any, Element]] = list(zip_longest(theirs, document.roots))
    for their, our in pairs:
        ours[id(their)] = our
        assert (getattr(their, "name", None) or "") == our.attributes.get("name", ""), path
        for feature in their.eClass.eAllReferences():
            if feature.containment:
                parts = [each for each in our.parts if each.tag == feature.name]
                said = (
                    list(their.eGet(feature)) if feature.many else [each for each in (their.eGet(feature),) if each is not None]
                )
                assert len(parts) == len(said), (path, feature.name)
                pairs += zip(said, parts, strict=True)
    count = 0
    for their, our in pairs:
        for feature in their.eClass.eAllReferences():
            if feature.containment or feature.name not in our.attributes:
                continue
            tokens = our.attributes[feature.name].split()
            said = list(their.eGet(feature)) if feature.many else [their.eGet(feature)]
            assert len(said) == len(tokens), (path, feature.name)
            for meant, token in zip(said, tokens, strict=True):
                meant.eClass  # noqa: B018 - a proxy finds out here what it stands for
                assert links.find(document, token, lambda: NOWHERE) is ours[id(getattr(meant, "_wrapped", meant))], (path, token)
                count += 1
    return count
