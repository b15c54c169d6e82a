"""Small catalogs by hand, files in memory, and the shortest way from TOSCA text to what came of it."""

from collections.abc import Mapping
from pathlib import Path

from musa_pipeline.domain.agent import Agent, AgentWork
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.control import Control, ControlCatalog
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.ids import AgentId, ControlId, KindId, MetricId
from musa_pipeline.domain.kind import Kind
from musa_pipeline.domain.metric import Combine, Metric, Operator, Scale
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Source
from musa_pipeline.formats.tosca import read_tosca

ROOT = Path(__file__).resolve().parents[3]
TYPES = (ROOT / "catalogs/tosca/musa.yaml").read_text()
_SOURCE = Source(document="made up for tests")


def _kind(name: str, *words: str, types: tuple[str, ...] = ()) -> Kind:
    return Kind(id=KindId(name), title=name, source=_SOURCE, words=words, types=types)


def _control(name: str, *moved_to: str, withdrawn: bool = False) -> Control:
    return Control(
        id=ControlId(name), title=name, moved_to=tuple(map(ControlId, moved_to)), withdrawn=withdrawn or bool(moved_to)
    )


def _metric(name: str, unit: str, scale: Scale, operator: Operator, highest: float | None = None) -> Metric:
    combine = Combine.MIN if operator is Operator.GE else Combine.MAX
    return Metric(
        id=MetricId(name), title=name, definition="", unit=unit, scale=scale, operator=operator, combine=combine,
        max_age=60, source=_SOURCE, lowest=0, highest=highest,
    )  # fmt: skip


CATALOGS = Catalogs(
    controls=ControlCatalog(
        id="r5",
        title="Security and Privacy Controls",
        revision="5",
        version="5.1",
        source=_SOURCE,
        controls=(
            *(
                _control(each)
                for each in ("AC-2", "AC-3", "AC-6", "AU-2", "CP-9", "IA-2", "IA-5", "SC-5", "SC-7", "SC-8", "SC-28", "SI-7")
            ),
            _control("IA-2(11)", "IA-2(6)"),
            _control("IA-2(6)"),
            _control("SC-14", withdrawn=True),
        ),
    ),
    kinds=(
        _kind("api", "service", types=()),
        _kind("cache", "redis"),
        _kind("compute", types=("tosca.nodes.Compute",)),
        _kind("container-runtime", "docker", types=("tosca.nodes.Container.Runtime",)),
        _kind("database", "db", "mysql", "mongo", "database", types=("tosca.nodes.Database", "tosca.nodes.DBMS")),
        _kind("external-service"),
        _kind("file-store"),
        _kind("function", "lambda", "function"),
        _kind("identity-provider"),
        _kind("load-balancer", "load balancer", types=("tosca.nodes.LoadBalancer",)),
        _kind("message-broker", "rabbitmq"),
        _kind("mobile-client"),
        _kind("object-store", "bucket", types=("tosca.nodes.ObjectStorage", "tosca.nodes.Storage.ObjectStorage")),
        _kind("software", types=("tosca.nodes.SoftwareComponent", "tosca.nodes.Root")),
        _kind("web-application", "webapp", "wordpress", types=("tosca.nodes.WebApplication",)),
        _kind("web-server", "nginx", types=("tosca.nodes.WebServer",)),
        _kind("worker", "worker"),
    ),
    metrics=(
        _metric("availability", "%", Scale.PERCENT, Operator.GE, 100),
        _metric("response-time", "ms", Scale.NUMBER, Operator.LE),
        _metric("m13-scanning-frequency-basic-scan", "h", Scale.NUMBER, Operator.LE),
        _metric("forward-secrecy", "yes/no", Scale.BOOLEAN, Operator.EQ, 1),
    ),
    agents=(Agent(id=AgentId("ha"), title="HAProxy", work=AgentWork.ENFORCEMENT, role="ha", source=_SOURCE),),
)


def read(text: str, files: Mapping[str, str] | None = None, file: str = "models/app/app.yaml") -> tuple[Cpim | None, Problems]:
    """Read a text with files that lie beside it."""
    found = {"musa.yaml": TYPES, **(files or {})}
    problems = Problems()

    def fetch(name: str, importer: str) -> tuple[str, str] | None:
        return (f"models/app/{name}", found[name]) if name in found else None

    return read_tosca(text, file, fetch=fetch, catalogs=CATALOGS, problems=problems), problems


def model(templates: str, *, rest: str = "", files: Mapping[str, str] | None = None) -> tuple[Cpim, list[str]]:
    """Read node templates, written in flow style or indented by four; return the model and its problems as text."""
    text = "tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [musa.yaml]\ntopology_template:\n  node_templates:\n"
    cpim, problems = read(text + templates.rstrip() + "\n" + rest, files)
    assert cpim is not None
    return cpim, [f"{each.code} {each.severity} {each.at.line}:{each.at.column} {each.text} | {each.help}" for each in problems]
