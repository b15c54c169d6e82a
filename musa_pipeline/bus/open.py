"""From what the settings say to a bus: `embedded`, or `kafka://host:port`."""

import re
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from musa_pipeline.bus.port import Bus
from musa_pipeline.domain.errors import UsageWrong

_EMBEDDED = ("partitions", "flush", "keep", "most")
_KAFKA = ("ca", "cert", "key", "tls", "prefix", "partitions", "replicas", "session", "patience")


def open_bus(url: str, folder: Path) -> Bus:
    """Return the bus that `url` names; an embedded one keeps its file in `folder`. No server is asked yet."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "kafka" and parts.netloc:
        return _kafka(url, parts.netloc, _known(url, said, _KAFKA))
    if not parts.scheme and not parts.netloc and parts.path == "embedded":
        return _embedded(url, folder / "bus.sqlite", _known(url, said, _EMBEDDED))
    raise UsageWrong(f"no bus is called {url!r}", "say embedded, or kafka://HOST:PORT")


def _embedded(url: str, place: Path, said: dict[str, str]) -> Bus:
    from musa_pipeline.bus.embedded import DAY, Embedded

    return Embedded(
        place,
        partitions=_number(url, said, "partitions", 8, 1, 256),
        keep=_number(url, said, "keep", 7, 1, 36_500) * DAY,
        most=_number(url, said, "most", 2048, 1, 2**20) * 2**20,
        flush=_yes(url, said, "flush"),
    )


def _kafka(url: str, servers: str, said: dict[str, str]) -> Bus:
    from musa_pipeline.bus.cluster import Cluster
    from musa_pipeline.bus.kafka import Kafka

    for each in servers.split(","):
        if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}", each, re.ASCII):
            raise UsageWrong(f"bus {url!r}: {each!r} is not HOST:PORT")
    for name in ("ca", "cert", "key"):
        if name in said and not Path(said[name]).is_file():
            raise UsageWrong(f"bus {url!r}: {name} {said[name]!r} is not a file")
    if ("cert" in said) != ("key" in said):
        raise UsageWrong(f"bus {url!r}: cert and key belong together", "say both; they may be one file")
    if not re.fullmatch(r"[\w.-]{1,100}", said.get("prefix", "musa."), re.ASCII):
        raise UsageWrong(f"bus {url!r}: prefix {said['prefix']!r} is not made of letters, digits, dots, dashes and underscores")
    cluster = Cluster(
        servers=tuple(servers.split(",")),
        prefix=said.get("prefix", "musa."),
        partitions=_number(url, said, "partitions", 8, 1, 1024),
        replicas=_number(url, said, "replicas", -1, 1, 100),
        tls=_yes(url, said, "tls"),
        ca=said.get("ca", ""),
        certificate=said.get("cert", ""),
        key=said.get("key", ""),
    )
    return Kafka(cluster, patience=_number(url, said, "patience", 5, 1, 600), session=_number(url, said, "session", 6, 1, 1800))


def _known(url: str, said: dict[str, str], known: tuple[str, ...]) -> dict[str, str]:
    for name in said:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise UsageWrong(
                f"bus {url!r} has no setting {name!r}", f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            )
    return said


def _number(url: str, said: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    if name not in said:
        return default
    if not said[name].isdecimal() or not least <= int(said[name]) <= most:
        raise UsageWrong(f"bus {url!r}: {name} {said[name]!r} is not a whole number from {least} to {most}")
    return int(said[name])


def _yes(url: str, said: dict[str, str], name: str) -> bool:
    if said.get(name, "no") not in ("yes", "no"):
        raise UsageWrong(f"bus {url!r}: {name} is yes or no, not {said[name]!r}")
    return said.get(name) == "yes"
