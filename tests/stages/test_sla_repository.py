"""The life of an SLA: drafted, offered, agreed, amended, terminated; what was agreed stays, and who tampers with it is told where."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from musa_pipeline.domain.composition import Composition, Gap
from musa_pipeline.domain.decision import Decisions, Term, Waiver
from musa_pipeline.domain.errors import FilesWrong, UsageWrong
from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.signature.keys import Trusted
from musa_pipeline.stages import sla_acts, values
from musa_pipeline.stages.agreement_findings import agreement_findings
from musa_pipeline.stages.document_checks import Against
from musa_pipeline.stages.sign import sign_application
from musa_pipeline.stages.sla import departure, history_of, in_force, sound_history
from musa_pipeline.stages.sla_acts import Said
from musa_pipeline.stages.verify import given
from musa_pipeline.stages.work import Work
from musa_pipeline.workspace.places import find
from tests.command import tree
from tests.formats.signature.desk import NOW
from tests.stages.test_verifying import KEY
from tests.support import ROOT

TODAY = NOW.date()
NEXT_YEAR = TODAY + timedelta(days=365)
SAID = Said(today=TODAY, by=("Jane Doe <jane@example.org>",), until=NEXT_YEAR, with_gaps=True)


@dataclass(frozen=True)
class Derived:
    """What the shop's model gives, with and without a control that somebody answers for."""

    documents: Mapping[str, bytes]
    poorer: Mapping[str, bytes]
    composition: Composition


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Derived:
    work = Work(find(str(ROOT / "models/shop")))
    documents = given(work)
    folder = tmp_path_factory.mktemp("poorer") / "shop"
    shutil.copytree(ROOT / "models/shop", folder)
    model = (folder / "shop.yaml").read_text()
    assert "99.5 %" in model
    (folder / "shop.yaml").write_text(model.replace("99.5 %", "99 %"))
    return Derived(documents, given(Work(find(str(folder)))), values.composition(work))


class Shop:
    """A repository with a shop in it, whose documents are written as a run writes them, and whose gaps somebody answers for."""

    def __init__(self, folder: Path, derived: Derived) -> None:
        self.folder, self.derived = folder, derived
        self.write(derived.documents)

    def write(self, documents: Mapping[str, bytes]) -> None:
        self.documents = documents
        for name, data in documents.items():
            path = self.folder / "sla/shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    @property
    def work(self) -> Work:
        """A new process's work, the model derived in it."""
        work = Work(find(str(ROOT / "models/shop"), str(self.folder)))
        work.set("composition", self.derived.composition)
        work.set("decisions", self.decisions())
        return work

    def decisions(self, last: date = NEXT_YEAR) -> Decisions:
        term = Term(owner="John", reason="later", since=TODAY, expires=last)
        controls = {each.control for each in self.derived.composition.gaps if each.control}
        return Decisions(waivers=tuple(Waiver(component=None, control=each, term=term) for each in sorted(controls)))

    @property
    def against(self) -> Against:
        return Against(now=NOW, trusted=(Trusted(name="desk", key=KEY.public),), application="shop", given=self.documents)

    @property
    def top(self) -> Path:
        return self.folder / "sla/shop/agreements"

    def codes(self) -> list[str]:
        problems = Problems()
        history_of(self.work.place, problems)
        return sorted(each.code for each in problems)

    def states(self, today: date = TODAY) -> list[str]:
        return [str(each.state(today)) for each in sound_history(self.work.place).agreements]


@pytest.fixture
def shop(tmp_path: Path, derived: Derived) -> Shop:
    return Shop(tmp_path, derived)


def test_what_was_agreed_stays_and_an_amendment_says_what_it_changes(shop: Shop) -> None:
    first = sla_acts.agree(shop.work, SAID, shop.against).record
    assert first
    frozen = tree(shop.top / "1")
    assert {name: data for name, data in frozen.items() if name.endswith("xml")} == {
        name: data for name, data in shop.documents.items() if name.endswith("xml") and "slat" not in name
    }
    shop.write(shop.derived.poorer)
    left = departure(shop.work, TODAY)
    assert left
    assert [f"{each.turn}: {each.text}" for each in left.changes] == [
        "broken: the application promises availability at least 98.01 %; it was at least 98.505 %",
        "broken: web promises availability at least 99 %; it was at least 99.5 %",
    ]
    _, parts, number = in_force(shop.work, TODAY)
    assert (number, {slo.bound for each in parts for slo in each.slos if slo.metric == "availability"} >= {99.5}) == (1, True)
    with pytest.raises(UsageWrong, match="agreement 1 of shop stands"):
        sla_acts.agree(shop.work, SAID, shop.against)
    second = sla_acts.amend(shop.work, replace(SAID, until=None, reason="a cheaper provider"), shop.against).record
    assert second
    assert second.supersedes
    sealed = sound_history(shop.work.place).records[0].seal
    assert (second.until, second.previous, second.supersedes.sha256) == (NEXT_YEAR, sealed, first.documents[0].sha256)
    assert second.changes == tuple(f"{each.turn}: {each.text}" for each in left.changes)
    assert (shop.states(), departure(shop.work, TODAY), in_force(shop.work, TODAY)[2]) == (["superseded", "agreed"], None, 2)
    with pytest.raises(UsageWrong, match="nothing is amended"):
        sla_acts.amend(shop.work, replace(SAID, until=None, reason="again"), shop.against)
    assert tree(shop.top / "1") == frozen


def test_an_offer_is_accepted_as_it_was_frozen(shop: Shop) -> None:
    sla_acts.propose(shop.work, SAID, shop.against)
    shop.write(shop.derived.poorer)
    sla_acts.accept(shop.work, 1, Said(today=TODAY + timedelta(days=3), by=("Max",)))
    left = departure(shop.work, TODAY)
    assert left
    assert (shop.states(), left.number, len(left.changes)) == (["agreed"], 1, 2)
    sla_acts.propose(shop.work, replace(SAID, reason="cheaper"), shop.against)
    sla_acts.accept(shop.work, 2, Said(today=TODAY, by=("Max",)))
    assert (shop.states(), shop.states(NEXT_YEAR + timedelta(days=1))) == (["superseded", "agreed"], ["superseded", "expired"])
    sla_acts.terminate(shop.work, None, Said(today=TODAY, by=("Jane",), reason="closing"))
    assert (shop.states(), shop.codes(), in_force(shop.work, TODAY)[2]) == (["superseded", "terminated"], [], 0)


def test_gaps_are_frozen_only_if_each_is_waived_and_the_parties_know(shop: Shop) -> None:
    gaps = [each for each in shop.derived.composition.gaps if each.control]
    unwaived = shop.work
    unwaived.set("decisions", Decisions())
    assert sla_acts.agree(unwaived, SAID, shop.against).gaps == tuple(gaps)
    unaware = sla_acts.agree(shop.work, replace(SAID, with_gaps=False), shop.against)
    assert (unaware.record, unaware.gaps, len(unaware.waived)) == (None, (), len({each.control for each in gaps}))
    late = sla_acts.agree(shop.work, replace(SAID, today=NEXT_YEAR + timedelta(days=1), until=date(2099, 1, 1)), shop.against)
    assert late.gaps == tuple(gaps)
    assert not shop.top.exists()
    done = sla_acts.agree(shop.work, SAID, shop.against).record
    assert done
    assert {each.control: each.gaps for each in done.waived} == Counter(each.control for each in gaps)
    whole = shop.work
    whole.set("composition", replace(shop.derived.composition, gaps=(Gap(component=gaps[0].component, reason="", metric=None),)))
    assert sla_acts.amend(whole, replace(SAID, with_gaps=False, until=date(2099, 1, 1), reason="longer"), shop.against).record


def test_what_does_not_hold_is_not_agreed(shop: Shop) -> None:
    stale = replace(shop.against, given=shop.derived.poorer)
    failed = sla_acts.agree(shop.work, SAID, stale).failed
    assert {each.code for document in failed for check in document.checks for each in check.problems} == {"X016"}
    unsigned = sla_acts.agree(shop.work, SAID, replace(shop.against, required=True)).failed
    assert {each.code for document in unsigned for check in document.checks for each in check.problems} == {"X015"}
    assert not shop.top.exists()


def test_what_somebody_signed_is_frozen_with_its_signature(shop: Shop) -> None:
    sign_application(shop.work, KEY, shop.against)
    sla_acts.agree(shop.work, SAID, replace(shop.against, required=True))
    assert (shop.top / "1/sla.xml").read_bytes() == (shop.folder / "sla/shop/signed/sla.xml").read_bytes()
    assert (shop.codes(), departure(shop.work, TODAY)) == ([], None)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (replace(SAID, until=None), "an SLA needs a last day"),
        (replace(SAID, until=TODAY - timedelta(days=1)), "is before its first"),
        (replace(SAID, since=NEXT_YEAR + timedelta(days=1)), "is before its first"),
    ],
)
def test_an_sla_lasts_from_a_day_to_a_day(shop: Shop, said: Said, sentence: str) -> None:
    with pytest.raises(UsageWrong, match=sentence):
        sla_acts.agree(shop.work, said, shop.against)


def test_what_is_over_is_over(shop: Shop) -> None:
    why = replace(SAID, reason="it is over")
    with pytest.raises(UsageWrong, match="nothing stands or is offered"):
        sla_acts.terminate(shop.work, None, why)
    sla_acts.agree(shop.work, SAID, shop.against)
    with pytest.raises(UsageWrong, match="SLA 1 is agreed already"):
        sla_acts.accept(shop.work, 1, SAID)
    with pytest.raises(UsageWrong, match="there is no SLA 7"):
        sla_acts.terminate(shop.work, 7, why)
    sla_acts.terminate(shop.work, 1, why)
    with pytest.raises(UsageWrong, match="SLA 1 is terminated already"):
        sla_acts.terminate(shop.work, 1, why)
    with pytest.raises(UsageWrong, match="no agreement of shop stands"):
        sla_acts.amend(shop.work, why, shop.against)


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"Jane", b"Jack"))


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda top: edit(top / "1/agreed.yaml"), "R002"),
        (lambda top: (top / "2/agreed.yaml").write_text(""), "R002"),
        (lambda top: shutil.rmtree(top / "1"), "R003"),
        (lambda top: shutil.rmtree(top / "2"), "R003"),
        (lambda top: (top / "2/terminated.yaml").rename(top / "1/terminated.yaml"), "R005"),
        (lambda top: (top / "1/sla.xml").write_bytes((top / "2/sla.xml").read_bytes()), "R004"),
        (lambda top: (top / "1/sla/web.xml").unlink(), "R004"),
        (lambda top: (top / "1/sla/more.xml").write_text("<a/>"), "R006"),
    ],
)
def test_tampering_is_told(shop: Shop, tamper: object, code: str) -> None:
    sla_acts.agree(shop.work, SAID, shop.against)
    shop.write(shop.derived.poorer)
    sla_acts.amend(shop.work, replace(SAID, reason="cheaper"), shop.against)
    sla_acts.terminate(shop.work, None, replace(SAID, reason="over"))
    sla_acts.propose(shop.work, SAID, shop.against)
    assert shop.codes() == []
    tamper(shop.top)  # type: ignore[operator]
    assert code in shop.codes()
    if code != "R006":
        before = tree(shop.top)
        with pytest.raises(FilesWrong):
            sla_acts.agree(shop.work, SAID, shop.against)
        assert tree(shop.top) == before


def test_the_gate_tells_of_broken_promises_and_last_days(shop: Shop) -> None:
    sla_acts.agree(shop.work, SAID, shop.against)

    def found(documents: Mapping[str, bytes], day: date) -> list[tuple[str, list[str]]]:
        made = {f"sla/shop/{name}": data for name, data in documents.items()}
        told = agreement_findings(shop.work, day, made)
        return [(each.problem.code, sorted(map(str, each.measures))) for each in told]

    assert found(shop.derived.documents, TODAY) == []
    assert found(shop.derived.poorer, TODAY) == [("R007", ["broken"])] * 2
    assert found(shop.derived.documents, NEXT_YEAR) == [("R009", ["expiring"])]
    assert found(shop.derived.documents, NEXT_YEAR + timedelta(days=1)) == [("R008", ["expired"])]
    edit(shop.top / "1/agreed.yaml")
    assert found(shop.derived.poorer, TODAY) == [("R002", ["unverified"])]
