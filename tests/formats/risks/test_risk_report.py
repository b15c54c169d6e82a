"""The report in Markdown: everything in it, worst first, and no name of a model becomes markup."""

import re
from dataclasses import replace

from musa_pipeline.domain.attack import AttackPaths
from musa_pipeline.domain.cpim import Cpim
from musa_pipeline.domain.risk import RiskProfile
from musa_pipeline.formats.graph import graph_of_cpim, mermaid
from musa_pipeline.formats.risks import markdown
from musa_pipeline.risk.paths import attack_paths
from tests.files.test_catalog_files import CATALOGS
from tests.formats.risks.bank import BANK, HOSTILE, assessed, half_granted, renamed


def report(cpim: Cpim, profile: RiskProfile) -> str:
    return markdown(cpim, profile, CATALOGS, paths=attack_paths(cpim, profile), diagram=mermaid(graph_of_cpim(cpim)))


def test_the_report_has_its_parts_in_the_order_in_which_one_reads() -> None:
    profile = assessed()
    text = report(BANK, profile)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "The application",
        "Ways from the internet to data",
        "The worst, and why",
        "All risks",
        "Controls required, worst first",
        "For the organisation",
        "Open questions",
        "How to read this",
    ]
    assert text.startswith(f"# Risks of bank\n\n{len(profile.risks)} risks to 2 components and 1 machine; ")
    assert re.search(r"^1\. \S+ \(likelihood .*, personal data\): internet → `web` \(.*\) → `vault` \(", text, re.MULTILINE)
    scores = [int(each) for each in re.findall(r"^\| `[A-Z]{2}-\d+[^|]*\| (\d) \| \d+ \|", text, re.MULTILINE)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == len({each.control for each in profile.required})


def test_the_matrix_counts_every_risk() -> None:
    profile = assessed()
    table = report(BANK, profile).partition("| impact ↓")[2].partition("\n\n")[0]
    cells = re.findall(r"\*\*(\d+)\*\*", table)
    assert sum(map(int, cells)) == len(profile.risks)


def test_a_factor_that_exposure_moved_says_from_where_and_by_which_way() -> None:
    text = report(BANK, assessed())
    assert re.search(r"^- opportunity \*\*\d → \d\*\*: .*; who has what stands before it has a way to it", text, re.MULTILINE)
    assert "- reachable from the internet: internet → `web` → `vault`" in text


def test_what_is_left_of_a_risk_stands_beside_it() -> None:
    profile = assessed()
    left = half_granted(profile)
    text = markdown(BANK, profile, CATALOGS, paths=AttackPaths(application="bank", paths=()), residual=left)
    assert "| rating | component | threat | likelihood | impact | left | state |" in text
    assert re.search(r"^- left: \S+ by `[A-Z]{2}-", text, re.MULTILINE)


def test_no_name_becomes_markup() -> None:
    """GitHub's own renderer makes no link, picture, mention or element of it; this says why it cannot."""
    cpim = renamed(BANK, HOSTILE)
    profile = assessed(cpim)
    profile = replace(profile, risks=tuple(replace(each, because=HOSTILE) for each in profile.risks))
    text = report(cpim, profile)
    fence = re.search(r"^```mermaid\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert fence and "%%{" not in fence[1]
    bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)|\\[!-/:-@\[-`{-~]|@<!-- -->", "", text.replace(fence[0], ""))
    assert "script" in bare  # the words are there
    links = re.findall(r"\]\(([^)]*)\)", bare)
    assert links and all(
        each.startswith(("https://attack.mitre.org/", "https://cwe.mitre.org/", "https://capec")) for each in links
    )
    assert not re.search(r"<\w|@\w|!\[|https?://evil|www\.", bare)
    rows = [line for line in bare.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in rows} <= {4, 5, 6}
    assert text.isprintable() or all(each.isprintable() or each == "\n" for each in text)


def test_a_model_without_risk_has_a_report_too() -> None:
    empty = RiskProfile(application="bank", risks=(), required=())
    assert report(BANK, empty).startswith("# Risks of bank\n\n0 risks to 2 components and 1 machine; 0 controls required.\n")
