"""Carries a plan to machines: guests of our own making or the user's hosts, credentials, Ansible's run, and a look whether all answer."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from musa_pipeline.domain.errors import OutsideFailed, UsageWrong
from musa_pipeline.domain.plan import Machine, Plan
from musa_pipeline.runners.addresses import addresses
from musa_pipeline.runners.ansible import MARK, Played, Told, end_leftovers, need_ansible, play, together
from musa_pipeline.runners.bundle import write_agent
from musa_pipeline.runners.credentials import provide
from musa_pipeline.runners.local import Guests, lacks
from musa_pipeline.runners.private import folder_of_ours, write_private
from musa_pipeline.stages import values
from musa_pipeline.stages.deployment import HOSTS, LOCAL, PORT, Deployment, Gateway, alone, deployed, folder_of, keep
from musa_pipeline.stages.waves import run_lanes
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import Place, files_of, shipped

REACTIONS: Final = "reactions"
Say = Callable[[str], None]
Tell = Callable[[Told], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did. `answering`: whether every component answered afterwards; None if it was not asked."""

    deployment: Deployment
    played: Played | None
    booted: tuple[str, ...] = ()
    answering: Played | None = None

    @property
    def well(self) -> bool:
        """Tell whether nothing failed."""
        return (self.played is None or self.played.well) and (self.answering is None or self.answering.well)


def deploy(
    work: Work,
    on: str,
    *,
    now: datetime,
    gateway: str = "",
    check: bool = False,
    say: Say = print,
    tell: Tell = lambda _told: None,
) -> Outcome:
    """Deploy the plan; what stands already is kept and brought in line. With `check` nothing is changed, only told.

    Raises UsageWrong if it stands elsewhere or hosts are not said, OutsideFailed if machines cannot be made or reached.
    """
    place = work.place
    machines = {each.id: each for csp in values.plan(work).csps for pool in csp.pools for each in pool.machines}
    if not machines:
        raise UsageWrong(f"the plan of {place.application} has no machine", "managed services are made at their providers")
    if gateway and on == LOCAL:
        raise UsageWrong("guests reach musa at their own bridge", "leave --gateway out, or use --on hosts")
    why = lacks() if on == LOCAL else ""
    if why:
        raise OutsideFailed(why, "or use --on hosts, with machines of your own")
    asked = _asked(gateway) if gateway else None
    hosts = _hosts(place) if on == HOSTS else None
    need_ansible()
    with alone(place) as folder:
        before = deployed(place)
        if before and before.on != on:
            raise UsageWrong(f"{place.application} is deployed on {before.on}", f"musa undeploy {place.application} first")
        end_leftovers(_runs(folder))
        way_in = _at_the_bridge(folder) if on == LOCAL else asked or (before.gateway if before else None)
        ready = _ready(work, hosts, machines, way_in, now, say, since=before.since if before else 0.0)
        try:
            return _run(ready, values.plan(work), check=check, say=say, tell=tell)
        finally:
            if check and ready.booted and before is None:
                _remove(place, folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """Machines that can be reached, and what Ansible is told of them."""

    deployment: Deployment
    booted: tuple[str, ...]
    programs: Path | None


def _at_the_bridge(folder: Path) -> Gateway:
    """Return where guests reach the platform."""
    network = Guests(folder).network
    return Gateway(address=network.gateway, port=PORT, namespace=network.control)


def _asked(gateway: str) -> Gateway:
    """Return the address that the user gave."""
    try:
        url = urlsplit(gateway)
        port = url.port or 443
    except ValueError as error:
        raise UsageWrong(f"{gateway!r} is no address: {error}", "give --gateway https://HOST:PORT") from error
    if url.scheme != "https" or not url.hostname or url.path.strip("/"):
        raise UsageWrong(f"{gateway!r} cannot be the gateway's address", "give --gateway https://HOST:PORT")
    return Gateway(address=url.hostname, port=port)


def _ready(
    work: Work,
    hosts: Path | None,
    machines: Mapping[str, Machine],
    way_in: Gateway | None,
    now: datetime,
    say: Say,
    *,
    since: float,
) -> _Ready:
    """Have machines, credentials, agent and programs; `hosts` None: on guests."""
    place, folder = work.place, folder_of(work.place)
    project = (place.out / place.playbook).resolve()
    own = folder / "inventory.yml"
    found = Deployment(
        application=place.application,
        on=HOSTS if hosts else LOCAL,
        folder=folder,
        project=project,
        inventories=(project / "inventory.yml", own, *([hosts] if hosts else ())),
        gateway=way_in,
        since=since,
    )
    # Written before anything is made: whoever finds this folder knows that something may stand.
    keep(found)
    booted: tuple[str, ...] = ()
    shared: dict[str, object] = {
        "component_model": str(files_of(place).resolve()),
        "musa_agent_period": max(1, round(work.settings.runtime.period)),
    }
    of_each: dict[str, dict[str, object]] = {name: {} for name in machines}
    write_agent(folder / "musa-agent.pyz")
    programs = _programs(folder, say)
    shared |= {"musa_agent_program": str(folder / "musa-agent.pyz"), "musa_agent_kernel": programs is not None}
    if hosts is None:
        guests = Guests(folder)
        booted = guests.up(tuple(machines), say)
        shared |= guests.connection()
        found = replace(found, machines=guests.addresses())
        for name, address in found.machines.items():
            of_each[name]["ansible_host"] = address
    if way_in:
        # An agent may watch a managed service, which is on no machine: the gateway must let it speak of that too.
        components = {
            name: sorted({*(each.id for each in machine.components), *(each.component for each in machine.agents)})
            for name, machine in machines.items()
        }
        credentials = provide(folder, components, (way_in.address, "localhost", "127.0.0.1"), now)
        shared |= {"musa_gateway_url": way_in.url, "musa_agent_ca": str(credentials.ca)}
        for name in machines:
            of_each[name]["musa_agent_credentials"] = str(credentials.of(name))
    write_private(own, json.dumps({"all": {"vars": shared, "hosts": of_each}}, indent=1, sort_keys=True).encode())
    if hosts:
        found = replace(found, machines=_where(found, machines, say))
    keep(found)
    return _Ready(deployment=found, booted=booted, programs=programs)


def _where(found: Deployment, machines: Mapping[str, Machine], say: Say) -> dict[str, str]:
    """Return where the user's machines are: none of them is ever dropped as the source of a flood."""
    where = addresses(found.inventories, machines, folder_of_ours(_runs(found.folder)) / "home")
    unknown = [name for name in machines if name not in where]
    if unknown:
        say(f"nobody knows the address of {', '.join(unknown)}: another machine may drop what comes from there as a flood")
    return where


def _programs(folder: Path, say: Say) -> Path | None:
    """Build the eBPF programs for agents to take along; without them agents do their other work."""
    from musa_pipeline.stages.programs import make_library

    try:
        make_library(folder / "bpf")
    except OutsideFailed as error:
        say(f"no eBPF program travels along: {error.text}")
        return None
    return folder / "bpf"


def _hosts(place: Place) -> Path:
    """Return the file that says where the user's machines are: beside the model, else beside the playbook."""
    project = place.out / place.playbook
    known = [place.folder / "hosts.yml", place.folder / "hosts.yaml", project / "hosts.yml"]
    for each in known:
        if each.is_file():
            return each.resolve()
    raise UsageWrong(
        f"no file says where the machines of {place.application} are",
        f"write {place.shown(place.folder / 'hosts.yml')}; {place.playbook}/README.md shows how. Or use --on local",
    )


def _run(ready: _Ready, plan: Plan, *, check: bool, say: Say, tell: Tell) -> Outcome:
    found = ready.deployment
    site = found.project / "site.yml"
    runs = [
        run_lanes(
            plan,
            lambda lane, hear, stop: run_book(found, site, limit=lane, apart=lane, check=check, tell=hear, stop=stop),
            tell,
        )
    ]
    if runs[-1].well and ready.programs and not check:
        say("bringing the eBPF programs")
        runs.append(run_book(found, operation("programs"), variables={"programs": str(ready.programs)}))
    answering = None
    if runs[-1].well and not check:
        say("asking every component")
        answering = run_book(found, operation("answering"))
        since = found.since or (time.time() if answering.well else 0.0)
        keep(replace(found, whole=answering.well, since=since))
    return Outcome(deployment=found, played=together(runs), booted=ready.booted, answering=answering)


def undeploy(place: Place, *, say: Say = print, tell: Tell = lambda _told: None) -> Outcome | None:
    """Take back what stands deployed, and every file of it; None if nothing stood.

    Guests are removed as they are; on hosts the playbook's way back runs first, and if it fails, what is known stays for another try.
    """
    if not folder_of(place).is_dir():
        return None
    with alone(place) as folder:
        found = deployed(place)
        end_leftovers(_runs(folder))
        done = None
        if found and found.on == HOSTS:
            say("taking the eBPF programs off")
            back = run_book(found, operation("programs"), variables={"programs_state": "absent"})
            done = together([back, *([run_book(found, found.project / "undeploy.yml", tell=tell)] if back.well else [])])
            if not done.well:
                return Outcome(deployment=found, played=done)
        elif Guests(folder).guests:
            say("removing the guests")
        _remove(place, folder)
        return Outcome(deployment=found, played=done) if found else None


def _remove(place: Place, folder: Path) -> None:
    """Remove guests, then the folder with the secrets in it."""
    import shutil

    for runs in (_runs(folder), folder / REACTIONS):
        end_leftovers(runs)
    guests = Guests(folder)
    if guests.guests or guests.network.there():
        guests.down()
    shutil.rmtree(folder)
    for each in (folder.parent, folder.parent.parent):
        if {one.name for one in each.iterdir()} <= {".gitignore"} and each != place.out:
            shutil.rmtree(each)


def run_book(
    found: Deployment,
    book: Path,
    *,
    variables: Mapping[str, object] | None = None,
    limit: str = "",
    apart: str = "",
    check: bool = False,
    tell: Tell = lambda _told: None,
    stop: Callable[[], bool] | None = None,
) -> Played:
    """Run a playbook on the machines of a deployment. A reaction is not ended by a deployment that begins meanwhile.

    Runs at the same time each keep what they say `apart`, under a name of their own.
    """
    if not book.is_file():
        raise OutsideFailed(f"{book} is not there", "run `musa plan` again")
    folder = folder_of_ours(found.folder / REACTIONS if book.parent.name == REACTIONS else _runs(found.folder))
    roles = [found.project / "roles", found.project.parents[2] / "playbooks/roles", shipped() / "playbooks/roles"]
    environment = {
        "ANSIBLE_ROLES_PATH": ":".join(str(each) for each in roles if each.is_dir()),
        "ANSIBLE_HOME": str(folder_of_ours(folder / "home")),
        MARK: str(folder),
    }
    if apart:
        # A name may be longer than a file's.
        folder = folder_of_ours(folder / "lanes" / hashlib.sha256(apart.encode()).hexdigest()[:12])
    if (found.project / "ansible.cfg").is_file():
        environment["ANSIBLE_CONFIG"] = str(found.project / "ansible.cfg")
    return play(
        book, inventories=found.inventories, folder=folder, variables=variables, environment=environment, limit=limit,
        check=check, tell=tell, stop=stop,
    )  # fmt: skip


def operation(name: str) -> Path:
    """Return a playbook that comes with the tool and looks after what is deployed."""
    return shipped() / "playbooks/operations" / f"{name}.yml"


def reaction(name: str) -> Path:
    """Return a playbook that comes with the tool and reacts: `restart-component` with the variables component and machine.

    Raises OutsideFailed if there is none of that name.
    """
    folder = shipped() / "playbooks/reactions"
    known = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    if name not in known:
        raise OutsideFailed(f"there is no reaction {name!r}", f"there are: {', '.join(known)}")
    return known[name]


def end_reactions(found: Deployment) -> int:
    """End the reactions that a killed platform left at work; return how many processes there were."""
    return end_leftovers(found.folder / REACTIONS)


def _runs(folder: Path) -> Path:
    return folder / "runner"
