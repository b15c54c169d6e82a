"""The section `check`: when `musa check` fails, how long decisions may last, where the known findings are."""

from typing import Final

from musa_pipeline.domain.errors import UsageWrong
from musa_pipeline.domain.gate import Rule, read_rule
from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.settings import CheckSettings
from musa_pipeline.text.expect import form_of, is_nothing, text_of, value_of
from musa_pipeline.text.quantity import read_quantity
from musa_pipeline.text.yaml import Mapping, Node, Scalar, Sequence

CHECK_KEYS: Final = ("fail_on", "longest", "baseline")
_MOST_DAYS: Final = 3_660


def read_check(section: Mapping | None, problems: Problems) -> CheckSettings:
    """Return the section, with defaults for what is not said or cannot be used."""
    default = CheckSettings()
    if section is None:
        return default
    baseline = section.get("baseline")
    if baseline is not None and not isinstance(baseline, Scalar):
        text = f"'check.baseline' must be the name of a file, not {form_of(baseline)}"
        problems.report("D001", baseline.at, text, help="give its path from the repository's root")
    return CheckSettings(
        fail_on=_fail_on(section.get("fail_on"), problems),
        longest=_longest(section.get("longest"), problems),
        baseline=text_of(baseline).strip(),
    )


def _fail_on(node: Node | None, problems: Problems) -> tuple[Rule, ...]:
    """Return the conditions; one alone needs no list, and an empty list lets everything pass."""
    if node is None or is_nothing(node):
        return CheckSettings().fail_on
    found = []
    for each in node.items if isinstance(node, Sequence) else [node]:
        if not text_of(each).strip():
            text = f"a condition of 'check.fail_on' must be a text, not {form_of(each)}"
            problems.report("D001", each.at, text, help="write `fail_on: [missing, risk >= high]`")
            continue
        try:
            found.append(read_rule(text_of(each)))
        except UsageWrong as wrong:
            problems.report("D014", each.at, wrong.text, help=wrong.way_out)
    return tuple(found)


def _longest(node: Node | None, problems: Problems) -> int:
    if node is None or is_nothing(node):
        return CheckSettings().longest
    value = value_of(node)
    days = read_quantity(f"{value} d" if isinstance(value, int) else value, "d")
    if days is not None and 1 <= days <= _MOST_DAYS and not isinstance(value, bool):
        return int(days)
    text = f"'check.longest' cannot be {form_of(node)}"
    problems.report("D006", node.at, text, help=f"write a number of days such as 366 d, {_MOST_DAYS} d at most")
    return CheckSettings().longest
