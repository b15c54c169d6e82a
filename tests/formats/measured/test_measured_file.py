"""`measured.yaml`: what is written is read again as it was, whatever names tools and people have."""

from dataclasses import replace
from datetime import date

from musa_pipeline.domain.cpim import Component, Cpim
from musa_pipeline.domain.evidence import Account, Bearing, Dossier, Evidence, EvidenceKind
from musa_pipeline.domain.ids import ComponentId, KindId
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.risk import Rating
from musa_pipeline.domain.source import NOWHERE
from musa_pipeline.formats.catalogs import read_catalogs
from musa_pipeline.formats.measured import read_measured, write_measured
from musa_pipeline.workspace.catalogs import catalog_files

CATALOGS = read_catalogs(catalog_files(Problems()), Problems())
WEB = ComponentId("web")
CPIM = Cpim(name="one", language="none", components=(Component(id=WEB, name="web", kind=KindId("web-application"), at=NOWHERE),))
ROW = Evidence(
    component=WEB,
    kind=EvidenceKind.VULNERABILITY,
    severity=Rating.HIGH,
    time=1_772_359_200,
    tool="Finder",
    series="",
    bearing=Bearing(weaknesses=("CWE-89",)),
    ids=("daec3ba4e0b0",),
)
ACCOUNT = Account(tool="Finder", form="SARIF 2.1.0", series="", file="a", time=1_772_359_200, sha256="ab", found=1, kept=1)


def _read(text: str) -> tuple[Dossier, list[str]]:
    problems = Problems()
    return read_measured(text, "measured.yaml", cpim=CPIM, catalogs=CATALOGS, problems=problems), [str(each) for each in problems]


def test_names_of_any_signs_come_back_as_they_were() -> None:
    odd = ("Scan 🙂 \u202e: {x}", "", "no", "a\nb\\", "'\"")
    written = Dossier(
        as_of=date(2026, 3, 2),
        places=((odd[0], WEB),),
        accounts=tuple(sorted((replace(ACCOUNT, tool=each, file=each) for each in odd), key=lambda each: each.tool)),
        evidence=tuple(
            sorted(
                (replace(ROW, tool=each, ids=(f"{number:012x}",)) for number, each in enumerate(odd)), key=lambda each: each.ids
            )
        ),
    )
    assert _read(write_measured(written, "one").decode()) == (written, [])


def test_a_row_that_an_alias_repeats_is_told_as_the_same_finding_twice() -> None:
    row = '&one {kind: failed, severity: low, time: "2026-03-01T10:00:00Z", tool: T, weaknesses: [CWE-89], ids: [a1]}'
    found, said = _read(f"evidence:\n  web:\n    - {row}\n    - *one\n")
    assert len(found.evidence) == 1
    assert [each.partition(": ")[2] for each in said] == ["error[E010]: finding 'a1' is here twice"]


def test_what_people_wrote_above_stays_letter_by_letter() -> None:
    before = "# ours\nmap:\n  192.0.2.7: web   # the old one\n\nas_of: 2026-01-01\nevidence: {}\n"
    found, said = _read(before)
    assert said == []
    after = write_measured(replace(found, as_of=date(2026, 3, 2), evidence=(ROW,)), "one", before).decode()
    assert after.startswith("# ours\nmap:\n  192.0.2.7: web   # the old one\n\nas_of: 2026-03-02\nevidence:\n  web:\n")
    assert _read(after)[0].evidence == (ROW,)
