"""What an agent can look at: each input yields the records of one sample."""

import time
from collections.abc import Callable, Iterator

from musa_pipeline.agent.inputs.availability import availability
from musa_pipeline.agent.inputs.network import network
from musa_pipeline.agent.inputs.system import system
from musa_pipeline.agent.record import Record
from musa_pipeline.agent.watch import Watch

INPUTS: dict[str, Callable[[Watch], Iterator[Record]]] = {"system": system, "network": network, "availability": availability}


def sample(watch: Watch, name: str) -> Iterator[Record]:
    """Yield the records of one sample of an input, and a finding for each figure above its limit."""
    head = {"at": round(time.time(), 3), "agent": watch.agent, "component": watch.component}
    for record in INPUTS[name](watch):
        if "value" in record:
            record["value"] = value = round(record["value"], 3)
            limit = watch.limits.get(record["metric"])
            if limit is not None and value > limit:
                yield {**head, "finding": "above-limit", "metric": record["metric"], "value": value, "limit": limit}
        yield {**head, **record}
