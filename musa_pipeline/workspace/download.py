"""One file from the network: over TLS that is verified, bounded in size and time, never from a place that nobody named."""

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from musa_pipeline import __version__

LARGEST: Final = 32 * 2**20
SECONDS: Final = 30.0
"""For one file, redirects and all."""

_HOPS: Final = 5
_PIECE: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_FOUND: Final = 200


class NotFetched(Exception):
    """An address gave nothing that may be used; the text says why."""


@dataclass(frozen=True, slots=True)
class _Where:
    """An address, taken apart. `named`: the user's own files name its host."""

    url: str
    parts: SplitResult
    named: bool

    @property
    def host(self) -> str:
        return self.parts.hostname or ""

    @property
    def port(self) -> int:
        return self.parts.port or _PORTS[self.parts.scheme]

    @property
    def target(self) -> str:
        path = quote(self.parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        return path + (f"?{quote(self.parts.query, safe='/%:@!$&()*+,;=~-._?')}" if self.parts.query else "")


def download(url: str, *, named: frozenset[str], seconds: float = SECONDS, largest: int = LARGEST, bearer: str = "") -> bytes:
    """Return what is at an address; `named` are the hosts that the user's own files name, which may be private ones.

    `bearer` is a token that is told to that host and port alone, over TLS or on this machine. A redirect stays with its scheme, or leads from http to https; and leads to no private address that nobody named.
    Raises NotFetched.
    """
    until = time.monotonic() + seconds
    where = first = _where(url, named)
    for _ in range(_HOPS):
        found = _ask(where, until, largest, bearer if _may_know(where, first) else "")
        if isinstance(found, bytes):
            return found
        target = _where(_joined(where.url, found), named)
        if target.parts.scheme != where.parts.scheme and target.parts.scheme != "https":
            raise NotFetched(f"leads on from {where.parts.scheme} to {target.parts.scheme}, which is not followed")
        where = target
    raise NotFetched(f"leads on more than {_HOPS} times")


def _may_know(where: _Where, first: _Where) -> bool:
    """Tell whether an address may be told a token: it is the one that was named, and nobody on the way can listen."""
    same = (where.parts.scheme, where.host, where.port) == (first.parts.scheme, first.host, first.port)
    return same and (where.parts.scheme == "https" or where.host in ("127.0.0.1", "::1", "localhost"))


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise NotFetched(f"leads to what is no address: {error}") from error


def _where(url: str, named: frozenset[str]) -> _Where:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise NotFetched(f"is no address: {error}") from error
    if parts.scheme not in _PORTS:
        raise NotFetched(f"is at a {parts.scheme!r} address; only http and https are fetched")
    if not host or any(not each.isprintable() or each == " " for each in url):
        raise NotFetched("is no address that can be asked")
    if parts.username or parts.password:
        raise NotFetched("has a password in its address, which is not sent")
    return _Where(url, parts, host.lower() in named)


def _ask(where: _Where, until: float, largest: int, bearer: str = "") -> bytes | str:
    """Return the content, or the address where it is now."""
    try:
        proxy = _proxy(where)
    except ValueError as error:
        raise NotFetched(f"cannot be fetched: the proxy of the environment is no address: {error}") from error
    connection = _connection(where, proxy, until)
    held: list[socket.socket] = []
    ended = threading.Timer(max(0.0, until - time.monotonic()), _end, [connection, held])  # a server may send a letter a second
    ended.daemon = True
    ended.start()
    answer: HTTPResponse | None = None
    try:
        connection.connect()
        held.append(connection.sock)  # the connection forgets it when the answer has begun
        headers = {"Accept-Encoding": "identity", "User-Agent": f"musa/{__version__}", "Accept": "*/*", "Connection": "close"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        target = where.target
        if proxy and where.parts.scheme == "http":
            target, headers = where.url, headers | _authorization(proxy)
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        if answer.status in _REDIRECTS and (location := answer.getheader("Location")):
            return location
        if answer.status != _FOUND:
            raise NotFetched(f"is not there: the server answers {answer.status}")
        if answer.getheader("Content-Encoding", "identity").lower() != "identity":
            raise NotFetched("is sent in a packed form that was not asked for")
        data = bytearray()
        while piece := answer.read(_PIECE):
            data += piece
            if len(data) > largest:
                raise NotFetched(
                    f"has more than {largest // 2**20} MiB" if largest >= 2**20 else f"has more than {largest} octets"
                )
            if time.monotonic() > until:
                raise TimeoutError
        if time.monotonic() >= until:  # what ends with the time need not be the end
            raise TimeoutError
        length = answer.getheader("Content-Length", "")
        if length.isdecimal() and int(length[:20]) != len(data):
            raise NotFetched("was cut off on its way")
        return bytes(data)
    except ssl.SSLCertVerificationError as error:
        raise NotFetched(f"is at a server whose certificate is not trusted: {error.verify_message}") from error
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, TimeoutError) or time.monotonic() >= until:
            raise NotFetched("did not come in time") from error
        raise NotFetched(f"cannot be fetched: {getattr(error, 'strerror', None) or error or type(error).__name__}") from error
    finally:
        ended.cancel()
        if answer is not None:  # it has the socket for itself
            answer.close()
        connection.close()


def _end(connection: HTTPConnection, held: list[socket.socket]) -> None:
    for each in held or [connection.sock]:
        if each is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)  # of TLS too: whoever waits for a letter hears that none comes


def _proxy(where: _Where) -> SplitResult | None:
    """Return the proxy that the environment names for an address, if it names one. Raises ValueError if that is no address."""
    said = getproxies().get(where.parts.scheme, "")
    if not said or proxy_bypass(where.host):
        return None
    found = urlsplit(said if "://" in said else f"http://{said}")
    _ = found.port  # is a number, or raises
    return found if found.hostname else None


def _authorization(proxy: SplitResult) -> dict[str, str]:
    """Return what the proxy wants to know of us, where the environment says it."""
    account = proxy.netloc.rpartition("@")[0]
    return {"Proxy-Authorization": f"Basic {b64encode(unquote(account).encode()).decode()}"} if account else {}


def _connection(where: _Where, proxy: SplitResult | None, until: float) -> HTTPConnection:
    if proxy:
        _refuse_private_names(where)
        host, port, left = proxy.hostname or "", proxy.port or _PORTS["http"], _left(until)
        if where.parts.scheme == "http":
            return HTTPConnection(host, port, timeout=left)
        through = HTTPSConnection(host, port, timeout=left, context=ssl.create_default_context())
        through.set_tunnel(where.host, where.port, headers=_authorization(proxy))
        return through
    if where.parts.scheme == "http":
        return _Plain(where, until)
    return _Verified(where, until)


def _left(until: float) -> float:
    """Return the seconds that are left, at least a moment."""
    return max(0.1, until - time.monotonic())


class _Plain(HTTPConnection):
    """Connects to an address that was judged, not to a name that may mean another one a moment later."""

    def __init__(self, where: _Where, until: float) -> None:
        super().__init__(where.host, where.port, timeout=_left(until))
        self.where, self.until = where, until

    def connect(self) -> None:
        self.sock = _socket(self.where, self.until)


class _Verified(HTTPSConnection):
    """The same over TLS; the certificate is that of the name."""

    def __init__(self, where: _Where, until: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(where.host, where.port, timeout=_left(until), context=self._tls)
        self.where, self.until = where, until

    def connect(self) -> None:
        plain = _socket(self.where, self.until)
        self.sock = found = self._tls.wrap_socket(plain, server_hostname=self.where.host, do_handshake_on_connect=False)
        found.do_handshake()


def _socket(where: _Where, until: float) -> socket.socket:
    """Return a connection to the first of a name's addresses that answers, all of them within the time for the file."""
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched(f"is at {where.host!r}, which no name server knows") from error
    allowed = [each for each in found if where.named or _is_public(str(each[4][0]))]
    if not allowed:
        raise NotFetched(f"leads to {where.host!r}, a private address that your own files do not name")
    failed: OSError | None = None
    for family, kind, protocol, _, address in allowed[:4]:
        found_socket = socket.socket(family, kind, protocol)
        found_socket.settimeout(_left(until))
        try:
            found_socket.connect(address)
        except OSError as error:
            found_socket.close()
            failed = error
        else:
            return found_socket
    assert failed is not None  # noqa: S101  none of them answered
    raise failed


def _refuse_private_names(where: _Where) -> None:
    """Refuse a private address written as such; what a name means is known to the proxy alone."""
    if where.named:
        return
    name = where.host.rstrip(".").lower()
    try:
        public = _is_public(name)
    except ValueError:
        public = name != "localhost" and not name.endswith((".localhost", ".local", ".internal"))
    if not public:
        raise NotFetched(f"leads to {where.host!r}, a private address that your own files do not name")


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (mapped is None or (mapped.is_global and not mapped.is_multicast))
