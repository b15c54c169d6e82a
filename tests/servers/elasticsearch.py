"""A real Elasticsearch of one node. The build that can be had lacks some modules: no `GET /`, no painless, no delete by query, no life cycles."""

import base64
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.certificates import Authority
from tests.servers.installing import installed, java_home
from tests.servers.running import NOBODY, Process, free_ports

PASSWORD = "test-password"
"""Of the users `admin` and `reader` of a secure server."""

_SETTINGS = """\
cluster.name: test
node.name: one
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: 0
path.data: {run}/data
path.logs: {run}/logs
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: {secure}
"""

_SECURE = """\
xpack.security.autoconfiguration.enabled: false
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: one.pem
xpack.security.http.ssl.certificate: one.crt
xpack.security.authc.realms.file.file1.order: 0
"""

_ROLES = """\
reader:
  indices:
    - names: ["*"]
      privileges: ["read"]
"""


class Elasticsearch:
    """The server: `url` is its address; `kill` plays a crash, `start` goes on with its data. `ca` belongs to a secure one."""

    def __init__(self, run: Path, home: Path, *, secure: bool) -> None:
        self._run, self._secure = run, secure
        (port,) = free_ports(1)
        self.url = f"{'https' if secure else 'http'}://127.0.0.1:{port}"
        self.ca = run / "config" / "ca.pem"
        for name in ("data", "logs", "tmp"):
            (run / name).mkdir()
        _link(home, run / "home")
        shutil.copytree(home / "config", run / "config")
        settings = _SETTINGS.format(run=run, port=port, secure="true" if secure else "false")
        self._environment = {
            "ES_JAVA_HOME": str(java_home()),
            "ES_PATH_CONF": str(run / "config"),
            "ES_TMPDIR": str(run / "tmp"),
            "ES_JAVA_OPTS": "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1",
        }
        (run / "config" / "elasticsearch.yml").write_text(settings + (_SECURE if secure else ""), "utf-8")
        if secure:
            self._secrets()
        if os.geteuid() == 0:
            _give(run, "config", "data", "logs", "tmp")
        self.start()

    def start(self) -> None:
        (self._run / "tmp" / "node.pid").unlink(missing_ok=True)
        words = ["bash", str(self._run / "home/bin/elasticsearch"), "-p", str(self._run / "tmp" / "node.pid")]
        # the server refuses to run as root
        self._process = Process(words, self._run / "out.log", self._environment, folder=self._run / "tmp", as_nobody=True)
        self._process.wait_until(self.answers, self._run / "logs" / "test.log")

    def answers(self) -> bool:
        """Return whether it is healthy; `GET /` is not there to ask."""
        request = urllib.request.Request(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=5s")
        request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode())
        context = ssl.create_default_context(cafile=str(self.ca)) if self._secure else None
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        self._process.end(signal.SIGKILL)

    def _secrets(self) -> None:
        config = self._run / "config"
        authority = Authority(config)
        both = authority.issue("one")
        (config / "one.crt").write_bytes(both.read_bytes().split(b"-----END PRIVATE KEY-----\n", 1)[1])
        (config / "roles.yml").write_text(_ROLES, "utf-8")
        for user, role in (("admin", "superuser"), ("reader", "reader")):
            subprocess.run(
                ["bash", str(self._run / "home/bin/elasticsearch-users"), "useradd", user, "-p", PASSWORD, "-r", role],
                env={**os.environ, **self._environment}, check=True, capture_output=True, timeout=120,
            )  # fmt: skip


def _unpack(folder: Path) -> None:
    (archive,) = folder.iterdir()
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    archive.unlink()
    (unpacked,) = folder.iterdir()
    unpacked.rename(folder / "home")
    subprocess.run(["chmod", "-R", "a+rX", str(folder / "home")], check=True)


def _link(home: Path, to: Path) -> None:
    """Hard links: the cache may be private, and the server's user must read it under RUN. On another disk it is copied."""
    try:
        shutil.copytree(home, to, copy_function=os.link)
    except (shutil.Error, OSError):
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(home, to)


def _give(run: Path, *parts: str) -> None:
    for part in parts:
        for path in (run / part, *(run / part).rglob("*")):
            os.chown(path, NOBODY, NOBODY)


@contextmanager
def elasticsearch(secure: bool = False) -> Iterator[Elasticsearch]:
    """Run a server that is nobody else's, on a free port of 127.0.0.1; skip where Java or Maven lack."""
    home = installed("elasticsearch", _unpack) / "home"
    run = Path(tempfile.mkdtemp(prefix="musa-elasticsearch-"))
    run.chmod(0o755)  # the server's own user must be able to enter
    server = None
    try:
        server = Elasticsearch(run, home, secure=secure)
        yield server
    finally:
        if server:
            server.kill()
        shutil.rmtree(run, ignore_errors=True)
