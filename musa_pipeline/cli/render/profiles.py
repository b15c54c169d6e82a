"""Tailoring profiles as people read them: what they ask together with all that they are based on."""

from musa_pipeline.domain.catalog import Catalogs
from musa_pipeline.domain.condition import ALWAYS, written
from musa_pipeline.domain.ids import ControlId, control_key
from musa_pipeline.domain.profile import Profile
from musa_pipeline.risk.tailor import Tailoring, tailored

_UNASKED = 12


def row(each: Profile) -> list[str]:
    """Return the line of a profile in a list."""
    based = ", ".join(base.id for base in each.based_on)
    return [each.id, f"on {based}" if based else "", f"{len(each.add)} added", f"{len(each.remove)} removed", each.title]


def rows_of(catalogs: Catalogs, each: Profile) -> list[list[str]]:
    """Return what a profile says, line by line; what comes from profiles below says so."""
    whole = tailored(each.id, catalogs)
    rows = [["based on", ", ".join(base.id for base in each.based_on)], *_selected(catalogs, whole)]
    own = {one.at for one in each.add} | {one.at for one in each.remove}
    for control in sorted(whole.add, key=control_key):
        added = whole.add[control]
        where = "" if added.applies == ALWAYS else f" (for {written(added.applies)})"
        rows.append([f"adds {control}", f"{added.because}{where}{_below(added.at in own, str(added.at))}"])
    for control in sorted(whole.remove, key=control_key):
        removed = whole.remove[control]
        rows.append([f"removes {control}", f"{removed.because}{_below(removed.at in own, str(removed.at))}"])
    least, costs = (sorted(each, key=control_key) for each in (whole.minimum, whole.costs))
    rows += [[f"requires {name}", f"from a risk of {whole.minimum[name].value}"] for name in least]
    rows += [[f"cost of {name}", str(whole.costs[name].value)] for name in costs]
    rows.append(["used by", f"risk: {{profile: {each.id}}} in musa.yaml"])
    return rows


def _below(own: bool, at: str) -> str:
    return "" if own else f" ({at})"


def _selected(catalogs: Catalogs, whole: Tailoring) -> list[list[str]]:
    """Return what the bases select: for components, for the organisation, and what no threat ever asks of a component."""
    if whole.selected is None:
        return []
    mine = [each for each in whole.selected if each in catalogs.borne]
    linked = {link.control for threat in catalogs.threats for link in threat.controls}
    unasked = sorted({each for each in mine if each not in linked} - whole.add.keys() - whole.remove.keys(), key=control_key)
    return [
        ["selects", f"{len(whole.selected)} controls: {len(mine)} for components, the others are the organisation's own"],
        ["asked of nobody", f"{len(unasked)} that no threat of the catalogs leads to: {_some(unasked)}" if unasked else ""],
    ]


def _some(controls: list[ControlId]) -> str:
    more = len(controls) - _UNASKED
    return ", ".join(controls[:_UNASKED]) + (f" and {more} more; add them where they are wanted" if more > 0 else "")
