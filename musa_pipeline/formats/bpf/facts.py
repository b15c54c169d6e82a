"""The facts of a program as JSON, for the agent that loads it: what the YAML says, and the SHA-256 of the object that belongs to it."""

import json

from musa_pipeline.domain.bpf import BpfMap, BpfParameter, BpfProgram


def write_facts(program: BpfProgram, digest: str) -> str:
    """Return the facts; the same program and object give the same text."""
    facts = {
        "id": program.id,
        "scope": program.scope.value,
        "hook": program.hook,
        "entry": program.entry,
        "order": program.order,
        "digest": digest,
        "parameters": [_parameter(each) for each in program.parameters],
        "maps": [_map(each) for each in program.maps],
    }
    return json.dumps(facts, indent=1, sort_keys=True) + "\n"


def _parameter(parameter: BpfParameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "lowest": parameter.lowest,
        "highest": parameter.highest,
        "default": parameter.default,
        "sizes": list(parameter.sizes),
    }


def _map(each: BpfMap) -> dict[str, object]:
    fields = [
        {"name": field.name, "offset": field.offset, "size": field.size, "metric": field.metric, "unit": field.unit}
        for field in each.fields
    ]
    return {
        "name": each.name,
        "key": each.key,
        "key_size": each.key_size,
        "value_size": each.value_size,
        "per_cpu": each.per_cpu,
        "fields": fields,
    }
