"""Taking in what was measured, on the shop: what moves, what is kept beside the model, and what is told of the rest."""

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from musa_pipeline.context.sqlite import SqliteContext
from musa_pipeline.domain.errors import FilesWrong, OutsideFailed, UsageWrong
from musa_pipeline.domain.event import Event
from musa_pipeline.stages.measured import Measured, keep, measure, tell_stale
from musa_pipeline.stages.read import read_model
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from musa_pipeline.workspace.reports import TOKEN
from tests.command import musa
from tests.support import ROOT

NOW = 1_780_000_000.0
"""2026-05-28, 20:26:40."""
DAY = 86_400


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "models/shop", tmp_path / "models/shop")
    (tmp_path / "musa.yaml").write_text("risk: {half_life: 30 d}\n")
    return tmp_path


def _measure(folder: Path, *named: Path | str, now: float = NOW, component: str = "") -> tuple[Measured, Work]:
    work = Work(find(str(folder / "models/shop")))
    work.set("cpim", read_model(work))
    return measure(work, [str(each) for each in named], now, component=component), work


def _sarif(folder: Path, *found: tuple[str, str], at: str = "2026-05-20T10:00:00Z", name: str = "scan.sarif") -> Path:
    results = [
        {
            "ruleId": cwe,
            "message": {"text": "m"},
            "properties": {"tags": [cwe], "security-severity": "9.8"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}}}],
        }
        for cwe, uri in found
    ]
    run = {"tool": {"driver": {"name": "Finder"}}, "invocations": [{"endTimeUtc": at}], "results": results}
    path = folder / name
    path.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    return path


def _events(folder: Path, *data: dict[str, Any]) -> Path:
    lines = [
        json.dumps(
            {
                "specversion": "1.0",
                "id": f"e{number}",
                "type": each.pop("is"),
                "source": "t",
                "time": "2026-05-28T00:00:00Z",
                "data": each,
            }
        )
        for number, each in enumerate(data)
    ]
    path = folder / "events.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def _incident(component: str, began: float = NOW - DAY) -> dict[str, Any]:
    said = {"objective": f"{component}:availability", "component": component, "metric": "availability", "stage": "closed"}
    times = {"began": began, "told": began, "ended": began + 60}
    return {
        "is": "musa.incident",
        "id": f"{component}@{began}",
        **said,
        **times,
        "cause": component,
        "machine": "m1",
        "because": "it fell",
        "recommendation": "",
    }


def _likelihood(found: Measured, risk: str) -> tuple[float, float]:
    before, after = ({each.id: each.likelihood for each in one.risks} for one in (found.before, found.after))
    return before[risk], after[risk]


def test_a_flaw_raises_its_threat_and_says_by_what(shop: Path) -> None:
    found, _ = _measure(shop, _sarif(shop, ("CWE-79", "web/shop.py")))
    before, after = _likelihood(found, "web/cross-site-scripting")
    assert after > before
    risk = next(each for each in found.after.risks if each.id == "web/cross-site-scripting")
    moved = {each.name: each.moves[-1].because for each in found.after.factors_of(risk) if each.moves}
    assert moved["exploit"] == "measured: 1 vulnerability (CWE-79) by Finder, newest 2026-05-20"


def test_what_is_kept_moves_the_next_run_alike_and_is_not_kept_twice(shop: Path) -> None:
    scan = _sarif(shop, ("CWE-79", "web/shop.py"))
    first, _ = _measure(shop, scan)
    keep(first)
    again, _ = _measure(shop, scan)
    assert (again.changed, again.before.risks, again.gathered.reads[0].new) == (False, first.after.risks, 0)
    written = (shop / "models/shop/measured.yaml").read_text()
    (shop / "models/shop/measured.yaml").write_text("map: {vm-7: vm} # ours\n" + written[written.index("as_of:") :])
    keep(_measure(shop, scan)[0])
    assert (shop / "models/shop/measured.yaml").read_text().startswith("map: {vm-7: vm} # ours\nas_of: 2026-05-28\n")


def test_a_flaw_that_the_next_scan_does_not_find_is_gone(shop: Path) -> None:
    both = _sarif(shop, ("CWE-79", "web/a.py"), ("CWE-89", "web/b.py"))
    keep(_measure(shop, both)[0])
    fixed, _ = _measure(shop, _sarif(shop, ("CWE-89", "web/b.py"), at="2026-05-21T10:00:00Z"))
    assert [each.bearing.weaknesses for each in fixed.dossier.evidence] == [("CWE-89",)]
    before, after = _likelihood(fixed, "web/cross-site-scripting")
    assert after < before


def test_a_flaw_that_two_reports_of_one_tool_tell_counts_once(shop: Path) -> None:
    scans = [_sarif(shop, ("CWE-79", "web/a.py"), name=each) for each in ("monday.sarif", "tuesday.sarif")]
    once, twice = (_measure(shop, *scans[:count])[0] for count in (1, 2))
    assert len(twice.dossier.evidence) == 2
    assert once.after.risks == twice.after.risks


def test_evidence_fades_by_the_half_life_of_the_settings(shop: Path) -> None:
    scan = _sarif(shop, ("CWE-79", "web/shop.py"))
    young, _ = _measure(shop, scan)
    old, _ = _measure(shop, scan, now=NOW + 300 * DAY)
    assert _likelihood(young, "web/cross-site-scripting")[1] > _likelihood(old, "web/cross-site-scripting")[1]
    assert _likelihood(old, "web/cross-site-scripting")[0] == _likelihood(old, "web/cross-site-scripting")[1]


def test_incidents_of_the_platform_raise_what_their_promise_shows(shop: Path) -> None:
    verdict = {"objective": "web:availability", "component": "web", "metric": "availability", "time": NOW - DAY, "value": 1.0}
    rest = {"samples": 3, "beyond": 3, "last": NOW, "confidence": 1.0, "reason": "too low"}
    flood = {
        "is": "musa.finding",
        "id": "f",
        "type": "volumetric-dos",
        "component": "web",
        "machine": "m1",
        "time": NOW - DAY,
        "confidence": 0.95,
        "algorithm": "a",
    }
    held = {"is": "musa.verdict", **verdict, **rest, "state": "fulfilled"}
    found, _ = _measure(shop, _events(shop, _incident("web"), flood, {**held, "state": "violated"}, held))
    assert [str(each.kind) for each in found.dossier.evidence] == ["incident", "detection", "violation"]
    assert dict(found.gathered.reads[0].left) == {"a verdict: fulfilled": 1}
    before, after = _likelihood(found, "web/denial-of-service")
    assert after > before


def test_what_the_platform_remembers_is_read_from_its_folder(shop: Path) -> None:
    said = _incident("orders")
    said.pop("is")
    context = SqliteContext(shop / "context.sqlite")
    context.tell(
        [Event(id="i1", type="musa.incident", source="checker", subject="orders", time=NOW, data=json.dumps(said).encode())]
    )
    context.close()
    found, _ = _measure(shop, shop)
    assert [(each.component, str(each.kind)) for each in found.dossier.evidence] == [("orders", "incident")]


def test_nothing_is_lost_in_silence(shop: Path) -> None:
    scan = _sarif(shop, ("CWE-79", "billing/a.py"), ("CWE-99999", "web/a.py"), ("CWE-79", "web/a.py"))
    found, _ = _measure(shop, scan)
    assert dict(found.gathered.nowhere) == {"billing": 1}
    assert dict(found.gathered.nothing) == {"CWE-99999": 1}
    (shop / "models/shop/measured.yaml").write_text("map: {billing: orders}\n")
    mapped, _ = _measure(shop, scan)
    assert {each.component for each in mapped.dossier.evidence} == {"web", "orders"}
    everything, _ = _measure(shop, scan, component="vm")
    assert {each.component for each in everything.dossier.evidence} == {"vm"}


def test_a_finding_of_a_time_to_come_counts_as_of_today(shop: Path) -> None:
    found, work = _measure(shop, _sarif(shop, ("CWE-79", "web/a.py"), at="2036-01-01T00:00:00Z"))
    assert [each.time for each in found.dossier.evidence] == [int(NOW)]
    assert [each.code for each in work.problems] == ["E013"]


def test_what_is_wrong_in_the_file_is_told_at_once_with_the_way_out(shop: Path) -> None:
    row = '{kind: vulnerabilty, severity: high, time: soon, tool: T, weaknesses: [CWE-79], ids: ["1"]}'
    path = shop / "models/shop/measured.yaml"
    path.write_text(f"as_of: yesterday\nmap: {{a: wbe}}\nevidence:\n  web:\n    - {row}\n    - 7\n  gone: []\nmore: 1\n")
    with pytest.raises(FilesWrong) as wrong:
        _measure(shop, _sarif(shop, ("CWE-79", "web/a.py")))
    said = {(each.code, each.at.line, each.help) for each in wrong.value.problems}
    assert said >= {
        ("E009", 1, "write a day such as 2026-01-31"),
        ("E007", 2, "did you mean 'web'?"),
        ("E008", 5, "did you mean 'vulnerability'?"),
        ("E009", 5, 'write a time such as "2026-01-31T12:00:00Z"'),
    }
    assert {each[:2] for each in said} >= {("E005", 6), ("E007", 7), ("E006", 8)}


def test_a_file_older_than_a_half_life_is_told(shop: Path) -> None:
    keep(_measure(shop, _sarif(shop, ("CWE-79", "web/a.py")))[0])
    _, work = _measure(shop, now=NOW)
    tell_stale(work, NOW + 20 * DAY)
    assert [str(each) for each in work.problems] == []
    tell_stale(work, NOW + 40 * DAY)
    assert [(each.code, each.at.line, each.text) for each in work.problems] == [
        ("E012", 3, "what was measured is of 2026-05-28, 40 days ago: more than the half-life of 30 days")
    ]


def test_names_in_reports_do_not_reach_a_terminal_raw(shop: Path) -> None:
    scan = _sarif(shop, ("CWE-79", "web/a.py"), ("CWE-79", "\x1b[31mred/a.py"))
    scan.write_text(scan.read_text().replace("Finder", "\\u001b[31mFinder\\u202e"))
    found, _ = _measure(shop, scan)
    assert (found.gathered.reads[0].account.tool, list(found.gathered.nowhere)) == ("?[31mFinder?", ["?[31mred"])


def test_a_report_that_is_not_there_is_told_before_anything_is_written(shop: Path) -> None:
    with pytest.raises(UsageWrong, match="there is no file"):
        _measure(shop, shop / "nothing.sarif")


@pytest.mark.parametrize(
    "address", ["http://[::1", "https://me:S3CRET@127.0.0.1:1/x?token=S3CRET", "http://127.0.0.1:1/x?key=S3CRET"]
)
def test_an_address_that_does_not_answer_is_told_without_its_secrets(shop: Path, address: str) -> None:
    with pytest.raises((UsageWrong, OutsideFailed)) as told:
        _measure(shop, address)
    assert "S3CRET" not in f"{told.value.text} {told.value.way_out}"


class _Platform(BaseHTTPRequestHandler):
    """Answers as the platform's events door does, in pages of one, and remembers which token it was told."""

    pages: ClassVar[tuple[str, ...]] = ()
    tokens: ClassVar[set[str | None]] = set()

    def do_GET(self) -> None:
        self.tokens.add(self.headers.get("Authorization"))
        number = int(self.path.rpartition("after=")[2]) if "after=" in self.path else 0
        ours = self.pages if "type=musa.incident" in self.path else ()
        more = str(number + 1) if number + 1 < len(ours) else None
        body = json.dumps({"events": [json.loads(ours[number])] if ours else [], "next": more}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def platform(shop: Path) -> Iterator[str]:
    _Platform.tokens.clear()
    _Platform.pages = tuple(_events(shop, _incident("web"), _incident("orders")).read_text().splitlines())
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Platform)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_the_running_platform_is_asked_page_by_page_and_told_the_token(
    shop: Path, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "a-token")
    found, _ = _measure(shop, platform)
    assert {each.component for each in found.dossier.evidence} == {"web", "orders"}
    assert _Platform.tokens == {"Bearer a-token"}


def test_the_command_shows_keeps_and_rehearses(shop: Path) -> None:
    scan = _sarif(shop, ("CWE-79", "web/shop.py"), ("CWE-22", "web/shop.py"))
    rehearsed = musa("risk", "shop", "--measured", scan, "--as-of", "2026-05-28", "--dry-run", cwd=shop)
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert not (shop / "models/shop/measured.yaml").exists()
    assert not (shop / "sla").exists()
    assert "nothing is written" in rehearsed.stdout
    assert "evidence of threats that answers.yaml, or its silence, rules out" in rehearsed.stdout
    done = musa("risk", "shop", "--measured", scan, "--as-of", "2026-05-28", cwd=shop)
    assert "written   models/shop/measured.yaml: review and commit it" in done.stdout
    assert "measured: 1 vulnerability (CWE-79) by Finder" in (shop / "sla/shop/risk.json").read_text()
    shown = musa("risk", "shop", cwd=shop).stdout
    assert "measured  2 vulnerabilities as of 2026-05-28, newest 2026-05-20 (models/shop/measured.yaml)" in shown
