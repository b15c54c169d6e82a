"""Credentials in XMI: told, never kept and never shown."""

from typing import Final

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.camel.xmi.tree import Document, Element
from musa_pipeline.text.commands import holds_secret, is_literal, is_secret

_KEYS: Final = frozenset({"privateSSHKey", "privateSshKey"})
_COMMANDS: Final = ("Command", "imageId", "image", "imageID")


def tell_credentials(document: Document, problems: Problems) -> None:
    """Warn of every password, key and address with a password; secrets in commands and images are told as those of CAMEL text."""
    for root in document.roots:
        for element in root.within():
            _tell(element, problems)


def _tell(element: Element, problems: Problems) -> None:
    for attribute, said in (*element.attributes.items(), ("", element.text)):
        if not said or said.startswith(("/", "http://www.")) or attribute.endswith(_COMMANDS) or attribute.startswith("xmlns"):
            continue
        word = attribute or element.tag
        secret = (word in _KEYS or is_secret(word)) and is_literal(said)
        if secret or holds_secret(said):
            at = element.document.at(element, attribute)
            help_ = "keep it in a vault; it is not read, and is shown nowhere"
            problems.warn("K050", at, "a credential is written into the model", help=help_)
