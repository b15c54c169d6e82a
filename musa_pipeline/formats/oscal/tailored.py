"""An OSCAL profile of what an application must have: the controls that its risks, its model and its policies call for."""

from musa_pipeline.formats.oscal.elements import address_of, document, metadata, oscal_id
from musa_pipeline.formats.oscal.system import System


def write_profile(system: System) -> str:
    """Return the profile: a selection from the catalog in force, with nothing changed."""
    chosen = [{"with-ids": [oscal_id(each) for each in system.controls]}]
    return document(
        "profile",
        {
            "metadata": metadata(f"Controls required of {system.name}", system.at),
            "imports": [{"href": address_of(system.catalogs.controls), "include-controls": chosen}],
            "merge": {"as-is": True},
        },
    )
