"""OSCAL, NIST's language for control catalogs and baselines, to facts: ids, titles and relations, none of the prose."""

from musa_pipeline.formats.oscal.controls import import_controls

__all__ = ["import_controls"]
