"""What the agent was told when it was deployed: where the gateway is, and what it proves itself with."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class SettingsWrong(Exception):
    """The settings cannot be used; the text says why."""


@dataclass(frozen=True)
class Gateway:
    """Where measurements go and commands come from: HTTPS with this authority alone, and this token."""

    host: str
    port: int
    ca: Path
    token: str
    command_key: str


@dataclass(frozen=True)
class Settings:
    """One machine's agent. `gateway` None: records stay in the local book. `components` empty: any."""

    machine: str
    gateway: Gateway | None = None
    components: frozenset[str] = frozenset()
    spool_bytes: int = 64 * 1024 * 1024


def read_settings(path: Path, machine: Path) -> Settings:
    """Return the settings of a file, or those of an agent without a gateway if it is not there.

    Raises SettingsWrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(machine=_name(machine))
    except OSError as wrong:
        raise SettingsWrong(f"{path} cannot be read: {wrong.strerror}") from wrong
    try:
        told: dict[str, Any] = json.loads(text)
        return Settings(
            machine=_text(told, "machine"),
            gateway=_gateway(told, path.parent),
            components=frozenset(map(str, told.get("components", []))),
            spool_bytes=int(told.get("spool_bytes", Settings.spool_bytes)),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise SettingsWrong(f"{path} is not what an agent needs: {wrong}") from wrong


def _gateway(told: dict[str, Any], folder: Path) -> Gateway:
    url = urlsplit(_text(told, "gateway"))
    if url.scheme != "https" or not url.hostname:
        raise ValueError("the gateway is not https://host:port")
    return Gateway(
        host=url.hostname,
        port=url.port or 443,
        ca=folder / told.get("ca", "ca.pem"),
        token=_text(told, "token"),
        command_key=_text(told, "command_key"),
    )


def _text(told: dict[str, Any], name: str) -> str:
    value = told[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is not a text")
    return value


def _name(path: Path) -> str:
    """Return the machine's name in its plan, else its own."""
    try:
        return _text(json.loads(path.read_text(encoding="utf-8")), "machine")
    except (OSError, ValueError, KeyError, TypeError):
        return socket.gethostname()
