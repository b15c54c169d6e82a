"""Event-condition-action policies and their tests (docs/formats/policies.md)."""

from musa_pipeline.formats.policies.condition import check_condition
from musa_pipeline.formats.policies.known import NOBODY, Known
from musa_pipeline.formats.policies.read import PolicyFile, read_policy

__all__ = ["NOBODY", "Known", "PolicyFile", "check_condition", "read_policy"]
