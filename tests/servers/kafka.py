"""A real Kafka of one node (KRaft): plain, or with client certificates and access rights."""

import base64
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.servers.certificates import Authority
from tests.servers.installing import installed
from tests.servers.running import Process, free_ports

_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_NAMES = ("admin", "writer", "reader", "stranger")

_PLAIN = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENT://127.0.0.1:{port}
listener.security.protocol.map=CLIENT:{protocol},CONTROLLER:{protocol}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
log.dirs={run}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
# a killed broker comes back at once instead of waiting for its old registration to end
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
group.min.session.timeout.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=3
"""

# The controller's listener asks for certificates too, so that the broker comes there under its own name.
_SECURE = """\
ssl.keystore.type=PEM
ssl.keystore.location={run}/tls/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={run}/tls/ca.pem
ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=([a-z]+)$/$1/
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:broker;User:admin
allow.everyone.if.no.acl.found=false
"""

_LOG = """\
rootLogger.level=INFO
rootLogger.appenderRef.file.ref=file
appender.file.type=File
appender.file.name=file
appender.file.fileName={run}/server.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %c{{1}} - %m%n
"""


class Kafka:
    """The broker: `address` is host:port, `url` what `musa` is given; `kill` plays a crash, `start` goes on with its data."""

    def __init__(self, run: Path, library: Path, *, secure: bool) -> None:
        self._run, self._secure = run, secure
        self._environment = {"CLASSPATH": f"{library}/*"}
        port, controller = free_ports(2)
        self.address = f"127.0.0.1:{port}"
        words = {"run": run, "port": port, "controller": controller, "protocol": "SSL" if secure else "PLAINTEXT"}
        settings = _PLAIN
        if secure:
            settings += _SECURE
            authority = Authority(run / "tls")
            for name in ("broker", *_NAMES):
                authority.issue(name)
        (run / "server.properties").write_text(settings.format(**words), "utf-8")
        (run / "log4j2.properties").write_text(_LOG.format(**words), "utf-8")
        self._format()
        self.start()

    @property
    def url(self) -> str:
        return self.url_of("admin") if self._secure else f"kafka://{self.address}"

    def url_of(self, name: str) -> str:
        """Return the address as one of the names that have a certificate: admin, writer, reader, stranger."""
        pem = str(self.certificate(name))
        return f"kafka://{self.address}?{urlencode({'ca': str(self.certificate('ca')), 'cert': pem, 'key': pem})}"

    def certificate(self, name: str) -> Path:
        return self._run / "tls" / f"{name}.pem"

    def start(self) -> None:
        log = self._run / "server.log"
        log.unlink(missing_ok=True)
        self._process = Process(
            self._java("kafka.Kafka", "server.properties"), self._run / "out.log", self._environment, folder=self._run
        )
        self._process.wait_until(lambda: log.exists() and b"Kafka Server started" in log.read_bytes(), log)

    def stop(self) -> None:
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        self._process.end(signal.SIGKILL)

    def _format(self) -> None:
        identity = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")  # never begins with a dash
        words = self._java("kafka.tools.StorageTool", "format", "-t", identity, "-c", "server.properties")
        subprocess.run(
            words, cwd=self._run, env={**os.environ, **self._environment}, check=True, capture_output=True, timeout=120
        )

    def _java(self, *words: str) -> list[str]:
        return ["java", *_OPTIONS, f"-Dlog4j2.configurationFile={self._run}/log4j2.properties", *words]


@contextmanager
def kafka(secure: bool = False) -> Iterator[Kafka]:
    """Run a broker that is nobody else's, on free ports of 127.0.0.1; skip where Java or Maven lack."""
    library = installed("kafka")
    run = Path(tempfile.mkdtemp(prefix="musa-kafka-"))
    server = None
    try:
        server = Kafka(run, library, secure=secure)
        yield server
    finally:
        if server:
            server.kill()  # nobody needs its data any more
        shutil.rmtree(run, ignore_errors=True)
