"""`musa risk --ask`: each answer is in the file at once, can be taken back, and nothing of what people wrote is lost."""

import io
import shutil
from pathlib import Path

import pytest

from musa_pipeline.cli import asking
from musa_pipeline.cli.outlet import Outlet
from musa_pipeline.domain.answers import ControlAnswer, FactorAnswer, Grant, QuestionAnswer
from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.ids import ComponentId, ControlId, ThreatId
from musa_pipeline.domain.question import Consequence, ControlQuestion, FactorQuestion, Question, ThreatQuestion
from musa_pipeline.stages import pipeline, values
from musa_pipeline.stages.questions import Conflict, Interview, open_questions
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.command import musa
from tests.support import ROOT

NONE = Consequence(rating=None)
THREAT = ThreatQuestion(
    value=7,
    component=ComponentId("web"),
    threat=ThreatId("injection"),
    question="?",
    assumed=True,
    yes=NONE,
    no=NONE,
)
FACTOR = FactorQuestion(value=3, factor="privacy", now=None, least=1, most=4, moves=1)
CONTROL = ControlQuestion(value=7, component=ComponentId("web"), control=ControlId("SC-5"))


class Typed(io.StringIO):
    """What somebody types on a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "musa.yaml").touch()
    return Path(shutil.copytree(ROOT / "models/shop", tmp_path / "models/shop"))


def begin(model: Path) -> Work:
    work = Work(find(str(model)))
    for _ in pipeline.run(work, "risk"):
        pass
    return work


def talk(monkeypatch: pytest.MonkeyPatch, model: Path, *lines: str, kind: type[io.StringIO] = io.StringIO, only: str = "questions") -> int:  # fmt: skip
    monkeypatch.setattr("sys.stdin", kind("".join(f"{line}\n" for line in lines)))
    return asking.ask(Outlet(color=False), begin(model), ComponentId("web"), only)


def added(model: Path, before: str) -> list[str]:
    """The lines that are new; all others must be as they were."""
    now = (model / "answers.yaml").read_text().splitlines()
    rest = iter(now)
    assert all(line in rest for line in before.splitlines())
    return [line for line in now if line not in before.splitlines()]


@pytest.mark.parametrize(
    ("line", "question", "meant"),
    [
        ("y", THREAT, QuestionAnswer(threat=ThreatId("injection"), yes=True)),
        ("No, because it has no language", THREAT, QuestionAnswer(threat=ThreatId("injection"), yes=False, because="it has no language")),
        ("5 hundreds  of people", FACTOR, FactorAnswer(factor="privacy", value=5, because="hundreds of people")),
        ("10", FACTOR, None),
        ("², of course", FACTOR, None),
        ("5", THREAT, None),
        ("ag watches it", CONTROL, ControlAnswer(control=ControlId("SC-5"), by=Grant.AGENT, because="watches it")),
        ("no", CONTROL, ControlAnswer(control=ControlId("SC-5"), by=Grant.NOBODY)),
        ("s", CONTROL, asking.Wish.SKIP),
        ("?", FACTOR, asking.Wish.WHY),
        ("", CONTROL, None),
    ],
)  # fmt: skip
def test_a_line_is_understood(line: str, question: Question, meant: object) -> None:
    assert asking.understood(line, question) == meant


def test_answers_from_a_pipe_are_written_where_they_belong(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    before = (model / "answers.yaml").read_text()
    assert talk(monkeypatch, model, "y they sign in", "skip", "n") == 0
    new = added(model, before)
    assert len(new) == 2
    assert 'yes, because: "they sign in"}' in new[0]
    assert new[1].endswith(": no")


def test_undo_takes_the_answer_out_of_the_file_and_asks_it_again(
    monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (model / "answers.yaml").read_bytes()
    assert talk(monkeypatch, model, "y", "undo", "undo", "quit") == 0
    assert (model / "answers.yaml").read_bytes() == before
    said = capsys.readouterr()
    assert "taken back: questions web" in said.out
    assert "nothing was answered in this interview" in said.err
    assert "0 answers written to models/shop/answers.yaml" in said.out


def test_back_asks_the_last_question_again_and_the_new_answer_takes_its_place(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    before = (model / "answers.yaml").read_text()
    talk(monkeypatch, model, "y", "back", "n it does not")
    (line,) = added(model, before)
    assert line.endswith('{answer: no, because: "it does not"}')


def test_a_terminal_asks_for_the_reason_and_again_after_a_slip(
    monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (model / "answers.yaml").read_text()
    talk(monkeypatch, model, "perhaps", "?", "y", "it \x1b[2J clears", kind=Typed)
    (line,) = added(model, before)
    assert line.endswith('{answer: yes, because: "it \\x1b[2J clears"}')
    said = capsys.readouterr()
    assert said.err.count("yes, no [because …]") == 4
    assert "    applies  when " in said.out
    assert "\x1b[2J" not in said.out + said.err


def test_a_piped_line_that_is_no_answer_ends_the_run_and_what_came_before_stays(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    before = (model / "answers.yaml").read_text()
    with pytest.raises(UsageWrong, match="line 2 of the answers, 'hello', is no answer to questions web"):
        talk(monkeypatch, model, "y", "hello", "n")
    assert len(added(model, before)) == 1


def test_without_anybody_to_answer_nothing_is_asked(model: Path) -> None:
    before = (model / "answers.yaml").read_bytes()
    done = musa("risk", "models/shop", "--ask", cwd=model.parent.parent)
    assert done.returncode == 2
    assert "there is nobody to answer: standard input is closed" in done.stderr
    assert (model / "answers.yaml").read_bytes() == before


def test_what_somebody_writes_meanwhile_stays(model: Path) -> None:
    interview = Interview(begin(model), only="questions")
    file = model / "answers.yaml"
    mine = file.read_text().replace("  orders:\n", "  orders: # looked at again\n    questions: {injection: no}\n")
    file.write_text(mine)
    asked = interview.next()
    assert asked is not None
    assert isinstance(asked.question, ThreatQuestion)
    assert interview.answer(asked, QuestionAnswer(threat=asked.question.threat, yes=True)) is True
    assert "  orders: # looked at again\n" in file.read_text()
    file.write_text(file.read_text() + "# and more\n")
    with pytest.raises(Conflict):
        interview.undo()
    assert file.read_text().endswith("# and more\n")


def test_a_file_that_is_broken_meanwhile_is_told_and_the_answer_is_kept(
    monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = model / "answers.yaml"
    good = file.read_text()

    class Breaking(Typed):
        count = 0

        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
            Breaking.count += 1
            if Breaking.count == 1:
                file.write_text(good + "  broken: [\n")
            if Breaking.count == 2:  # after the finding
                file.write_text(good)
            return super().readline(-1 if size is None else size)

    talk(monkeypatch, model, "y it is so", "", "quit", kind=Breaking)
    assert "answers.yaml:" in capsys.readouterr().err
    assert len(added(model, good)) == 1


def test_an_answer_leaves_the_file_to_whom_it_was_and_links_as_they_are(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    file, real = model / "answers.yaml", model.parent / "kept.yaml"
    file.rename(real)
    real.chmod(0o600)
    file.symlink_to(real)
    talk(monkeypatch, model, "n", "n", "undo", "quit")
    assert file.is_symlink()
    assert (real.stat().st_mode & 0o777, real.read_text().count(": no\n")) == (0o600, 1)


def test_stopped_by_hand_keeps_what_was_answered(
    monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopping(Typed):
        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
            line = super().readline(-1 if size is None else size)
            if line == "stop\n":
                raise KeyboardInterrupt
            return line

    assert talk(monkeypatch, model, "n so", "stop", kind=Stopping) == 130
    assert "1 answer written to models/shop/answers.yaml" in capsys.readouterr().out


def test_where_the_cheapest_set_is_required_its_controls_are_asked_for(model: Path) -> None:
    plain = open_questions(begin(model))
    (model.parent.parent / "musa.yaml").write_text("risk: {require: cover}\n")
    work = begin(model)
    cheapest = open_questions(work)
    assert (cheapest.threats, cheapest.factors) == (plain.threats, plain.factors)
    required = {(each.component, each.control) for each in values.profile(work).required}
    assert {(each.component, each.control) for each in cheapest.controls} <= required
    assert len(cheapest.controls) < len(plain.controls)


def test_a_first_file_begins_with_what_it_is(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    file = model / "answers.yaml"
    file.unlink()
    talk(monkeypatch, model, "n", "undo", "quit")
    assert not file.exists()
    talk(monkeypatch, model, "n")
    assert file.read_text().startswith("# What the model of shop does not say.")


def test_an_answer_that_only_a_person_can_place_is_printed_and_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = model / "answers.yaml"
    text = file.read_text().replace("    questions: # yes", "    questions: &shared # yes") + "  web-too: {questions: *shared}\n"
    cpim = (model / "shop.yaml").read_text()
    (model / "shop.yaml").write_text(
        cpim.replace("    orders:\n", "    web-too: {type: musa.nodes.WebApplication}\n    orders:\n", 1)
    )
    file.write_text(text)
    assert talk(monkeypatch, model, "y", "quit") == 1
    assert file.read_text() == text
    assert "by hand:\n    components:\n      web:\n        questions:\n          " in capsys.readouterr().err
