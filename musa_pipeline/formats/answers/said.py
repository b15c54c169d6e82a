"""An answer in either form: the bare value, or a mapping with the value and why."""

from musa_pipeline.domain.problems import Problems
from musa_pipeline.text.expect import form_of, is_nothing, only, text_of
from musa_pipeline.text.yaml import Mapping, Node, Scalar

_BECAUSE = "because"


class Said:
    """What was said: `node` holds the value (None: reported as missing), `because` why."""

    def __init__(self, node: Node, key: str, what: str, problems: Problems) -> None:
        self.node: Node | None = node
        self.because = ""
        if isinstance(node, Mapping):
            only(node, (key, _BECAUSE), what, "Q002", problems)
            self.because = because(node, what, problems)
            self.node = node.get(key)
        if self.node is None or is_nothing(self.node):
            at = self.node.at if self.node else node.at
            problems.report("Q001", at, f"{what} has no {key!r}", help=f"write `{key}: ...`, or only its value")
            self.node = None

    @property
    def form(self) -> str:
        """What was said, in words for a finding."""
        return form_of(self.node) if self.node else "nothing"


def because(node: Mapping, what: str, problems: Problems) -> str:
    """Return the reason that a mapping gives, which must be text."""
    reason = node.get(_BECAUSE)
    if reason is not None and not isinstance(reason, Scalar):
        problems.report("Q001", reason.at, f"the reason of {what} must be text, not {form_of(reason)}")
    return text_of(reason).strip()
