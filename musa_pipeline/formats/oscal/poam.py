"""OSCAL plans of action and milestones: what is missing or above the bar, what would mend it, who answers for it until when."""

from collections.abc import Iterator

from musa_pipeline.formats.oscal.assessing import PLAN_OF_SYSTEM, assets
from musa_pipeline.formats.oscal.elements import Plain, document, metadata, prose, some
from musa_pipeline.formats.oscal.findings import finding, observation, unmeasured
from musa_pipeline.formats.oscal.risks import left, over, owners, risks
from musa_pipeline.formats.oscal.system import System


def write_poam(system: System) -> str | None:
    """Return the document; None if there is nothing to act on, for OSCAL has no empty one."""
    failing = [each for each in system.outcomes if not each.promised]
    silent = [unmeasured(system, each) for each in system.composition.gaps if each.metric]
    all_risks = list(risks(system))
    items = [*_of_findings(system), *_of_risks(system, all_risks), *_of_levels(system, silent), *_of_duties(system)]
    if not items:
        return None
    body: Plain = {
        "metadata": metadata(f"Plan of action of {system.name}", system.at, parties=owners(system)),
        "import-ssp": {"href": PLAN_OF_SYSTEM},
        "system-id": {"identifier-type": "https://ietf.org/rfc/rfc4122", "id": system.identity()},
        "local-definitions": {"assessment-assets": assets()},
        **some(
            observations=[*(observation(system, each) for each in failing), *silent],
            risks=all_risks,
            findings=[finding(system, each) for each in failing],
            poam_items=items,
        ),
    }
    return document("plan-of-action-and-milestones", body)


def _of_findings(system: System) -> Iterator[Plain]:
    for outcome in system.outcomes:
        if not outcome.promised:
            found = finding(system, outcome)
            yield {
                "uuid": system.identity("item", outcome.control),
                "title": found["title"],
                "description": "Grant it to every component it applies to, or let somebody answer for it.",
                "related-findings": [{"finding-uuid": found["uuid"]}],
                "related-observations": found["related-observations"],
                "related-risks": found["related-risks"],
            }


def _of_risks(system: System, all_risks: list[Plain]) -> Iterator[Plain]:
    by_uuid = {each["uuid"]: each for each in all_risks}
    for each in over(system):
        risk = by_uuid[left(system, each)]
        yield {
            "uuid": system.identity("item", each.component, each.threat),
            "title": risk["title"],
            "description": risk["description"],
            "related-risks": [{"risk-uuid": risk["uuid"]}],
        }


def _of_levels(system: System, silent: list[Plain]) -> Iterator[Plain]:
    for each in silent:
        yield {
            "uuid": system.identity("item", each["uuid"]),
            "title": each["title"],
            "description": "Let an agent measure it, or promise it no more.",
            "related-observations": [{"observation-uuid": each["uuid"]}],
        }


def _of_duties(system: System) -> Iterator[Plain]:
    for each in system.composition.duties:
        yield {
            "uuid": system.identity("item", "duty", each.component, each.control),
            "title": f"{each.control} is to be configured at {prose(each.offering)} for {prose(each.component)}",
            "description": f"The Security SLA counts on it ({prose(each.source)}).",
        }
