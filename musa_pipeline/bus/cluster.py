"""How a Kafka cluster is reached: addresses and certificates, clients that leave nothing behind, topics made where they lack."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from musa_pipeline.bus.port import MOST_OCTETS, BusAway
from musa_pipeline.domain.errors import OutsideFailed
from musa_pipeline.domain.event import Topic

LARGEST = MOST_OCTETS + 64 * 1024
"""A record is an event's data with its headers around it."""

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """How the brokers are reached. Topics and groups are named with `prefix`, so that others may use the same cluster.

    `ca`, `certificate` and `key` are PEM files: a `ca` (or `tls`) means TLS, the other two show who we are. `replicas` -1: as the
    brokers are set.
    """

    servers: tuple[str, ...]
    prefix: str = "musa."
    partitions: int = 8
    replicas: int = -1
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key: str = ""

    def connect(self, make: Callable[..., Client], **settings: Any) -> Client:
        """Return a client of the library; one that finds no broker leaves no thread and no socket behind."""
        from kafka.net import KafkaNetClient

        begun = []

        def begin(*words: Any, **more: Any) -> Any:
            begun.append(KafkaNetClient(*words, **more))
            return begun[-1]

        try:
            return make(**{**self._settings(), **settings}, kafka_client=begin)
        except BaseException:
            for each in begun:
                with suppress(Exception):
                    each.close()
            raise

    def make_topics(self, topics: Sequence[Topic]) -> None:
        """Make the topics that are not there yet; who may not make them must find them."""
        from kafka import KafkaAdminClient
        from kafka.admin import NewTopic
        from kafka.errors import TopicAlreadyExistsError

        admin = self.connect(KafkaAdminClient)
        try:
            there = set(admin.list_topics())
            settings = {"max.message.bytes": str(LARGEST)}
            missing = [
                NewTopic(name, num_partitions=self.partitions, replication_factor=self.replicas, topic_configs=settings)
                for name in (self.prefix + each for each in topics)
                if name not in there
            ]
            if missing:
                with suppress(TopicAlreadyExistsError):  # somebody else was faster
                    admin.create_topics(missing)
        finally:
            admin.close()

    def _settings(self) -> dict[str, Any]:
        common: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "client_id": "musa",
            "reconnect_backoff_max_ms": 500,
            "request_timeout_ms": 5_000,
            "bootstrap_timeout_ms": 2_000,
        }
        if self.tls or self.ca:
            common["security_protocol"] = "SSL"
            common |= {"ssl_cafile": self.ca or None, "ssl_certfile": self.certificate or None, "ssl_keyfile": self.key or None}
        return common


@contextmanager
def bus_away() -> Iterator[None]:
    """What the library cannot do now is `BusAway`."""
    from kafka.errors import KafkaError

    try:
        yield
    except (KafkaError, OSError) as error:
        raise BusAway(f"Kafka cannot be used now: {str(error) or type(error).__name__}") from error


def need_library() -> None:
    """Say what to install if it is not there."""
    try:
        import kafka  # noqa: F401
    except ImportError as error:
        raise OutsideFailed(
            "a Kafka bus needs kafka-python, which is not installed", "pip install 'musa-pipeline[kafka]'"
        ) from error
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells of every try to connect; we tell once, by BusAway
