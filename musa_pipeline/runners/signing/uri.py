"""PKCS #11 URIs (RFC 7512): which key on which token, and the library that speaks to it."""

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from musa_pipeline.domain.errors import UsageWrong

_USED = ("token", "serial", "object", "id", "type")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """What is said of the key. An empty word: any. `pin_source` is a file that holds the PIN."""

    token: str = ""
    serial: str = ""
    label: str = ""
    id: bytes = b""
    module: str = ""
    pin_source: str = ""


def read_uri(text: str) -> TokenUri:
    """Return what a URI says.

    Raises UsageWrong: it is none, it says a thing twice or one that is not used here, or it holds the PIN itself.

    >>> read_uri("pkcs11:token=team;object=release?module-path=/usr/lib/softhsm/libsofthsm2.so").label
    'release'
    """
    scheme, _, rest = text.partition(":")
    path, _, query = rest.partition("?")
    if scheme.lower() != "pkcs11":
        raise UsageWrong("the key is no PKCS #11 URI", "write pkcs11:token=NAME;object=NAME?module-path=FILE")
    said = _attributes(path, ";") | _attributes(query, "&")
    if "pin-value" in said:
        raise UsageWrong("a PIN in a URI can be read by everybody on this machine", "use pin-source=file:PATH, or MUSA_KEY_PIN")
    unknown = said.keys() - {*_USED, "module-path", "pin-source"}
    if unknown:
        known = ", ".join((*_USED, "module-path", "pin-source"))
        raise UsageWrong(f"the URI says {min(unknown)!r}, which is not used here", f"used are {known}")
    if said.get("type", b"private") != b"private":
        raise UsageWrong("the URI names an object that is no private key", "write type=private, or leave it out")
    if "object" not in said and "id" not in said:
        raise UsageWrong("the URI names no key", "add object=NAME or id=%01")
    word = {name: value.decode("utf-8", "replace") for name, value in said.items() if name != "id"}
    return TokenUri(
        token=word.get("token", ""),
        serial=word.get("serial", ""),
        label=word.get("object", ""),
        id=said.get("id", b""),
        module=word.get("module-path", ""),
        pin_source=word.get("pin-source", "").removeprefix("file:"),
    )


def _attributes(text: str, between: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for each in filter(None, text.split(between)):
        name, equals, value = each.partition("=")
        if not equals or name in found:
            raise UsageWrong(f"the URI says {name!r} {'twice' if equals else 'without a value'}", "write name=value, each once")
        found[name] = unquote_to_bytes(value)
    return found
