"""The servers that other tests lean on: they answer, come back after a crash with what they knew, and leave nothing behind."""

import json
import urllib.request

from tests.servers.elasticsearch import Elasticsearch, elasticsearch
from tests.servers.kafka import kafka


def _ask(server: Elasticsearch, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(server.url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def test_elasticsearch_keeps_what_it_accepted_over_a_crash() -> None:
    with elasticsearch() as server:
        _ask(server, "PUT", "/notes/_doc/1", {"said": "yes"})
        server.kill()
        assert not server.answers()
        server.start()
        assert _ask(server, "GET", "/notes/_doc/1")["_source"] == {"said": "yes"}
    assert not server.answers()


def test_kafka_keeps_its_topics_over_a_crash() -> None:
    from kafka import KafkaAdminClient
    from kafka.admin import NewTopic

    with kafka() as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        admin.create_topics([NewTopic("kept", num_partitions=2, replication_factor=1)])
        admin.close()
        broker.kill()
        broker.start()
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        assert "kept" in admin.list_topics()
        admin.close()
