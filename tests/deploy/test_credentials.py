"""What gateway and agents prove themselves with: made once, kept private, made anew when it must be; used over a real connection."""

import hashlib
import json
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from musa_pipeline.runners.credentials import GATEWAY_DAYS, Credentials, provide

NOW = datetime.fromtimestamp(time.time(), UTC)
MACHINES = {"vault": ["data"], "front": ["web", "api"]}


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    provide(tmp_path, MACHINES, ("10.77.1.1", "localhost"), NOW)
    before = files(tmp_path)
    provide(tmp_path, MACHINES, ("10.77.1.1", "localhost"), NOW + timedelta(days=30))
    assert files(tmp_path) == before


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    provide(tmp_path / "new", MACHINES, ("localhost",), NOW)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_dir()} == {0o700}


def test_the_gateway_knows_digests_and_each_machine_its_own_token(tmp_path: Path) -> None:
    found = provide(tmp_path, MACHINES, ("localhost",), NOW)
    accounts = json.loads(found.accounts.read_text())
    given = {name: json.loads(found.of(name).read_text()) for name in MACHINES}
    assert accounts == {
        name: {
            "token_sha256": hashlib.sha256(each["token"].encode()).hexdigest(),
            "command_key": each["command_key"],
            "components": sorted(MACHINES[name]),
        }
        for name, each in given.items()
    }
    assert len({each["token"] for each in given.values()} | {each["command_key"] for each in given.values()}) == 4
    assert given["front"] == given["front"] | {"machine": "front", "components": ["api", "web"]}


def test_a_machine_that_is_no_more_loses_its_account_and_the_others_keep_theirs(tmp_path: Path) -> None:
    before = json.loads(provide(tmp_path, MACHINES, ("localhost",), NOW).accounts.read_text())
    found = provide(tmp_path, {"vault": ["data"]}, ("localhost",), NOW)
    assert json.loads(found.accounts.read_text()) == {"vault": before["vault"]}
    assert not found.of("front").exists()


def shake_hands(found: Credentials, name: str) -> str | None:
    """Return what a strict client says of the gateway; None if it is content."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(found.certificate, found.key)
    client = ssl.create_default_context(cafile=str(found.ca))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    here, there = socket.socketpair()

    def answer() -> None:
        try:
            with server.wrap_socket(there, server_side=True) as connection:
                connection.recv(1)
        except OSError:
            return

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with client.wrap_socket(here, server_hostname=name) as connection:
            connection.send(b"x")
            return None
    except ssl.SSLError as error:
        return str(error)
    finally:
        here.close()
        thread.join()


def test_a_strict_client_accepts_the_gateway_by_its_names_and_by_no_other(tmp_path: Path) -> None:
    found = provide(tmp_path, MACHINES, ("10.77.1.1", "gateway.example"), NOW)
    assert shake_hands(found, "10.77.1.1") is None
    assert shake_hands(found, "gateway.example") is None
    assert "mismatch" in (shake_hands(found, "10.77.1.2") or "")


def test_another_name_or_the_near_end_brings_a_new_certificate_of_the_same_authority(tmp_path: Path) -> None:
    provide(tmp_path, MACHINES, ("localhost",), NOW)
    first = files(tmp_path)
    provide(tmp_path, MACHINES, ("10.0.0.1",), NOW)
    second = files(tmp_path)
    provide(tmp_path, MACHINES, ("10.0.0.1",), NOW + timedelta(days=GATEWAY_DAYS - 10))
    third = files(tmp_path)
    assert first["ca.pem"] == second["ca.pem"] == third["ca.pem"]
    assert len({each["gateway.pem"] for each in (first, second, third)}) == 3


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "gateway.pem", "gateway.key", "agents/vault.json", "agents.json"])
@pytest.mark.parametrize("text", [b"", b"{", b"nonsense", b"[1]", b'{"token": 1, "command_key": "x"}'])
def test_a_damaged_file_is_made_anew(tmp_path: Path, name: str, text: bytes) -> None:
    provide(tmp_path, MACHINES, ("localhost",), NOW)
    (tmp_path / name).write_bytes(text)
    found = provide(tmp_path, MACHINES, ("localhost",), NOW)
    assert shake_hands(found, "localhost") is None
    told = json.loads(found.of("vault").read_text())
    accounts = json.loads(found.accounts.read_text())
    assert accounts["vault"]["token_sha256"] == hashlib.sha256(told["token"].encode()).hexdigest()
