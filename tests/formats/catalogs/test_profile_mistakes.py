"""Every mistake in a tailoring profile is told at its place, all in one run, with a way out."""

from musa_pipeline.domain.problems import Problems, Severity
from musa_pipeline.formats.catalogs import read_catalogs
from tests.files.test_catalog_files import FILES

BAD = """\
id: bad
title: Bad
based_on: [modrate, ccm-4, worse]
add:
  SC-5: {for: {kind: databse}, because: x}
  SI-99: y
  AC-2(10): withdrawn
remove: {SC-5: too, CM-6: }
minimum: {SI-4: 4}
costs: {ha: 3, haa: 4, SC-8: -1}
sources: [{document: Our handbook}]
"""
WORSE = """\
id: worse
title: Worse
based_on: bad
add: [SC-5]
sources: [{document: Our handbook}]
"""
USED = [path for path in FILES if path.split("/")[1] in ("controls", "kinds", "agents", "crosswalks", "metrics", "threats")]


def test_all_mistakes_of_two_profiles_at_once() -> None:
    problems = Problems()
    files = {path: FILES[path] for path in USED}
    read_catalogs(files | {"catalogs/profiles/bad.yaml": BAD, "catalogs/profiles/worse.yaml": WORSE}, problems)
    told = [(f"{each.at.file[18:-5]}:{each.at.line}", each.code, each.text, each.help) for each in problems]
    assert told == [
        ("bad:3", "C006", "no baseline, framework or profile 'modrate' in the catalogs", "did you mean 'moderate'?"),
        (
            "bad:3",
            "C006",
            "'ccm-4' is a map of clauses, which selects no controls",
            "known: fedramp-high, fedramp-li-saas, fedramp-low, fedramp-moderate, high, low, moderate, privacy, worse",
        ),
        ("bad:3", "C011", "profile 'bad' is based on itself: bad → worse → bad", "base one of them on something else"),
        ("bad:5", "C007", "fact 'kind' is never 'databse'", "did you mean 'database'?"),
        ("bad:6", "C005", "no control 'SI-99' in the catalog in force", "did you mean 'SI-9'?"),
        ("bad:8", "C011", "control 'SC-5' is both added, at line 5, and removed", "keep one of them"),
        ("bad:8", "C001", "say why, beside 'CM-6'", ""),
        ("bad:9", "C003", "the minimum risk of SI-4 is 4, a risk has 1, 3, 5, 7 or 9; 11 is never", "give one of these"),
        ("bad:10", "C005", "no control 'haa' in the catalog in force", "an id of SP 800-53 rev 5, as SC-5 or SC-5(3)"),
        ("bad:10", "C003", "the cost of SC-8 is -1, its scale goes from 0 to 10,000", "give one within it"),
        ("worse:3", "C011", "profile 'worse' is based on itself: worse → bad → worse", "base one of them on something else"),
        ("worse:4", "C001", "'add' must be a mapping of controls to what is said of each", ""),
        ("bad:7", "C010", "control 'AC-2(10)' is withdrawn", "say AC-2 instead"),
    ]
    assert [each.severity for each in problems].count(Severity.WARNING) == 1


def test_a_line_of_a_thousand_profiles_is_read() -> None:
    line = {
        f"catalogs/profiles/p{at}.yaml": f"id: p{at}\ntitle: P\nbased_on: {f'p{at + 1}' if at < 999 else 'low'}\nsources: [{{document: D}}]\n"
        for at in range(1000)
    }
    problems = Problems()
    found = read_catalogs({path: FILES[path] for path in USED if "/threats/" not in path} | line, problems)
    assert len(found.profiles) == 1000
    assert not [each for each in problems if "/profiles/" in each.at.file]
