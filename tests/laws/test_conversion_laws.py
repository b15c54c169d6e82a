"""What TOSCA and CAMEL can both say comes back as it was written, whatever the model; what is lost is told, by reading it again."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import (
    Component,
    Connection,
    Cpim,
    DataClass,
    DataSet,
    Port,
    Resources,
    Role,
    Script,
    Trust,
    Wanted,
    WantedAgent,
    Zone,
)
from musa_pipeline.domain.difference import Difference, differences
from musa_pipeline.domain.ids import AgentId, ComponentId, ControlId, KindId, MetricId
from musa_pipeline.domain.metric import Operator, Slo, Weight
from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.formats.camel import read_camel
from musa_pipeline.formats.camel.write import write_camel
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.formats.macm import read_macm, write_macm
from musa_pipeline.formats.otm import read_otm, write_otm
from musa_pipeline.formats.tosca import read_tosca
from musa_pipeline.formats.tosca.write import write_tosca
from musa_pipeline.text.fetch import Missing
from tests.support import ROOT

TYPES = (ROOT / "catalogs/tosca/musa.yaml").read_text()


def fetch(name: str, importing: str) -> tuple[str, str] | Missing | None:
    return ("catalogs/tosca/musa.yaml", TYPES) if name == "musa.yaml" else None


@cache
def catalogs() -> Catalogs:
    files = sorted(each for each in (ROOT / "catalogs").glob("*/*") if each.suffix in {".yaml", ".json"})
    texts = {each.relative_to(ROOT).as_posix(): each.read_text() for each in files if each.parent.name != "schemas"}
    return read_catalogs(texts, Problems())


def through_tosca(model: Cpim) -> Cpim | None:
    return read_tosca(
        write_tosca(model), "models/app/app.yaml", fetch=fetch, catalogs=catalogs(), problems=sound(), name=model.name
    )


def through_camel(model: Cpim) -> Cpim | None:
    return read_camel(write_camel(model), "models/app/app.camel", fetch=fetch, catalogs=catalogs(), problems=sound())


def through_otm(model: Cpim) -> Cpim | None:
    return read_otm(write_otm(model, catalogs=catalogs()), "app.otm", catalogs=catalogs(), problems=sound())


def through_macm(model: Cpim) -> Cpim | None:
    return read_macm(write_macm(model, catalogs=catalogs()), "app.macm", catalogs=catalogs(), problems=silent())


class _Sound(Problems):
    """Findings among which no error may be."""

    def report(self, code: str, *told: Any, **more: Any) -> None:
        super().report(code, *told, **more)
        assert not self.errors, [str(each) for each in self]


def sound() -> Problems:
    return _Sound()


class _Silent(Problems):
    """Findings among which nothing may be but notes."""

    def report(self, code: str, *told: Any, **more: Any) -> None:
        super().report(code, *told, **more)
        assert all(each.severity is Severity.NOTE for each in self), [str(each) for each in self]


def silent() -> Problems:
    return _Silent()


WAYS = {"tosca": through_tosca, "camel": through_camel}
names = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
words = st.sampled_from(["vm", "host", "data", "port", "name", "role", "uses", "zone", "component", "model", "os"])
some_controls = st.lists(st.sampled_from(["AC-2", "SC-8", "SC-28(1)", "SI-4"]), unique=True, max_size=3)
places = st.frozensets(st.sampled_from(["DE", "FR", "EU"]), max_size=2)
ports = st.builds(
    Port, number=st.integers(1, 65535), protocol=st.sampled_from(["tcp", "acme"]), secure=st.sampled_from([None, True, False])
)
data = st.lists(
    st.builds(
        DataSet, name=st.from_regex(r"[a-z]{1,6}(-[a-z]{1,3})?", fullmatch=True), classification=st.sampled_from(DataClass)
    ),
    max_size=2,
    unique_by=lambda each: each.name,
)
scripts = st.lists(
    st.builds(
        Script,
        operation=st.sampled_from(["create", "configure", "start", "stop"]),
        run=st.sampled_from(["go.sh", "scripts/it.py", "echo it's \\ done", 'printf "%s" x']),
    ),
    max_size=3,
    unique_by=lambda each: each.operation,
).map(lambda found: tuple(sorted(found, key=lambda each: ("create", "configure", "start", "stop").index(each.operation))))
levels = st.builds(
    Slo,
    metric=st.just(MetricId("availability")),
    operator=st.just(Operator.GE),
    bound=st.sampled_from([90, 99.5]),
    unit=st.just("%"),
    weight=st.sampled_from(Weight),
    alert=st.sampled_from([None, 99.9]),
    because=st.sampled_from(["Kept", "policy keep it up", "people's lives"]),
)


def wishes(controls: list[str], capability: str) -> tuple[Wanted, ...]:
    """A capability is one group of controls, whoever has it."""
    controls = ["AC-2", "SC-8"] if capability else controls
    return tuple(Wanted(control=ControlId(each), capability=capability) for each in sorted(controls))


@st.composite
def models(draw: st.DrawFn) -> Cpim:
    """Models of what both languages have words for."""
    called = draw(st.lists(names | words, min_size=1, max_size=6, unique_by=str.lower))
    zones = [Zone(name=each, trust=draw(st.sampled_from(Trust))) for each in draw(st.sets(st.sampled_from(["front", "vault"])))]
    components: list[Component] = []
    for name in called:
        role = draw(st.sampled_from(Role))
        component = Component(
            id=ComponentId(name), name=name, kind=KindId("compute"), role=role, exposed=draw(st.sampled_from([None, True, False])),
            data=tuple(draw(data)), countries=draw(places), zone=draw(st.sampled_from(["", *(each.name for each in zones)])),
            wanted=wishes(draw(some_controls), draw(st.sampled_from(["", "Privacy"]))), slos=tuple(draw(st.lists(levels, max_size=1))),
        )  # fmt: skip
        if role is Role.HOST:
            size = Resources(
                cores=draw(st.integers(0, 4)), memory=draw(st.sampled_from([0, 512])), os=draw(st.sampled_from(["", "debian 12"]))
            )
            component = replace(component, resources=size, data=(), wanted=(), slos=())
        elif role is Role.EXTERNAL:
            listens = tuple(draw(st.lists(ports, max_size=2, unique_by=lambda each: each.number)))
            component = replace(component, kind=KindId("external-service"), ports=listens)
        else:
            instances = draw(st.integers(1, 3))
            component = replace(
                component, kind=KindId(draw(st.sampled_from(["api", "database", "worker", "web-application", "network", "key-store"]))),
                ports=tuple(draw(st.lists(ports, max_size=3, unique_by=lambda each: each.number))), scripts=draw(scripts),
                implements=wishes(draw(some_controls), ""), image=draw(st.sampled_from(["", "acme/app:1@sha256:" + "0" * 64])),
                instances=instances, most_instances=draw(st.sampled_from([0, instances + 1])),
                roles=tuple(draw(st.lists(st.sampled_from(["base", "web-front"]), unique=True))), sla=draw(st.sampled_from(["", "sla-7"])),
            )  # fmt: skip
        components.append(component)
    return _joined(draw, components, zones)


def _joined(draw: st.DrawFn, components: list[Component], zones: list[Zone]) -> Cpim:
    machines = [each for each in components if each.role is Role.HOST]
    placed = []
    for each in components:
        host = draw(st.sampled_from([None, *machines])) if each.role is Role.COMPONENT else None
        placed.append(replace(each, host=host.id, zone=each.zone or host.zone) if host else each)
    found: dict[tuple[str, str], Connection] = {}
    software = [each for each in placed if each.role is not Role.HOST]
    for source in (each for each in software if each.role is Role.COMPONENT):
        for target in software:
            if source is not target and draw(st.booleans()):
                port = draw(st.sampled_from(target.ports)) if target.ports and target.role is Role.COMPONENT else Port()
                port = target.ports[0] if len(target.ports) == 1 else port
                found[source.id, target.id] = Connection(source=source.id, target=target.id, port=port)
    deployed = [each.id for each in placed if each.role is Role.COMPONENT]
    pairs = frozenset(deployed[:2])
    some = len(pairs) == 2
    return Cpim(
        name="app",
        language="",
        components=tuple(sorted(placed, key=lambda each: each.id)),
        connections=tuple(found[each] for each in sorted(found)),
        agents=(WantedAgent(agent=AgentId("ha"), protects=(deployed[0],)),) if deployed and draw(st.booleans()) else (),
        apart=(pairs,) if some and draw(st.booleans()) else (),
        together=(pairs,) if some and draw(st.booleans()) else (),
        zones=tuple(zone for zone in sorted(zones, key=lambda each: each.name) if any(each.zone == zone.name for each in placed)),
    )


@pytest.mark.parametrize("way", WAYS)
@given(model=models())
@settings(max_examples=60, deadline=None)
def test_what_both_languages_can_say_comes_back_as_it_was_written(way: str, model: Cpim) -> None:
    again = WAYS[way](model)
    assert again is not None
    assert differences(model, again) == ()


@given(model=models())
@settings(max_examples=30, deadline=None)
def test_from_one_language_to_the_other_and_back_is_the_same_model(model: Cpim) -> None:
    there = through_camel(model)
    assert there is not None
    back = through_tosca(there)
    assert back is not None
    assert differences(model, back) == ()


def through(way: Callable[[Cpim], Cpim | None], component: Component) -> list[tuple[str, str, str]]:
    """Return what becomes of the facts of one component."""
    model = Cpim(name="app", language="", components=(component,))
    again = way(model)
    assert again is not None
    return [(each.fact, each.before, each.after) for each in differences(model, again)]


def test_what_a_language_has_no_words_for_is_told() -> None:
    one = Component(id=ComponentId("a-b"), name="a-b", kind=KindId("api"), scripts=(Script(operation="delete", run="rm.sh"),))
    assert through(through_tosca, one) == []
    assert through(through_camel, one) == [
        ("name", "a-b", "a_b"),
        ("scripts", "operation delete, run rm.sh", ""),
    ]
    plain = replace(one, name="ab", id=ComponentId("ab"), scripts=(), ports=(Port(number=80, protocol="http"),))
    assert through(through_camel, plain) == [("ports", "number 80, protocol http", "number 80, protocol http, not secure")]


def sayable_in_otm(model: Cpim) -> Cpim:
    """The model without the facts for which OTM has neither words nor attributes of ours."""
    parts = tuple(
        replace(each, resources=Resources(), slos=(), scripts=(), roles=(), wanted=tuple(replace(one, capability="") for one in each.wanted))
        for each in model.components
    )  # fmt: skip
    return replace(model, components=parts, agents=(), apart=(), together=())


@given(model=models())
@settings(max_examples=60, deadline=None)
def test_what_otm_can_say_comes_back_as_it_was_written(model: Cpim) -> None:
    again = through_otm(model)
    assert again is not None
    assert differences(sayable_in_otm(model), again) == ()
    unsaid = {"resources", "slos", "scripts", "roles", "wanted", "agents", "apart", "together"}
    assert {each.fact for each in differences(model, again)} <= unsaid


@given(model=models())
@settings(max_examples=60, deadline=None)
def test_a_composition_model_says_all_of_a_model_and_obeys_its_schema(model: Cpim) -> None:
    again = through_macm(model)
    assert again is not None
    assert differences(model, again) == ()


def test_a_component_that_is_gone_or_new_is_a_difference_too() -> None:
    one = Component(id=ComponentId("a"), name="A", kind=KindId("api"))
    other = replace(one, id=ComponentId("b"), name="B")
    before, after = (Cpim(name="app", language="", components=(each,)) for each in (one, other))
    assert differences(before, after) == (
        Difference(component=ComponentId("a"), fact="component", before="A", after=""),
        Difference(component=ComponentId("b"), fact="component", before="", after="B"),
    )
