"""A small model with its risks, over the real catalogs, for those who write them in a format."""

from dataclasses import replace

from musa_pipeline.domain.answers import Answers
from musa_pipeline.domain.cpim import Component, Connection, Cpim, DataClass, DataSet, Role
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.domain.residual import ResidualProfile
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.domain.source import Span
from musa_pipeline.risk import assess
from musa_pipeline.risk.residual import residual
from tests.files.test_catalog_files import CATALOGS

HOSTILE = (
    "``|<script>alert(1)</script> [x](http://evil.example) ![i](http://evil.example/i.png) @octocat #12 www.evil.example "
    "me@evil.example <!-- $x$ ~~d~~ &lt; ]]> \n\n# head\n```\n---\n\x1b[31m \u202e %%{init: {'theme': 'dark'}}%%"
)
FILE = "models/bank/bank.yaml"
LINES = ("topology_template:", "  node_templates:", "    \U0001f3e6web: {}", "    vault: {}", "    vm: {}")

VM = Component(id=ComponentId("vm"), name="vm", kind=KindId("compute"), role=Role.HOST, at=Span(FILE, 5, 5, 2))
WEB = Component(
    id=ComponentId("web"), name="web", kind=KindId("web-application"), host=VM.id, exposed=True, at=Span(FILE, 3, 6, 3)
)
VAULT = Component(
    id=ComponentId("vault"),
    name="vault",
    kind=KindId("database"),
    host=VM.id,
    data=(DataSet(name="people", classification=DataClass.PERSONAL),),
    at=Span(FILE, 4, 5, 5),
)
BANK = Cpim(
    name="bank",
    language="tosca",
    components=(VAULT, VM, WEB),
    connections=(Connection(source=WEB.id, target=VAULT.id),),
)


def assessed(cpim: Cpim = BANK) -> RiskProfile:
    return assess(cpim, Answers(), CATALOGS, RiskSettings())


def half_granted(profile: RiskProfile) -> ResidualProfile:
    """What is left when every component is granted every second control that it asks for."""
    granted = {
        each: frozenset(one.control for one in profile.required[::2] if one.component == each) for each in (VAULT.id, WEB.id)
    }
    return residual(profile, granted, CATALOGS, RiskSettings())


def renamed(cpim: Cpim, name: str) -> Cpim:
    """The same model, whose application and components have another name, ids as well."""
    own = {each.id: ComponentId(f"{each.id}{name}") for each in cpim.components}
    return replace(
        cpim,
        name=name,
        components=tuple(
            replace(each, id=own[each.id], name=name, host=own[each.host] if each.host else None) for each in cpim.components
        ),
        connections=tuple(replace(each, source=own[each.source], target=own[each.target]) for each in cpim.connections),
    )
