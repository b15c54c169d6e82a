"""What gateway and agents prove themselves with: an authority of the deployment's own, the gateway's certificate, and for each
machine a token and a command key. Made once and kept: a second deployment changes nothing.
"""

import hashlib
import ipaddress
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.runners.private import folder_of_ours, write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, GeneralName, Name

AUTHORITY_DAYS: Final = 3650
GATEWAY_DAYS: Final = 397
RENEW_DAYS: Final = 60
"""A certificate that ends within these days is made anew by the next deployment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where they lie; all files are the owner's alone."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The authority's certificate: what agents trust, and nothing else."""
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        """The gateway's certificate."""
        return self.folder / "gateway.pem"

    @property
    def key(self) -> Path:
        """The gateway's key."""
        return self.folder / "gateway.key"

    @property
    def accounts(self) -> Path:
        """What the gateway knows of agents: machine -> token_sha256, command_key, components."""
        return self.folder / "agents.json"

    def of(self, machine: str) -> Path:
        """Return what the agent of a machine is given: machine, token, command_key, components."""
        return self.folder / "agents" / f"{machine}.json"


def provide(folder: Path, machines: Mapping[str, Sequence[str]], names: Sequence[str], now: datetime) -> Credentials:
    """Have credentials for these machines (name -> its components) and a gateway that is reached by these names.

    What is there is kept, unless it is about to end or does not fit; accounts of machines that are no more are removed.
    """
    found = Credentials(folder=folder_of_ours(folder))
    folder_of_ours(folder / "agents")
    _certificates(found, tuple(dict.fromkeys(names)), now)
    accounts = {}
    for machine, components in sorted(machines.items()):
        account = _account(found.of(machine))
        given = {"machine": machine, **account, "components": sorted(components)}
        write_private(found.of(machine), _json(given))
        digest = hashlib.sha256(account["token"].encode()).hexdigest()
        accounts[machine] = {"token_sha256": digest, "command_key": account["command_key"], "components": sorted(components)}
    for path in (folder / "agents").glob("*.json"):
        if path.stem not in machines:
            path.unlink()
    write_private(found.accounts, _json(accounts))
    return found


def _account(path: Path) -> dict[str, str]:
    """Return a machine's token and command key: those it has, or new ones."""
    try:
        told = json.loads(path.read_bytes())
        if isinstance(told["token"], str) and isinstance(told["command_key"], str) and len(told["token"]) >= 32:
            return {"token": told["token"], "command_key": told["command_key"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return {"token": secrets.token_urlsafe(32), "command_key": secrets.token_hex(32)}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _certificates(found: Credentials, names: tuple[str, ...], now: datetime) -> None:
    try:
        from cryptography import x509
    except ImportError as error:
        raise OutsideFailed("credentials need the package 'cryptography'", "pip install 'musa-pipeline[deploy]'") from error
    authority = _pair(found.ca, found.folder / "ca.key")
    if authority is None or _ends(authority[0], now):
        authority = _authority(now)
        _write_pair(found.ca, found.folder / "ca.key", *authority)
    gateway = _pair(found.certificate, found.key)
    wanted = {_general(each) for each in names}
    if gateway is not None and not _ends(gateway[0], now) and gateway[0].issuer == authority[0].subject:
        told = gateway[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        signer = gateway[0].extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        if set(told) == wanted and signer == x509.SubjectKeyIdentifier.from_public_key(authority[1].public_key()).digest:
            return
    _write_pair(found.certificate, found.key, *_gateway(names, authority, now))


def _general(name: str) -> "GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _authority(now: datetime) -> "tuple[Certificate, EllipticCurvePrivateKey]":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own for each: nobody takes one deployment's authority for another's.
    name = _name(f"musa authority {secrets.token_hex(8)}")
    usage = {"key_cert_sign": True, "crl_sign": True}
    return _sign(name, key, name, key, now, AUTHORITY_DAYS, usage, [(x509.BasicConstraints(ca=True, path_length=0), True)]), key


def _gateway(
    names: Sequence[str], authority: "tuple[Certificate, EllipticCurvePrivateKey]", now: datetime
) -> "tuple[Certificate, EllipticCurvePrivateKey]":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    more = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName([_general(each) for each in names]), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
    ]
    usage = {"digital_signature": True}
    made = _sign(_name("musa gateway"), key, authority[0].subject, authority[1], now, GATEWAY_DAYS, usage, more)
    return made, key


def _name(text: str) -> "Name":
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _sign(
    subject: "Name",
    key: "EllipticCurvePrivateKey",
    issuer: "Name",
    signer: "EllipticCurvePrivateKey",
    now: datetime,
    days: int,
    usage: Mapping[str, bool],
    more: Sequence[tuple[Any, bool]],
) -> "Certificate":
    """Return a certificate with all that a strict verifier asks for (RFC 5280, sections 4.2.1.1 to 4.2.1.3)."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    nothing = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of machines differ a little.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.KeyUsage(**{**nothing, **usage}), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    for extension, critical in more:
        built = built.add_extension(extension, critical)
    return built.sign(signer, SHA256())


def _ends(certificate: "Certificate", now: datetime) -> bool:
    return certificate.not_valid_after_utc < now + timedelta(days=RENEW_DAYS)


def _pair(certificate: Path, key: Path) -> "tuple[Certificate, EllipticCurvePrivateKey] | None":
    """Return a certificate with its key; None if they are not there, damaged, or not a pair."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return None
    fits = isinstance(private, EllipticCurvePrivateKey) and private.public_key() == read.public_key()
    return (read, private) if fits and isinstance(private, EllipticCurvePrivateKey) else None


def _write_pair(certificate: Path, key: Path, made: "Certificate", private: "EllipticCurvePrivateKey") -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    write_private(key, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_private(certificate, made.public_bytes(Encoding.PEM), 0o600)
