"""The words of the policy language: what can start a rule, what can be asked for and with which arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from musa_pipeline.domain.policy import Step

POLICY_KEYS: Final = (
    "id", "title", "on", "when", "on_missing", "do", "else", "then", "limits", "undo", "mode", "lists", "sources",
)  # fmt: skip
RULE_KEYS: Final = ("on", "when", "on_missing", "do", "else", "then")
LIMIT_KEYS: Final = ("per_target", "share_of_graph", "cool_down")

TRIGGERS: Final[Mapping[str, tuple[str, ...]]] = {
    "finding": ("finding", "confidence", "within", "count", "distinct"),
    "verdict": ("verdict", "metric", "within", "count"),
    "incident": ("incident", "metric", "within", "count"),
    "management": ("management", "within", "count"),
    "without": ("without", "for", "within"),
}
"""What a rule can listen to, with the keys that go with it. `without` is silence: a finding that does not come for some time."""

WHICH: Final[Mapping[str, tuple[str, ...]]] = {
    "verdict": ("fulfilled", "at-risk", "violated", "not-determined", "not-applicable"),
    "incident": ("open", "closed"),
}
"""Where only some words make sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Arguments of a step: `main` is the one that can stand alone; kinds are `word`, `time`, `where`, `numbers`, `values`, `text`."""

    main: str
    kinds: Mapping[str, str]
    needed: tuple[str, ...] = ()


STEPS: Final[Mapping[Step, Shape]] = {
    Step.SET_PERIOD: Shape(
        main="input", kinds={"input": "word", "on": "where", "period": "time", "for": "time"}, needed=("period",)
    ),
    Step.LOAD: Shape(
        main="program",
        kinds={"program": "word", "on": "where", "interface": "word", "parameters": "numbers", "period": "time", "for": "time"},
    ),
    Step.UNLOAD: Shape(main="program", kinds={"program": "word", "on": "where", "interface": "word"}),
    Step.DETECT: Shape(main="algorithm", kinds={"algorithm": "word", "on": "where", "for": "time"}),
    Step.BLOCK: Shape(main="source", kinds={"source": "address", "on": "where", "for": "time"}),
    Step.PLAYBOOK: Shape(main="playbook", kinds={"playbook": "word", "on": "where", "variables": "values"}),
    Step.NOTIFY: Shape(
        main="to", kinds={"to": "word", "on": "where", "severity": "severity", "message": "text", "recommend": "text"}
    ),
}
SEVERITIES: Final = ("info", "low", "medium", "high", "critical")

TEST_KEYS: Final = ("test", "policy", "given", "events", "expect", "until")
GIVEN_KEYS: Final = ("lists", "topology", "hosts", "protected", "mode")
LIVES: Final = ("done", "held", "shadowed", "waiting", "failed")
