"""Security requirements of CAMEL: the controls that components are asked to have."""

from musa_pipeline.domain.cpim import Role
from musa_pipeline.formats.camel.draft import Draft, Reading


def want_controls(reading: Reading) -> None:
    """Ask components for the controls of security requirements; one for the application asks all of its components."""
    for node in reading.all("SecurityRequirement"):
        for draft in _meant(reading, node):
            for ref in node.controls:
                if ref.meant.target:
                    for control in reading.controls(ref.meant.target.name, ref.meant.at):
                        draft.wanted.setdefault(control, ref.meant.at)


def _meant(reading: Reading, node: object) -> list[Draft]:
    component = getattr(node, "component", None)
    if component is not None:
        draft = reading.draft(component)
        return [draft] if draft else []
    return [each for each in reading.drafts.values() if each.role is Role.COMPONENT]
