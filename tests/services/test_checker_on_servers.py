"""The same stream gives the same verdicts on Kafka as on the embedded bus, and the same state on Elasticsearch as on SQLite."""

import time
from pathlib import Path

from musa_pipeline.bus.open import open_bus
from musa_pipeline.context.open import open_context
from musa_pipeline.context.port import Context
from musa_pipeline.domain.context import Kind
from musa_pipeline.services.checker import CheckerService
from tests.assurance.promises import START
from tests.servers.elasticsearch import elasticsearch
from tests.servers.kafka import kafka
from tests.services.checker_world import World

END = 26
PATIENCE = 60.0


def _follow(world: World, service: CheckerService, seconds: range) -> None:
    """Publish second by second, each read to its end before the clock goes on."""
    for second in seconds:
        world.now = START + second
        world.publish(second)
        _settle(service)


def _settle(service: CheckerService) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        service.turn(0.05)
        subscription = service._subscription
        if not service._away and subscription and subscription.generation and not subscription.lag() and not service._outbox:
            return
    raise AssertionError("the checker never read all there is")


def _states(context: Context) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for kind, names in (
        (Kind.SLO, ("state", "value", "samples", "reason")),
        (Kind.INCIDENT, ("stage", "cause", "began", "ended")),
    ):
        for each in context.find(kind):
            found[each.id] = tuple(each.observed.get(name) for name in names)
    return found


def test_kafka_and_elasticsearch_give_the_same_as_the_embedded_ones_over_a_crash_of_the_broker(tmp_path: Path) -> None:
    plain = World(tmp_path)
    service = plain.service()
    _follow(plain, service, range(END))
    service.close()
    with kafka() as broker, elasticsearch() as search:
        world = World(tmp_path, open_bus(broker.url, tmp_path), open_context(search.url, tmp_path))
        service = world.service()
        _follow(world, service, range(18))
        broker.kill()
        service.turn(0.05)
        broker.start()
        _settle(service)
        _follow(world, service, range(18, END))
        service.close()
        assert world.told() == plain.told()
        assert _states(world.context) == _states(plain.context)
        assert [each.partition(":")[0] for each in world.said] == ["the bus is away", "the bus is back"]
        world.bus.close()
        world.context.close()
