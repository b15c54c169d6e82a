"""eBPF programs as people read them."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from musa_pipeline.cli.render.table import table
from musa_pipeline.domain.bpf import BpfProgram
from musa_pipeline.stages.programs import Built


def programs(found: Iterable[BpfProgram]) -> str:
    """Return the programs in the order of the chain, each with its parameters and metrics."""
    parts = []
    for each in sorted(found, key=lambda program: (program.order, program.id)):
        parts.append(f"{each.id}  {each.title}")
        rows = [[each.scope.value, f"{each.hook}, order {each.order}, cost {each.cost}"]]
        rows += [[one.name, f"{one.lowest} to {one.highest}, default {one.default}: {one.help}"] for one in each.parameters]
        rows += [
            [field.metric, f"{field.unit} by {one.key}" if one.key != "none" else field.unit]
            for one in each.maps
            for field in one.fields
            if field.metric
        ]
        parts.append(table(rows))
    return "\n".join(parts)


def programs_json(found: Iterable[BpfProgram]) -> str:
    """Return the programs as JSON."""
    plain = [{key: value for key, value in asdict(each).items() if key != "at"} for each in found]
    return json.dumps(plain, indent=1, sort_keys=True)


def admitted(built: Iterable[Built]) -> str:
    """Return one line a program: its size, and what the kernel said."""
    rows = []
    for each in built:
        said = (
            f"admitted: {each.admitted.instructions} instructions verified, {each.admitted.nanoseconds} ns a packet"
            if each.admitted
            else "compiled"
        )
        rows.append([each.program.id, f"{len(each.code)} octets", said])
    return table(rows)
