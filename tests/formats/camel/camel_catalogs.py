"""A few catalog entries, enough for models in tests."""

from musa_pipeline.domain.agent import Agent, AgentWork
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import AgentId, ControlId, KindId, MetricId
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.camel import read_camel

FROM = Source(document="made up")


def _control(control: str, moved_to: str = "") -> Control:
    return Control(
        id=ControlId(control), title=control, withdrawn=bool(moved_to), moved_to=(ControlId(moved_to),) if moved_to else ()
    )


def _metric(metric: str, title: str, unit: str, scale: Scale, operator: Operator, reference: str = "") -> Metric:
    return Metric(
        id=MetricId(metric),
        title=title,
        definition="",
        unit=unit,
        scale=scale,
        operator=operator,
        combine=Combine.MIN,
        max_age=60,
        source=FROM,
        reference=reference,
        lowest=0,
        highest=100 if scale is Scale.PERCENT else None,
    )


def _kind(kind: str, *words: str) -> Kind:
    return Kind(id=KindId(kind), title=kind, source=FROM, words=words)


def _agent(agent: str) -> Agent:
    return Agent(id=AgentId(agent), title=agent, work=AgentWork.MONITORING, role=agent, source=FROM)


CATALOGS = Catalogs(
    controls=ControlCatalog(
        id="r5",
        title="Security and Privacy Controls",
        revision="5",
        version="5",
        source=FROM,
        controls=(
            *map(_control, ("AC-6", "AC-17", "AC-17(1)", "IA-5", "RA-5", "SC-5", "SC-8", "SC-23", "SC-28", "SI-4")),
            _control("RA-5(1)", moved_to="RA-5"),
        ),
    ),
    kinds=(
        _kind("api", "service"),
        _kind("compute"),
        _kind("database", "db", "store"),
        _kind("external-service"),
        _kind("software"),
        _kind("web-application", "web", "portal"),
    ),
    metrics=(
        _metric("availability", "Availability", "%", Scale.PERCENT, Operator.GE),
        _metric("application-response-time", "Application response time", "ms", Scale.NUMBER, Operator.LE),
        _metric("m13-scanning-frequency-basic-scan", "Scanning Frequency - Basic Scan", "h", Scale.NUMBER, Operator.LE, "M13"),
        _metric("resilience-to-attacks", "Resilience to attacks", "", Scale.BOOLEAN, Operator.EQ),
    ),
    agents=(_agent("ha"), _agent("system-monitor")),
)


def read(text: str) -> tuple[Cpim | None, list[str]]:
    """Return the model, and every finding with its way out."""
    problems = Problems()
    model = read_camel(text, "app.camel", catalogs=CATALOGS, problems=problems)
    return model, [f"{each}" + (f" -> {each.help}" if each.help else "") for each in problems]


SMALL = """\
camel model Small {
  deployment model Services {
    requirement set Needs { quantitative hardware: Wanted.Medium os: Wanted.Debian location: Wanted.There }
    vm Machine { requirement set Needs provided host MachineHost }
    internal component Portal {
      provided communication Http { port: 8080 }
      required communication StoreReq { mandatory }
      required host PortalHost
      configuration PortalConfiguration {
        download: 'wget https://example.com/portal.tar.gz'
        install: "tar xzf portal.tar.gz"
        start: './portal'
        stop: 'pkill -x portal'
      }
    }
    internal component PersonStore {
      provided communication Sql { port: 5432 }
      required host StoreHost
    }
    hosting PortalOnMachine { from Portal.PortalHost to Machine.MachineHost }
    hosting StoreOnMachine { from PersonStore.StoreHost to Machine.MachineHost }
    communication PortalToStore { from Portal.StoreReq to PersonStore.Sql }
  }
  requirement model Wanted {
    quantitative hardware Medium { core: 2.. ram: 4096.. storage: 40.. }
    os Debian { os: 'Debian 12' 64os }
    location requirement There { locations [Places.DE, Places.Union] }
  }
  location model Places {
    country DE { name: 'Germany' }
    region Union { name: 'European Union' }
  }
}
"""
"""Two components on one machine, without our layer."""


def small(*, layer: str = "", more: str = "") -> str:
    """Return the small model with our layer, and with more sub-models, at its end."""
    end = SMALL.rindex("}")
    return f"{SMALL[:end]}{more}\n" + (f"  musa model v1 {{\n{layer}\n  }}\n" if layer else "") + "}\n"
