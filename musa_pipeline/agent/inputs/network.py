"""The network of the machine: traffic of its interfaces, connections by state and source (proc(5))."""

from collections import Counter
from collections.abc import Iterator

from musa_pipeline.agent.inputs.proc import ESTABLISHED, SYN_RECEIVED, connections, lines
from musa_pipeline.agent.record import Record
from musa_pipeline.agent.watch import Watch


def network(watch: Watch) -> Iterator[Record]:
    """Yield traffic of all interfaces but loopback, in both directions, and connections by state and source."""
    totals: Counter[str] = Counter()
    for line in lines("/proc/net/dev")[2:]:
        name, _, rest = line.partition(":")
        if name.strip() != "lo":
            counts = [int(each) for each in rest.split()]
            totals.update(
                {"in.octets": counts[0], "in.packets": counts[1], "in.errors": counts[2] + counts[3]}
                | {"out.octets": counts[8], "out.packets": counts[9], "out.errors": counts[10] + counts[11]}
            )
    for name, total in sorted(totals.items()):
        rate = watch.rate(name, total)
        if rate is not None:
            yield {"metric": f"network.{name}", "value": rate, "unit": f"{name.partition('.')[2]}/s"}
    states: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for _, remote, state in connections():
        states[state] += 1
        if state in (ESTABLISHED, SYN_RECEIVED):
            sources[remote.rpartition(":")[0]] += 1
    yield {"metric": "network.established", "value": states[ESTABLISHED], "unit": "connections"}
    yield {"metric": "network.half-open", "value": states[SYN_RECEIVED], "unit": "connections"}
    most = max(sources.values(), default=0)
    yield {"metric": "network.connections-of-one-source", "value": most, "unit": "connections"}
