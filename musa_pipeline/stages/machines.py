"""The machines of a plan and their addresses, as far as there are any: what reports call the places of components."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.stages import values

if TYPE_CHECKING:
    from musa_pipeline.stages.work import Work


def addresses(work: "Work") -> dict[str, ComponentId]:
    """Return the machines of the plan and their addresses, as far as there are any: each with the host component whose parts it bears."""
    place = work.place
    if not (place.out / place.playbook / "plan.json").is_file():
        return {}
    host = {each.id: each.host for each in values.cpim(work).components}
    found: dict[str, ComponentId] = {}
    for machine in (each for csp in values.plan(work).csps for pool in csp.pools for each in pool.machines):
        hosts = {host.get(each.id) or each.id for each in machine.components}
        if len(hosts) == 1:
            found[machine.id] = next(iter(hosts))
    return found | {address: found[name] for name, address in _inventory(work) if name in found}


def _inventory(work: "Work") -> Iterator[tuple[str, str]]:
    """Yield the hosts of an inventory beside the model with their addresses, whatever groups they are in."""
    from musa_pipeline.domain.problems import Problems
    from musa_pipeline.text.yaml import plain, read_yaml

    for name in ("hosts.yml", "hosts.yaml"):
        path = work.place.folder / name
        text = work.inputs.text(path, optional=True)
        waiting = [plain(read_yaml(text, os.fspath(path), Problems()))] if text else []
        while waiting:
            group = waiting.pop()
            for key, value in group.items() if isinstance(group, dict) else ():
                if isinstance(value, dict) and isinstance(value.get("ansible_host"), str):
                    yield str(key), value["ansible_host"]
                elif isinstance(value, dict):
                    waiting.append(value)
