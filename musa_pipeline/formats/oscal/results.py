"""OSCAL assessment results: what composition found of every required control, every promised level and every risk."""

from musa_pipeline.formats.oscal.assessing import PLAN, assets, reviewed
from musa_pipeline.formats.oscal.elements import Plain, document, metadata, moment, prose, some
from musa_pipeline.formats.oscal.findings import finding, level, observation, unmeasured
from musa_pipeline.formats.oscal.risks import owners, risks
from musa_pipeline.formats.oscal.system import System
from musa_pipeline.formats.oscal.watched import Watched, watched_result


def write_results(system: System, watched: Watched | None = None) -> str:
    """Return the document: the result of this composition, and that of the running platform if somebody gives it."""
    seen = [observation(system, each) for each in system.outcomes]
    seen += [level(system, each) for each in system.composition.slos]
    seen += [unmeasured(system, each) for each in system.composition.gaps if each.metric]
    held = sum(each.promised for each in system.outcomes)
    result: Plain = {
        "uuid": system.identity("result"),
        "title": f"Composition of the Security SLA of {prose(system.name)}",
        "description": f"{held} of {len(system.outcomes)} required controls are promised by the whole application.",
        "start": moment(system.at),
        "end": moment(system.at),
        "local-definitions": {"assessment-assets": assets()},
        "reviewed-controls": reviewed(system),
        **some(observations=seen, risks=risks(system), findings=[finding(system, each) for each in system.outcomes]),
    }
    body: Plain = {
        "metadata": metadata(f"Assessment results of {system.name}", system.at, parties=owners(system)),
        "import-ap": {"href": PLAN},
        "results": [result, *([watched_result(system, watched)] if watched else [])],
    }
    return document("assessment-results", body)
