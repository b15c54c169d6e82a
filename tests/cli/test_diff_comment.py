"""Laws of the comment on a merge request: whatever changes there are, it fits, counts what it leaves out, and is one text for one set."""

import re
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from musa_pipeline.cli.render.diff_markdown import MARK, MOST_OCTETS, markdown
from musa_pipeline.domain.comparison import Change, Effect, Fact, Standing, Topic, Turn, in_order
from musa_pipeline.domain.ids import ComponentId
from musa_pipeline.domain.risk import Rating
from musa_pipeline.stages.diff import Compared, Comparison

words = st.text(st.characters(codec="utf-8"), max_size=400) | st.sampled_from(
    ["a|b", "</details>", "`", "@all", "\n\n# x", "漢" * 300]
)
facts = st.builds(Fact, name=words, before=words, after=words)
single = st.builds(
    Change,
    topic=st.sampled_from([Topic.PROMISE, Topic.RISK, Topic.MODEL]),
    turn=st.sampled_from([Turn.BROKEN, Turn.MOVED]),
    effect=st.sampled_from(Effect),
    component=st.none() | st.sampled_from(["web", "orders"]).map(ComponentId),
    subject=words | st.sampled_from(["SC-5", "SC-28"]),
    title=words,
    facts=st.lists(facts, max_size=4).map(tuple),
    because=st.lists(words, max_size=3).map(tuple),
)
STANDING = Standing(components=1, required=2, promised=1, gaps=1, risks=1, over=0, worst=Rating.LOW, price=1.0)


def comment(changes: list[Change]) -> str:
    model = Compared(application="shop", file="f", before=STANDING, after=STANDING, changes=in_order(changes))
    return markdown(Comparison(before="main", after="side", commits=("a" * 40, "b" * 40), models=(model,)))


def waived(until: str) -> Change:
    """Return one of two changes that differ in a fact alone."""
    fact = Fact(name="until", before="", after=until)
    return Change(topic=Topic.DECISION, turn=Turn.NEW, effect=Effect.OTHER, component=None, subject="SC-8", facts=(fact,))


@example([waived("2026-12-16"), waived("2026-12-15")], 1, Random(1))
@settings(max_examples=40, deadline=None)
@given(st.lists(single, max_size=6), st.sampled_from([1, 40]), st.randoms())
def test_a_comment_fits_and_counts_what_it_leaves_out_and_order_means_nothing(
    some: list[Change], times: int, chance: Random
) -> None:
    changes = some * times
    text = comment(changes)
    assert len(text.encode("utf-8", "backslashreplace")) <= MOST_OCTETS and text.endswith(f"{MARK}\n")
    lines = text.split("\n")
    rows = [line for line in lines if re.match(r"\| [✗+~-] ", line)]
    cut = re.search(r"^\*([\d,]+) rows? did not fit", text, re.MULTILINE)
    assert len(rows) + (int(cut[1]) if cut else 0) == len(changes)
    assert sum(line.startswith("<details") for line in lines) == lines.count("</details>")
    chance.shuffle(changes)
    assert comment(changes) == text
