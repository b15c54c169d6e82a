"""Results as JSON: the very file that the stage wrote."""

import json

from musa_pipeline.domain.agreement import Slat
from musa_pipeline.stages import values
from musa_pipeline.stages.work import Work

FILES = {
    "model": "cpim.json",
    "risk": "risk.json",
    "select": "selection.json",
    "compose": "gaps.json",
    "residual": "residual.json",
}


def artefact(work: Work, name: str) -> str:
    """Return the JSON of one stage's result; templates are XML, so theirs is made here."""
    if name == "slat":
        return json.dumps([_slat(each) for each in values.slats(work)], indent=2)
    path = f"{work.place.playbook}/plan.json" if name == "plan" else f"{work.place.sla}/{FILES[name]}"
    return (work.place.out / path).read_text("utf-8").rstrip()


def _slat(each: Slat) -> dict[str, object]:
    return {
        "component": each.component,
        "document": f"slat/{each.component}.xml",
        "controls": [{"id": term.control, "by": term.by, "weight": term.weight, "because": term.because} for term in each.terms],
        "service_levels": [
            {"metric": slo.metric, "operator": slo.operator, "bound": slo.bound, "unit": slo.unit} for slo in each.slos
        ],
    }
