"""What OSCAL's plan and results of an assessment share: the tool that judges, and which controls it looks at."""

from typing import Final

from musa_pipeline import __version__
from musa_pipeline.formats.oscal.elements import Plain, document, identity, metadata, oscal_id
from musa_pipeline.formats.oscal.system import System

PLAN_OF_SYSTEM: Final = "oscal-ssp.json"
PLAN: Final = "oscal-ap.json"
TOOL: Final = identity("tool")
COMPOSES: Final = "Composes the Security SLAs of components over the graph of the application."


def write_assessment_plan(system: System) -> str:
    """Return the plan: composition examines every required control of every component."""
    body: Plain = {
        "metadata": metadata(f"Assessment plan of {system.name}", system.at),
        "import-ssp": {"href": PLAN_OF_SYSTEM},
        "reviewed-controls": reviewed(system),
        "assessment-subjects": [{"type": "component", "include-all": {}}],
        "assessment-assets": assets(),
    }
    return document("assessment-plan", body)


def assets(tool: str = TOOL, title: str = "musa", does: str = COMPOSES) -> Plain:
    """Return a tool as a component, and as the platform that it runs on."""
    component = {
        "uuid": tool,
        "type": "software",
        "title": title,
        "description": does,
        "props": [{"name": "version", "value": __version__}],
        "status": {"state": "operational"},
    }
    platform = {"uuid": identity("platform", tool), "title": title, "uses-components": [{"component-uuid": tool}]}
    return {"components": [component], "assessment-platforms": [platform]}


def reviewed(system: System) -> Plain:
    """Return the controls that composition decides: all that are required of any component."""
    chosen = [{"control-id": oscal_id(each.control)} for each in system.outcomes]
    selection: Plain = {"include-controls": chosen} if chosen else {"description": "No control is required of any component."}
    return {"control-selections": [selection]}


def origin(tool: str = TOOL) -> Plain:
    """Return the tool as the actor behind a finding."""
    return {"actors": [{"type": "tool", "actor-uuid": tool}]}
