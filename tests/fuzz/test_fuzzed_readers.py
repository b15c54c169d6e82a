"""Whatever is done to a good file, its reader says what is wrong with it, soon, and what it gives is sound."""

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.chance import Drawn, Octets
from tests.fuzz.targets import TARGETS, check, mutant, seed

SECONDS = 5
"""Of one processor, for a file of some kilobytes and for one that aliases blow up to the limit."""
EXAMPLES = {"tosca": 150, "camel": 60, "csar": 80, "xmi": 80, "yaml": 80}


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_themselves_are_read(name: str) -> None:
    target = TARGETS[name]
    for each in target.seeds:
        if name != "csar":
            check(target, seed(each).encode())


@pytest.mark.parametrize("name", TARGETS)
def test_a_changed_file_is_read_or_refused_and_never_crashes(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=EXAMPLES.get(name, 40),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        changed = mutant(target, Drawn(data))
        started = time.process_time()
        check(target, changed)
        assert time.process_time() - started < SECONDS

    run()


@given(st.binary(max_size=40))
@example(b"")
def test_choices_by_octets_end(octets: bytes) -> None:
    assert mutant(TARGETS["tosca"], Octets(octets))
