"""What a control of revision 4 is in revision 5, by its withdrawn links, and both its titles."""

import pytest

from musa_pipeline.domain.control import Control, ControlCatalog, Level
from musa_pipeline.domain.ids import ControlId
from musa_pipeline.domain.revision import Change, ControlChange, changes, revision_map, successors
from musa_pipeline.domain.source import Source
from tests.command import musa
from tests.files.test_catalog_files import CATALOGS

R4, R5 = CATALOGS.older[0], CATALOGS.controls


def test_every_control_of_revision_4_leads_to_those_in_force_but_two_of_which_nist_says_no_successor() -> None:
    found = revision_map(R4, R5)
    same = [old for old, new in found.items() if new == (old,)]
    moved = {old: new for old, new in found.items() if new != (old,)}
    assert (len(found), len(same), len(moved)) == (826, 739, 87)
    assert [old for old, new in moved.items() if not new] == ["SA-12", "SC-19"]
    assert moved[ControlId("AC-2(10)")] == ("AC-2",)
    assert all(not CATALOGS.control[each].withdrawn for new in found.values() for each in new)


def test_75_base_controls_have_another_title() -> None:
    retitled = [each for each in changes(R4, R5) if each.change is Change.RETITLED and "(" not in each.control]
    assert len(retitled) == 75
    assert (
        ControlChange(
            control=ControlId("SI-4"), change=Change.RETITLED, before="Information System Monitoring", after="System Monitoring"
        )
        in retitled
    )


@pytest.mark.parametrize(
    "written",
    [
        "SI-4",
        "si_4",
        "System Monitoring",
        "information system monitoring",
        "SI-4 Information System Monitoring",
        "SI-4: System Monitoring",
    ],
)
def test_both_titles_and_every_spelling_are_one_control(written: str) -> None:
    assert CATALOGS.named(written) == ("SI-4",)


def test_a_title_of_several_is_all_of_them_and_a_wrong_pair_is_none() -> None:
    assert len(CATALOGS.named("Policy and Procedures")) > 15
    assert CATALOGS.named("SI-4 Vulnerability Scanning") == ()
    assert CATALOGS.named("Vulnerability Scanning") == ("RA-5",)
    assert CATALOGS.named("") == CATALOGS.named("nothing of the kind") == ()


def control(name: str, title: str = "T", *, level: Level | None = Level.SYSTEM, moved: tuple[str, ...] | None = None) -> Control:
    return Control(
        id=ControlId(name), title=title, level=level, withdrawn=moved is not None, moved_to=tuple(map(ControlId, moved or ()))
    )


def catalog(*controls: Control) -> ControlCatalog:
    return ControlCatalog(id="c", title="", revision="5", version="", source=Source(document="d"), controls=controls)


def test_every_change_is_told_once_and_what_a_catalog_never_says_is_none() -> None:
    before = catalog(control("AC-1"), control("AC-2"), control("AC-3"), control("AC-4", "Old"), control("AC-5", moved=("AC-1",)))
    after = catalog(
        control("AC-1", level=Level.BOTH),
        control("AC-2", moved=("AC-4", "AC-9")),
        control("AC-4", "New"),
        control("AC-5"),
        control("AC-6"),
    )
    assert [(each.change, each.control, each.before, each.after, each.successors) for each in changes(before, after)] == [
        (Change.REMOVED, "AC-3", "T", "", ()),
        (Change.WITHDRAWN, "AC-2", "T", "", ("AC-4",)),
        (Change.RESTORED, "AC-5", "", "T", ()),
        (Change.ADDED, "AC-6", "", "T", ()),
        (Change.LEVEL, "AC-1", "system", "both", ()),
        (Change.RETITLED, "AC-4", "Old", "New", ()),
    ]
    assert changes(before, before) == ()
    assert not any(
        each.change in (Change.LEVEL, Change.BASELINES) for each in changes(catalog(control("AC-1", level=None)), after)
    )


def test_links_in_a_circle_end() -> None:
    known = {
        each.id: each for each in (control("AC-1", moved=("AC-2",)), control("AC-2", moved=("AC-1", "AC-3")), control("AC-3"))
    }
    assert successors(ControlId("AC-1"), known) == ("AC-3",)
    assert successors(ControlId("ZZ-1"), known) == ()


def test_the_title_of_revision_4_is_accepted_and_shown() -> None:
    shown = musa("catalog", "show", "Information System Monitoring")
    assert shown.returncode == 0
    assert "SI-4 System Monitoring" in shown.stdout and "SI-4 Information System Monitoring" in shown.stdout
