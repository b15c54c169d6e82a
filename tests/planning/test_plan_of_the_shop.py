"""The plan: what it holds, in which order, and that every promise that counts on an agent has the agent's role on a machine."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.composition import Composition
from musa_pipeline.domain.cpim import Connection, Cpim, Port, Script, WantedAgent
from musa_pipeline.domain.ids import AgentId, ComponentId
from musa_pipeline.domain.plan import Machine, OpenPort, Plan, PlannedComponent, Step
from musa_pipeline.planning import plan
from tests.planning.shop_plan import (
    AGENTS,
    CATALOGS,
    COMPOSITION,
    CPIM,
    SELECTION,
    SLAS,
    component,
    placement,
    selection,
    shop_plan,
    sla,
    with_script,
)

NOTHING = Composition(application="shop", outcomes=(), components=())


def machines(of: Plan) -> Iterator[Machine]:
    for csp in of.csps:
        for pool in csp.pools:
            yield from pool.machines


def step(of: Plan, role: str, name: str) -> Step:
    """Return the first step of a role whose title names this."""
    return next(each for each in of.steps if each.role == role and f" {name} on " in each.title)


def test_machines_stand_at_their_provider_and_region() -> None:
    found = {(csp.provider, pool.region): [each.id for each in pool.machines] for csp in shop_plan().csps for pool in csp.pools}
    assert found == {("alpha", "north"): ["vm"], ("beta", "north"): ["catalogue-1", "catalogue-2"]}


def test_a_placement_gives_as_many_machines_as_the_choice_made_copies() -> None:
    for copies, names in ((1, ["catalogue"]), (3, ["catalogue-1", "catalogue-2", "catalogue-3"])):
        whole = plan(CPIM, selection("", placement("catalogue", "beta-vm", copies=copies)), (), NOTHING, CATALOGS)
        assert [each.id for each in machines(whole)] == names


def test_a_machine_has_what_the_model_asks_and_else_what_the_offering_has() -> None:
    vm = next(each for each in machines(shop_plan()) if each.id == "vm")
    assert (vm.cores, vm.memory, vm.storage, vm.os) == (4, 8192, 40, "debian-12")


def test_ports_say_from_whom() -> None:
    vm = next(each for each in machines(shop_plan()) if each.id == "vm")
    assert vm.components == (
        PlannedComponent(
            id=ComponentId("orders"), kind="database", ports=(OpenPort(number=5432, protocol="tcp", sources=("web",)),)
        ),
        PlannedComponent(
            id=ComponentId("web"), kind="web-application", ports=(OpenPort(number=8080, protocol="http", sources=("internet",)),)
        ),
    )


def test_a_managed_service_runs_on_no_machine() -> None:
    managed = [each.component for csp in shop_plan().csps for pool in csp.pools for each in pool.managed]
    assert managed == ["mail"]
    assert all(each.id != "mail" for machine in machines(shop_plan()) for each in machine.components)


def test_every_control_that_counts_on_an_agent_has_its_role_on_the_machine() -> None:
    whole = shop_plan()
    grants = {each.id: {grant.control for grant in each.grants} for each in AGENTS}
    for instance in SELECTION.agents:
        terms = next((each.terms for each in SLAS if each.component == instance.component), ())
        claimed = {each.control for each in terms} & grants[instance.agent]
        for machine in machines(whole):
            if instance.component in {each.id for each in machine.components}:
                planned = next(
                    each for each in machine.agents if (each.agent, each.component) == (instance.agent, instance.component)
                )
                assert set(planned.controls) == claimed
                roles = {
                    each.role for each in whole.steps if each.machine == machine.id and f" {instance.component} on " in each.title
                }
                assert planned.role in roles


def test_what_is_used_comes_before_what_uses_it() -> None:
    whole = shop_plan()
    assert step(whole, "component", "orders").number < step(whole, "component", "web").number
    assert step(whole, "component", "orders").number in step(whole, "component", "web").after


def test_steps_wait_only_for_earlier_ones() -> None:
    for each in shop_plan().steps:
        assert all(1 <= number < each.number for number in each.after)


def test_agents_come_after_what_they_protect() -> None:
    whole = shop_plan()
    assert step(whole, "component", "web").number in step(whole, "ha", "web").after


def test_the_integrity_of_a_machine_is_taken_last() -> None:
    assert shop_plan().steps[-1].role == "integrity"


def test_a_chain_of_agents_hands_requests_on() -> None:
    whole = shop_plan()
    outer = step(whole, "ha", "web").variables["ha_ports"]
    inner = step(whole, "access_control", "web").variables["access_control_ports"]
    own = step(whole, "component", "web").variables["component_ports"]
    assert outer == [{"number": 8080, "forward": 20001, "mode": "http", "tell_source": True}]
    assert inner == [{"number": 20001, "address": "127.0.0.1", "forward": 20002, "tls": False, "told_source": True}]
    assert own == [{"number": 20002, "address": "127.0.0.1", "protocol": "http", "outside": 8080}]


def test_copies_are_reached_by_every_balancer() -> None:
    whole = shop_plan()
    assert step(whole, "ha", "catalogue").variables["ha_machines"] == ["catalogue-1", "catalogue-2"]
    assert step(whole, "component", "catalogue").variables["component_ports"] == [
        {"number": 20001, "address": "0.0.0.0", "protocol": "http", "outside": 8000}
    ]


def test_a_packet_filter_keeps_its_neighbours_reachable() -> None:
    variables = step(shop_plan(), "packet_filter", "web").variables
    assert variables["packet_filter_neighbours"] == [
        {"number": 5432, "transport": "tcp", "sources": [{"name": "web", "machines": ["vm"]}]}
    ]


def test_the_scanner_scans_before_the_hours_of_the_sla_are_over() -> None:
    assert step(shop_plan(), "scanner", "web").variables == {"scanner_component": "web", "scanner_basic_hours": 10}


def test_nothing_of_ours_watches_a_managed_service() -> None:
    assert [each.title for each in shop_plan().steps if " mail " in each.title] == []


def test_no_agent_that_the_model_asks_for_is_dropped_without_a_word() -> None:
    asked = WantedAgent(agent=AgentId("system-monitor"), protects=(ComponentId("mail"), ComponentId("vm"), ComponentId("web")))
    strange = WantedAgent(agent=AgentId("magic"), protects=(ComponentId("web"),))
    whole = plan(replace(CPIM, agents=(asked, strange)), selection("", *SELECTION.placements), SLAS, NOTHING, CATALOGS)
    assert [(each.component, each.title, each.control) for each in whole.tasks] == [
        ("mail", "run agent system-monitor before mail: the plan has no machine for it", ""),
        ("vm", "run agent system-monitor before vm: the plan has no machine for it", ""),
        ("web", "run agent magic before web: the plan has no machine for it", ""),
    ]
    assert step(whole, "musa_agent", "web").machine == "vm"


def test_an_agent_that_cannot_stand_anywhere_is_left_to_a_person() -> None:
    chosen = selection("ha@mail", *SELECTION.placements)
    whole = plan(CPIM, chosen, (sla("mail", "SC-5"),), NOTHING, CATALOGS)
    assert [(each.title, each.control) for each in whole.tasks] == [
        ("run agent ha before mail: the plan has no machine for it", "SC-5")
    ]


def test_duties_are_tasks() -> None:
    assert [(each.number, each.title, each.control, each.source) for each in shop_plan().tasks] == [
        (1, "configure AC-2(4) of beta-mail for mail", "AC-2(4)", "handbook, page 3")
    ]


def test_a_component_without_a_port_gets_one_and_the_step_says_so() -> None:
    cpim = Cpim(name="one", language="tosca", components=(component("web"),))
    whole = plan(cpim, selection("", placement("web", "alpha-vm")), (), NOTHING, CATALOGS)
    assert whole.steps[-1].variables["component_ports"] == [
        {"number": 8080, "address": "0.0.0.0", "protocol": "tcp", "outside": 8080}
    ]
    assert "port 8080: the model names no port: assumed" in whole.steps[-1].because


def test_two_components_never_share_a_port_of_a_machine() -> None:
    ports = (Port(number=80, protocol="http"),)
    cpim = Cpim(
        name="two", language="tosca", components=(component("a", host="vm", ports=ports), component("b", host="vm", ports=ports))
    )
    whole = plan(cpim, selection("", placement("vm", "alpha-vm", "a b")), (), NOTHING, CATALOGS)
    numbers = [port.number for machine in machines(whole) for each in machine.components for port in each.ports]
    assert numbers == [80, 8080]


def test_scripts_are_files_or_commands() -> None:
    cpim = with_script(
        CPIM, "web", Script(operation="create", run="scripts/web.sh"), Script(operation="start", run="python3 app.py")
    )
    whole = plan(cpim, SELECTION, SLAS, COMPOSITION, CATALOGS)
    assert step(whole, "component", "web").variables["component_scripts"] == {
        "create": {"file": "scripts/web.sh", "command": ""},
        "start": {"file": "", "command": "python3 app.py"},
    }


def test_a_machine_is_never_called_what_means_something_else() -> None:
    cpim = Cpim(name="one", language="tosca", components=(component("all"), component("localhost")))
    whole = plan(cpim, selection("", placement("all", "alpha-vm"), placement("localhost", "alpha-vm")), (), NOTHING, CATALOGS)
    assert [each.id for each in machines(whole)] == ["all-machine", "localhost-machine"]


NAMES = [f"c{number}" for number in range(6)]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12), st.randoms(use_true_random=False))
def test_any_graph_gives_one_plan_whatever_the_order_of_agents_and_placements(links, random) -> None:  # type: ignore[no-untyped-def]
    cpim = Cpim(
        name="any",
        language="tosca",
        components=tuple(component(each) for each in NAMES),
        connections=tuple(
            Connection(source=ComponentId(source), target=ComponentId(target)) for source, target in sorted(set(links))
        ),
    )
    chosen = selection(" ".join(f"ha@{each}" for each in NAMES), *(placement(each, "alpha-vm") for each in NAMES))
    mixed_placements, mixed_agents = list(chosen.placements), list(chosen.agents)
    random.shuffle(mixed_placements)
    random.shuffle(mixed_agents)
    mixed = replace(chosen, placements=tuple(mixed_placements), agents=tuple(mixed_agents))
    first = plan(cpim, chosen, (), NOTHING, CATALOGS)
    assert plan(cpim, mixed, (), NOTHING, CATALOGS) == first
    assert [each.number for each in first.steps] == list(range(1, 1 + 3 * len(NAMES)))
    assert all(number < each.number for each in first.steps for number in each.after)
