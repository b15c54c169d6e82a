"""The paper's case study, over the real catalogs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from musa_pipeline.domain.answers import Answers, Grant
from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.cpim import Cpim, Role
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.settings import RiskSettings
from musa_pipeline.formats.answers import read_answers
from musa_pipeline.formats.camel import read_camel
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.risk import assess
from tests.support import ROOT

FOLDER = ROOT / "models/smart-mobility"
PAPER = {"SC-5", "RA-5", "IA-5", "SC-23", "SI-4"}


@pytest.fixture(scope="module")
def catalogs() -> Catalogs:
    folder = ROOT / "catalogs"
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".yaml", ".json")
        and path.parent.name in ("kinds", "controls", "metrics", "agents", "threats", "scopes")
    }
    return read_catalogs(files, Problems())


@pytest.fixture(scope="module")
def case(catalogs: Catalogs) -> tuple[Cpim, Answers]:
    problems = Problems()
    model = read_camel((FOLDER / "app.camel").read_text("utf-8"), "app.camel", catalogs=catalogs, problems=problems)
    assert model
    answers = read_answers(
        (FOLDER / "answers.yaml").read_text("utf-8"), "answers.yaml", cpim=model, catalogs=catalogs, problems=problems
    )
    assert list(problems) == []
    return model, answers


def test_the_model_has_what_the_paper_names(case: tuple[Cpim, Answers]) -> None:
    found = {each.id: each for each in case[0].components}
    assert {"tsm-engine", "journey-planner", "consumption-estimator", "citizens-data", "identity-manager", "mobile-gateway"} == {
        each for each in found if found[each].role is Role.COMPONENT
    }
    assert {"traffic-data", "weather-data", "parking-data"} == {each for each in found if found[each].role is Role.EXTERNAL}
    assert {country for each in found.values() if each.role is Role.HOST for country in each.countries} == {"EU"}
    (availability,) = found["tsm-engine"].slos  # type: ignore[index]
    assert (availability.metric, availability.operator, availability.bound, availability.alert) == (
        "availability",
        "geq",
        99,
        99.5,
    )


def test_the_engine_requires_the_papers_controls_by_its_threats_alone(case: tuple[Cpim, Answers], catalogs: Catalogs) -> None:
    model, answers = case
    required = {
        each.control: each for each in assess(model, answers, catalogs, RiskSettings()).required if each.component == "tsm-engine"
    }
    assert set(required) >= PAPER
    assert not any(required[control].wanted for control in PAPER)  # type: ignore[index]
    by = {each.control: each.by for one in answers.components if one.component == "tsm-engine" for each in one.controls}
    assert {control: by[control] for control in PAPER} == {  # type: ignore[index]
        "IA-5": Grant.COMPONENT,
        "SC-23": Grant.COMPONENT,
        "SC-5": Grant.AGENT,
        "RA-5": Grant.AGENT,
        "SI-4": Grant.AGENT,
    }


def test_risks_are_told_apart(case: tuple[Cpim, Answers], catalogs: Catalogs) -> None:
    risks = assess(*case, catalogs, RiskSettings()).risks
    assert len({each.rating for each in risks}) >= 3
    worst = {
        name: max(each.rating.score for each in risks if each.component == name) for name in ("tsm-engine", "journey-planner")
    }
    assert worst["tsm-engine"] > worst["journey-planner"]


@pytest.fixture
def start() -> Iterator[Callable[..., int]]:
    """Run components as the deployment does: by their environment, on free ports."""
    running: list[subprocess.Popen[bytes]] = []

    def run(component: str, **used: int) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        environment = {"PATH": os.environ["PATH"], "COMPONENT": component, "LISTEN": f"127.0.0.1:{port}"}
        for name, number in used.items():
            environment |= {f"{name.upper()}_HOST": "127.0.0.1", f"{name.upper()}_PORT": str(number)}
        running.append(subprocess.Popen([sys.executable, "-I", str(FOLDER / "mobility.py")], env=environment))
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.05)
        raise AssertionError(f"{component} does not listen")

    yield run
    for each in running:
        each.send_signal(signal.SIGTERM)
        each.wait(10)


def get(port: int, path: str) -> object:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def test_what_is_deployed_answers_over_all_its_components(start: Callable[..., int]) -> None:
    planner, estimator = start("journey-planner"), start("consumption-estimator")
    engine = start("tsm-engine", journey_planner=planner, consumption_estimator=estimator)
    gateway = start("mobile-gateway", tsm_engine=engine)
    found = get(gateway, "/journeys?from=Hervanta&to=Kaleva")
    assert isinstance(found, list)
    assert found == get(engine, "/journeys?from=Hervanta&to=Kaleva")
    assert [each["kwh"] for each in found] == sorted(each["kwh"] for each in found)
    assert {"bicycle", "bus", "car", "tram"} <= {each["way"] for each in found}


def test_a_used_component_that_is_away_is_told(start: Callable[..., int]) -> None:
    engine = start("tsm-engine", journey_planner=9)
    assert get(engine, "/") == {"component": "tsm-engine", "paths": ["/journeys"]}
    with pytest.raises(HTTPError) as failed:
        get(engine, "/journeys")
    assert failed.value.code == 502


def test_profiles_and_tokens_are_kept(start: Callable[..., int]) -> None:
    data, identities = start("citizens-data"), start("identity-manager")

    def post(port: int, path: str, body: bytes) -> object:
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", body), timeout=10) as answer:
            return json.load(answer)

    assert post(data, "/profiles?citizen=aino", b'{"way": "tram"}') == {"way": "tram"}
    assert get(data, "/profiles?citizen=aino") == {"way": "tram"}
    token = post(identities, "/tokens", b'{"citizen": "aino"}')
    assert isinstance(token, dict)
    assert get(identities, f"/tokens?token={token['token']}") == {"citizen": "aino"}
    for body in (b"no json", b"[]"):
        with pytest.raises(HTTPError):
            post(identities, "/tokens", body)


def test_the_grammar_travels_with_the_package() -> None:
    folder = Path(ROOT / "musa_pipeline/formats/camel/grammar")
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "check-ignore", *map(str, folder.glob("*.tx"))], capture_output=True, check=False
    )
    assert tracked.stdout == b""
    assert len(list(folder.glob("*.tx"))) > 10
