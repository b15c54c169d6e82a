"""An XMI model to the cloud-provider-independent model."""

import re
from typing import Final

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.problems import Problems, near
from musa_pipeline.domain.source import Span
from musa_pipeline.formats.camel.draft import Reading
from musa_pipeline.formats.camel.names import Named, Names
from musa_pipeline.formats.camel.read import model_of
from musa_pipeline.formats.camel.xmi import melodic, paasage
from musa_pipeline.formats.camel.xmi.build import Builder
from musa_pipeline.formats.camel.xmi.credentials import tell_credentials
from musa_pipeline.formats.camel.xmi.links import Links
from musa_pipeline.formats.camel.xmi.marks import Marks
from musa_pipeline.formats.camel.xmi.table import classes
from musa_pipeline.formats.camel.xmi.tree import Document, Element, parse
from musa_pipeline.text.fetch import Fetch

_YOUNG: Final = ("http://www.camel-dsl.org/camel", "http://www.melodic.eu/")
_OLD: Final = "http://www.paasage.eu/"
_LANGUAGES: Final = (
    ("http://www.paasage.eu/2015/", "CAMEL 2015.9 XMI"),
    (_OLD, "CAMEL 2014 XMI"),
    *((each, "CAMEL 2 or 3 XMI") for each in _YOUNG),
)
_START: Final = re.compile(r"\s*(?:<\?[^>]*\?>\s*|<!--.{0,2000}?-->\s*){0,20}<(?:[\w.-]+:)?(\w+)\b([^>]{0,20000})", re.DOTALL)
_PATH: Final = re.compile(r"#?/\d*/@[\w.@/-]+")


def looks_like_camel_xmi(said: str | bytes) -> bool:
    """Tell whether a file begins as XMI of a camel model does, whatever its dialect."""
    text = said[:30_000].decode("utf-8", "ignore").replace("\0", "") if isinstance(said, bytes) else said[:30_000]
    found = _START.match(text.lstrip("\ufeff\ufffe"))
    if not found:
        return False
    return found[1] == "CamelModel" or any(each in found[2] for each in (f"{_OLD}2015/06/camel", f"{_OLD}camel", *_YOUNG))


def read_camel_xmi(
    said: str | bytes, file: str, *, fetch: Fetch | None = None, catalogs: Catalogs, problems: Problems
) -> Cpim | None:
    """Return the model that a file in XMI describes, or None when it is no camel model at all.

    Other files are read where a reference leads into them, through `fetch`. What is not understood is left out after a warning.
    """
    document = parse(said, file, problems)
    language = _language(document, problems) if document else ""
    if not document or not language:
        return None
    dialect = melodic if language == "CAMEL 2 or 3 XMI" else paasage
    marks = Marks(file)
    first = document.roots[0]
    title = next((each.attributes["name"] for each in document.roots if each.attributes.get("name")), first.tag)
    names = Names(
        Named(title, "camel model", marks.mark(first)), marks, Problems()
    )  # names may come twice: nothing is found by them
    links = Links(document, fetch, problems)
    builder = Builder(classes(dialect.TABLE), dialect.HOOKS, names, marks, links, problems)
    for root in document.roots:
        builder.read(root, root.tag if root.tag in builder.table else "CamelModel")
    _check_the_rest(builder)
    builder.finish()
    for each in links.documents.values():
        tell_credentials(each, problems)
    return model_of(Reading(names, marks, catalogs, problems), language)


def _language(document: Document, problems: Problems) -> str:
    """Return what a document is written in; '' after an error if that is nothing we read."""
    spaces = document.namespaces.values()
    found = next((name for start, name in _LANGUAGES if any(each.startswith(start) for each in spaces)), "")
    known = classes(melodic.TABLE if found == "CAMEL 2 or 3 XMI" else paasage.TABLE)
    readable = [each for each in document.roots if each.tag == "CamelModel" or known.get(each.tag, known["Other"]).rule[0] == "="]
    if readable and found:
        return found
    if readable and readable[0].tag == "CamelModel":
        young = any(part.tag == "softwareComponents" for root in readable for part in root.within())
        said = "the camel model is of a namespace that is not known; it is read as CAMEL "
        at = document.at(readable[0])
        problems.warn("K062", at, said + ("3" if young else "2015.9"), help=f"CAMEL 2015.9 has {_OLD}2015/06/camel")
        return "CAMEL 2 or 3 XMI" if young else "CAMEL 2015.9 XMI"
    first = document.roots[0] if document.roots else None
    said = f"{first.tag!r} is no camel model" if first else "there is no model in this file"
    help_ = near(first.tag, ["CamelModel"]) if first else ""
    at = document.at(first) if first else Span(document.file)
    problems.report("K062", at, said, help=help_ or "give the file whose root is a CamelModel")
    return ""


def _check_the_rest(builder: Builder) -> None:
    """Look up every reference that we have no use for: one that leads nowhere tells of a file that was cut or edited."""
    waiting = list(builder.links.documents.values())
    for document in waiting:
        for root in document.roots:
            for element in root.within():
                _check(builder, document, element)
        waiting += [each for each in builder.links.documents.values() if each not in waiting]


def _check(builder: Builder, document: Document, element: Element) -> None:
    for attribute, said in element.attributes.items():
        if (element, attribute) in builder.used or (attribute != "href" and not _PATH.match(said)):
            continue
        for token in said.split():
            at = document.at
            found = builder.links.find(document, token, lambda: at(element, attribute))  # noqa: B023
            if found is None and not builder.links.leads_away(token):
                builder.nowhere(element, attribute, token)
