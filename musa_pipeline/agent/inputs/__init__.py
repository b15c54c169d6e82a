"""What an agent can look at: each input yields the records of one sample."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from musa_pipeline.agent.inputs.availability import availability
from musa_pipeline.agent.inputs.network import network
from musa_pipeline.agent.inputs.system import system
from musa_pipeline.agent.record import Record

if TYPE_CHECKING:
    from musa_pipeline.agent.watch import Watch

INPUTS: dict[str, Callable[["Watch"], Iterator[Record]]] = {"system": system, "network": network, "availability": availability}
