"""Security requirements of CAMEL: the controls that components are asked to have."""

from typing import Any

from musa_pipeline.domain.cpim import Role, Wanted
from musa_pipeline.formats.camel.draft import Draft, Reading, last_name


def want_controls(reading: Reading) -> None:
    """Ask components for the controls of security requirements.

    In CAMEL 2015.9 one for the application asks all of its components; in CAMEL 2 and 3 requirement sets name it.
    """
    for node in reading.all("SecurityRequirement"):
        drafts = _named(reading, node) if reading.younger else _meant(reading, node)
        for draft in drafts:
            for ref in node.controls:
                name = ref.meant.target.name if ref.meant.target else _absent(reading, ref)
                for control in reading.controls(name, ref.meant.at) if name else ():
                    draft.wanted.setdefault(control, Wanted(control=control, at=ref.meant.at))


def _named(reading: Reading, node: Any) -> list[Draft]:
    """Return the components whose requirement sets name a requirement."""
    found = [draft for draft in reading.drafts.values() if any(each is node for each in draft.asked)]
    if not found:
        text = f"security requirement {node.named.name!r} asks nobody: no requirement set names it"
        reading.problems.warn("K055", reading.at(node), text, help=f"write `security {node.named.name}` in a requirement set")
    return found


def _absent(reading: Reading, ref: Any) -> str:
    """Return the name of a control whose model is not here: its id is all that is needed."""
    return last_name(ref) if reading.names.is_absent(ref.meant) else ""


def _meant(reading: Reading, node: Any) -> list[Draft]:
    if node.component is not None:
        draft = reading.draft(node.component)
        return [draft] if draft else []
    return [each for each in reading.drafts.values() if each.role is Role.COMPONENT]
