"""Of millions of findings alike the first ten thousand are kept, and an error among warnings still counts."""

from musa_pipeline.domain.problems import Problems
from musa_pipeline.domain.source import Span


def test_of_very_many_findings_alike_the_first_are_kept_and_the_rest_is_told_once() -> None:
    problems = Problems()
    for line in range(1, 30_001):
        problems.warn("T083", Span("app.yaml", line), f"it lacks {line}")
    problems.report("T083", Span("app.yaml", 1), "this stops the run")
    assert (len(problems), problems.errors) == (10_002, 1)
    assert str(list(problems)[-1]) == (
        "app.yaml:10001:1: warning[T083]: there are more than 10,000 findings of this kind; the others are not told"
    )
    again = Problems()
    again.extend(problems)
    assert list(again) == list(problems)
